"""What a release is made of, without a registry."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import chart, contents, layout, source
from release.errors import Refused
from release.layout import Layout
from release.package import Package
from release.source import Source
from tests.release.conftest import METADATA, STATUS, make, tar

SITE = "opt/mirage/lib/python3.13/site-packages"


def _image(folder: Path, *layers: dict[str, str]) -> tuple[Layout, dict[str, Any]]:
    made = Layout.create(folder)
    manifest: dict[str, Any] = {
        "config": made.add_json(layout.IMAGE_CONFIG, {"config": {}}),
        "layers": [made.add_layer(io.BytesIO(tar(files))) for files in layers],
    }
    return made, manifest


def _named(found: list[contents.Package]) -> list[str]:
    return [f"{each.kind} {each.name} {each.version}" for each in found]


def test_two_packages_of_one_commit_are_equal(built: Package, tmp_path: Path) -> None:
    again = make(built.source, tmp_path, {"typing": METADATA})
    assert (again.folder / "SHA256SUMS").read_text() == (built.folder / "SHA256SUMS").read_text()
    assert (again.image.digest, again.chart.digest) == (built.image.digest, built.chart.digest)


@pytest.mark.parametrize("part", ["image", "chart"])
def test_bills_are_valid_cyclonedx(part: str, built: Package) -> None:
    text = (built.folder / f"{part}.cdx.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None


@pytest.mark.parametrize("part", ["image", "chart"])
def test_statements_name_their_part_by_digest(part: str, built: Package) -> None:
    digest = getattr(built, part).digest.removeprefix("sha256:")
    for statement in built.statements(part):
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["subject"] == [{"name": f"mirage-{part}", "digest": {"sha256": digest}}]


def test_provenance_names_commit_base_and_locks(built: Package) -> None:
    provenance = built.statements("image")[1]["predicate"]["buildDefinition"]
    materials = {each["uri"]: each["digest"] for each in provenance["resolvedDependencies"]}
    commit = built.source.commit
    assert materials[f"git+https://github.com/mirage-rag/mirage@{commit}"] == {"gitCommit": commit}
    assert set(materials) >= {"pkg:docker/base:1", "requirements/base.txt"}


def test_chart_in_the_archive_names_the_image(built: Package) -> None:
    archive = built.folder / f"mirage-{built.source.version}.tgz"
    described = chart.described(archive.read_bytes())
    assert described["annotations"][chart.IMAGE_DIGEST] == built.image.digest
    with tarfile.open(archive) as files:
        times = {entry.mtime for entry in files}
    assert times == {built.source.epoch}


def test_later_layers_replace_and_remove_packages(tmp_path: Path) -> None:
    newer = METADATA.replace("4.15.0", "4.16.0")
    gone = {f"{SITE}/gone-1.dist-info/METADATA": "Name: gone\nVersion: 1\n"}
    first = {"var/lib/dpkg/status": STATUS, f"{SITE}/t.dist-info/METADATA": METADATA} | gone
    second = {
        "var/lib/dpkg/status": f"{STATUS}\nPackage: left\nStatus: deinstall ok config-files\n",
        f"{SITE}/t.dist-info/METADATA": newer,
        f"{SITE}/.wh.gone-1.dist-info": "",
    }
    found = contents.packages(*_image(tmp_path / "image", first, second))
    assert _named(found) == ["deb libc6 2.41-12", "pypi typing-extensions 4.16.0"]


def test_emptied_folder_has_no_packages(tmp_path: Path) -> None:
    first = {f"{SITE}/t.dist-info/METADATA": METADATA}
    second = {f"{SITE}/.wh..wh..opq": ""}
    assert contents.packages(*_image(tmp_path / "image", first, second)) == []


def test_damaged_archive_is_refused() -> None:
    for damaged in (b"", b"no archive", tar({"other/Chart.yaml": "name: other"})):
        with pytest.raises(Refused, match="the archive of the chart is damaged"):
            chart.described(damaged)


def test_unknown_revision_is_refused() -> None:
    with pytest.raises(Refused, match=r"^git knows no v99\.0\.0: fetch it, or give another commit"):
        source.at("v99.0.0")


def test_version_is_that_of_chart_and_program(commit: Source) -> None:
    import mirage

    assert commit.version == mirage.__version__
