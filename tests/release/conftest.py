"""A small release in a registry: real layouts and signatures, with an image of two files.

MIRAGE_TEST_REGISTRY names the registry; without one, or without the tools, these tests are skipped.
"""

import io
import json
import os
import shutil
import subprocess
import tarfile
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from release import chart, layout, sbom, signing, source, statement
from release.image import Base, annotations
from release.layout import Layout
from release.package import Package, installed, write
from release.place import Place
from release.signing import Signer
from release.source import Source

TOOLS = ("git", "helm4", "oras", "cosign")
REGISTRY = os.environ.get("MIRAGE_TEST_REGISTRY", "localhost:5000")
STATUS = "Package: libc6\nStatus: install ok installed\nVersion: 2.41-12\n"
METADATA = "Name: Typing_Extensions\nVersion: 4.15.0\nLicense-Expression: PSF-2.0\n"


@pytest.fixture(scope="session")
def tools() -> None:
    """The tools of a release."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)}: run `make release-tools`")


@pytest.fixture
def place(tools: None) -> Place:
    """A place of the test's own in a real registry."""
    try:
        httpx.get(f"http://{REGISTRY}/v2/", timeout=5).raise_for_status()
    except httpx.HTTPError:
        pytest.skip(f"no registry at {REGISTRY}")
    return Place(f"{REGISTRY}/tests/{uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def signer(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Our key."""
    return made_signer(tmp_path_factory.mktemp("key") / "ours.key")


def made_signer(key: Path) -> Signer:
    """A signer with a new key."""
    signing.make_key(key)
    return Signer(key)


@pytest.fixture(scope="session")
def commit() -> Source:
    """The commit of this tree."""
    return source.at("HEAD")


@pytest.fixture(scope="session")
def built(tools: None, commit: Source, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """A release of the chart of this tree, and of an image with one package of each kind."""
    return make(commit, tmp_path_factory.mktemp("release"), {"typing": METADATA})


@pytest.fixture
def package(built: Package, tmp_path: Path) -> Package:
    """A copy of it for the test alone."""
    return Package(Path(shutil.copytree(built.folder, tmp_path / "release")), built.source)


def make(of: Source, folder: Path, distributions: dict[str, str]) -> Package:
    """Make a release as `package.make` does, but without building the image."""
    context = folder / "source"
    source.export(of, context)
    image = small_image(of, folder / "image", distributions)
    archive = chart.package(context, of, image.digest, folder)
    wrapped = chart.wrap(archive, of, folder / "chart")
    how = statement.provenance(of, Base("base:1", f"sha256:{'0' * 64}"), context, ())
    shutil.rmtree(context)
    made = Package(folder, of)
    bills = {
        "image": sbom.of_image(of, image.digest, installed(image)),
        "chart": sbom.of_chart(of, wrapped.digest, chart.images(archive)),
    }
    write(made, bills, how)
    return made


def small_image(of: Source, folder: Path, distributions: dict[str, str]) -> Layout:
    """An image without programs, with what names packages."""
    made = Layout.create(folder)
    files = {"var/lib/dpkg/status": STATUS} | {
        f"opt/mirage/lib/python3.13/site-packages/{name}.dist-info/METADATA": text
        for name, text in distributions.items()
    }
    config = made.add_json(layout.IMAGE_CONFIG, {"config": {"Env": ["PYTHON_VERSION=3.13.9"]}})
    manifest = {
        "schemaVersion": 2,
        "mediaType": layout.MANIFEST,
        "config": config,
        "layers": [made.add_layer(io.BytesIO(tar(files)))],
        "annotations": annotations(of),
    }
    made.finish(made.add_json(layout.MANIFEST, manifest), of.commit)
    return made


def tar(files: dict[str, str]) -> bytes:
    """A tar archive of texts by path."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return content.getvalue()


def referrers(place: Place, repository: str, digest: str) -> list[str]:
    """Predicate types of what is attached to an artifact."""
    plain = ["--plain-http"] if place.plain_http else []
    done = subprocess.run(
        ["oras", "discover", "--format", "json", *plain, f"{repository}@{digest}"],
        capture_output=True,
        check=True,
        text=True,
    )
    return sorted(
        each.get("annotations", {}).get("dev.sigstore.bundle.predicateType", "")
        for each in json.loads(done.stdout).get("referrers", [])
    )
