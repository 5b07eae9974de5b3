"""Packages the chart of a commit, and wraps the archive as Helm pushes it."""

import io
import os
import tarfile
from pathlib import Path
from typing import Any

import yaml

from release import layout as oci
from release.errors import Refused
from release.image import annotations
from release.layout import Layout
from release.shell import run
from release.source import CHART, Source

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
IMAGE_DIGEST = "mirage-rag.github.io/image-digest"
"""Annotation of a released chart that names its image; the template of the image reads it."""


def package(context: Path, source: Source, image: str, folder: Path) -> Path:
    """Return the archive of the chart, which names its image by the digest `image`.

    Helm 3 stamps the time into archives; those of Helm 4 are equal for equal files.
    """
    about = context / CHART / "Chart.yaml"
    stat = about.stat()
    text = about.read_text()
    if not text.rstrip().splitlines()[-1].startswith("  artifacthub.io/"):
        raise Refused(f"{CHART}/Chart.yaml has to end with its annotations: move them there")
    about.write_text(f'{text.rstrip()}\n  {IMAGE_DIGEST}: "{image}"\n')
    os.utime(about, (stat.st_atime, stat.st_mtime))
    run("helm4", "package", str(context / CHART), "--destination", str(folder))
    return folder / f"mirage-{source.version}.tgz"


def wrap(archive: Path, source: Source, folder: Path) -> Layout:
    """Return a layout with the chart as one OCI artifact."""
    made = Layout.create(folder)
    metadata = described(archive.read_bytes())
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci.MANIFEST,
        "config": made.add_json(CONFIG, metadata),
        "layers": [made.add(CONTENT, archive.read_bytes())],
        "annotations": {
            "org.opencontainers.image.title": metadata["name"],
            "org.opencontainers.image.description": metadata["description"],
            **annotations(source),
        },
    }
    made.finish(made.add_json(oci.MANIFEST, manifest), source.commit)
    return made


def described(archive: bytes) -> dict[str, Any]:
    """Return the Chart.yaml in an archive; refuse what is no chart."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            content = files.extractfile("mirage/Chart.yaml")
            if content is None:
                raise KeyError
            found: dict[str, Any] = yaml.safe_load(content.read())
    except (tarfile.TarError, OSError, EOFError, KeyError, yaml.YAMLError):
        raise Refused("the archive of the chart is damaged: package or push it again") from None
    return found


def archive_in(pulled: Layout) -> bytes:
    """Return the archive of a chart that was pulled."""
    (manifest,) = pulled.manifests()
    (layer,) = manifest["layers"]
    with pulled.open(layer["digest"]) as content:
        return content.read()


def images(archive: Path) -> list[str]:
    """Return the references of all images that the chart starts by default, sorted."""
    rendered = run("helm4", "template", "mirage", str(archive), "--set", "ollama.pullModel=true")
    found: set[str] = set()
    for manifest in yaml.safe_load_all(rendered):
        _collect(manifest, found)
    return sorted(found)


def _collect(node: Any, found: set[str]) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("image"), str):
            found.add(node["image"])
        for value in node.values():
            _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)
