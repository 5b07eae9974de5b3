"""Builds the image of a commit, as an OCI layout with one manifest per platform."""

import json
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from release import layout as oci
from release.errors import Refused
from release.layout import Layout
from release.shell import run
from release.source import REPOSITORY, Source

BASE = "python:3.13-slim"
"""The base image in the Dockerfile."""


@dataclass(frozen=True, slots=True)
class Base:
    """The base image, by digest."""

    name: str
    digest: str


def base() -> Base:
    """Pull the base image, so that its fixes are in the release, and return what came."""
    run("docker", "pull", "--quiet", BASE)
    found: list[str] = json.loads(
        run("docker", "image", "inspect", "--format", "{{json .RepoDigests}}", BASE)
    )
    digests = [each.partition("@")[2] for each in found if "@" in each]
    if not digests:
        raise Refused(f"the base image {BASE} has no digest: pull it from a registry")
    return Base(BASE, digests[0])


def build(
    context: Path, source: Source, on: Base, platforms: Sequence[str], folder: Path
) -> Layout:
    """Build the image on a base for each platform, such as linux/arm64.

    No platform means that of this machine.
    """
    made = Layout.create(folder)
    manifests = [
        _build(made, context, source, on, platform) for platform in platforms or [_own_platform()]
    ]
    index = {
        "schemaVersion": 2,
        "mediaType": oci.INDEX,
        "manifests": manifests,
        "annotations": annotations(source),
    }
    made.finish(made.add_json(oci.INDEX, index), source.commit)
    return made


def annotations(source: Source) -> dict[str, str]:
    """Return what image and chart say about their source, by the names of the OCI."""
    return {
        "org.opencontainers.image.version": source.version,
        "org.opencontainers.image.revision": source.commit,
        "org.opencontainers.image.source": REPOSITORY,
        "org.opencontainers.image.created": datetime.fromtimestamp(source.epoch, UTC).isoformat(),
    }


def _own_platform() -> str:
    return run("docker", "version", "--format", "{{.Server.Os}}/{{.Server.Arch}}").strip()


def _build(made: Layout, context: Path, source: Source, on: Base, platform: str) -> oci.Descriptor:
    tag = f"mirage-candidate:{source.commit[:12]}-{platform.replace('/', '-')}"
    # BuildKit takes the variable for the times in the configuration, the Dockerfile for the files.
    environment = {"SOURCE_DATE_EPOCH": str(source.epoch), "DOCKER_BUILDKIT": "1"}
    run(
        "docker", "build", "--quiet", "--provenance=false", "--platform", platform,
        "--build-arg", f"SOURCE_DATE_EPOCH={source.epoch}",
        "--build-arg", f"VERSION={source.version}", "--build-arg", f"REVISION={source.commit}",
        "--build-arg", f"PYTHON_IMAGE={on.name}@{on.digest}", "--tag", tag, str(context),
        environment=environment,
    )  # fmt: skip
    with tempfile.NamedTemporaryFile(dir=made.folder) as saved:
        run("docker", "save", "--output", saved.name, tag)
        with tarfile.open(saved.name) as archive:
            manifest = _convert(made, archive)
    system, _, architecture = platform.partition("/")
    return {**manifest, "platform": {"os": system, "architecture": architecture}}


def _convert(made: Layout, archive: tarfile.TarFile) -> oci.Descriptor:
    """Add the image that `docker save` wrote; its layers are compressed on the way."""
    (saved,) = json.loads(_read(archive, "manifest.json"))
    config = _read(archive, saved["Config"])
    layers = []
    for name in saved["Layers"]:
        content = archive.extractfile(name)
        if content is None:
            raise Refused(f"docker saved no layer {name}: use Docker 25 or newer")
        packed = content.read(2) == b"\x1f\x8b"
        content.seek(0)
        layers.append(
            made.add(oci.LAYER, content.read()) if packed else made.add_layer(content)
        )  # fmt: skip
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci.MANIFEST,
        "config": made.add(oci.IMAGE_CONFIG, config),
        "layers": layers,
    }
    return made.add_json(oci.MANIFEST, manifest)


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    content = archive.extractfile(name)
    if content is None:
        raise Refused(f"docker saved no {name}: use Docker 25 or newer")
    return content.read()
