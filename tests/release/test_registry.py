"""Candidates in a real registry: pushed, verified, promoted, and refused with one sentence."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from release import candidate, fixture, inspection, promote, record, registry, sbom, statement
from release.candidate import Candidate
from release.errors import Refused
from release.package import Package, load
from release.place import Place
from release.signing import Signer
from release.source import Source
from release.steps import Steps
from tests.release.conftest import METADATA, made_signer, make, referrers
from tests.release.faulty import faulty_registry

OTHER = METADATA.replace("4.15.0", "4.14.0")


@pytest.fixture
def pushed(package: Package, place: Place, signer: Signer) -> Candidate:
    """A candidate in the registry."""
    return candidate.push(package, place, signer)


def _proven(found: Candidate, signer: Signer, *names: str) -> None:
    steps = Steps()
    with steps.step("a step"):
        pass
    for name in names or record.STEPS:
        record.attach(found, signer, name, "local", steps)


def test_candidate_is_signed_described_and_found_by_its_commit(
    pushed: Candidate, place: Place, signer: Signer, commit: Source
) -> None:
    assert pushed.image == registry.digest(
        place, f"{place.registry}/candidates/mirage", commit.commit
    )
    expected = sorted(["", statement.SBOM, statement.PROVENANCE])  # A signature names no predicate.
    for repository, digest in pushed.parts:
        assert referrers(place, repository, digest) == expected
    assert inspection.candidate(place, commit, signer) == pushed


def test_pushing_a_candidate_again_changes_nothing(
    pushed: Candidate, package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    assert candidate.push(package, place, signer) == pushed
    assert inspection.candidate(place, commit, signer) == pushed


def test_archive_that_changed_after_packaging_is_not_loaded(package: Package) -> None:
    load(package.folder)
    archive = package.folder / f"mirage-{package.source.version}.tgz"
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    with pytest.raises(Refused, match=rf"^{archive.name} was changed after `make package`: run"):
        load(package.folder)


def test_layer_that_changed_after_packaging_is_not_loaded(package: Package) -> None:
    (manifest,) = package.image.manifests()
    blob = package.folder / "image/blobs" / manifest["layers"][0]["digest"].replace(":", "/")
    blob.write_bytes(blob.read_bytes()[:-1] + b"!")
    with pytest.raises(Refused, match=r"^image was changed after `make package`, at blob"):
        load(package.folder)


def test_unsigned_candidate_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    here = place.candidate
    registry.push(here, package.image, here.image, commit.commit)
    registry.push(here, package.chart, here.chart, commit.commit)
    with pytest.raises(Refused, match=r"mirage@sha256:\w+ is not signed: push it with"):
        inspection.candidate(place, commit, signer)


def test_attestations_are_no_signature(
    package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    here = place.candidate
    for layout, repository in ((package.image, here.image), (package.chart, here.chart)):
        registry.push(here, layout, repository, commit.commit)
    for each in package.statements("image"):
        signer.attest(here, here.image, package.image.digest, each)
    with pytest.raises(Refused, match=r"mirage@sha256:\w+ is not signed: push it with"):
        inspection.candidate(place, commit, signer)


def test_candidate_signed_by_somebody_else_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source, tmp_path: Path
) -> None:
    candidate.push(package, place, made_signer(tmp_path / "theirs.key"))
    with pytest.raises(Refused, match=r"is signed by somebody else than the key .*ours\.key: do"):
        inspection.candidate(place, commit, signer)


def test_candidate_of_another_commit_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    for part in ("image", "chart"):
        path = package.folder / f"{part}.provenance.intoto.json"
        path.write_text(path.read_text().replace(commit.commit, "0" * 40))
    candidate.push(package, place, signer)
    with pytest.raises(
        Refused, match=rf"was built from commit {'0' * 40}, not from {commit.commit}"
    ):
        inspection.candidate(place, commit, signer)


@pytest.mark.parametrize("part", ["image", "chart"])
def test_candidate_without_a_bill_is_refused(
    part: str, package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    provenance = package.folder / f"{part}.provenance.intoto.json"
    shutil.copy(provenance, package.folder / f"{part}.sbom.intoto.json")
    candidate.push(package, place, signer)
    with pytest.raises(Refused, match=r"has no signed bill of materials of its own: run"):
        inspection.candidate(place, commit, signer)


def test_bill_of_another_image_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make(commit, tmp_path / "other", {"typing": OTHER})
    shutil.copy(other.folder / "image.sbom.intoto.json", package.folder)
    candidate.push(package, place, signer)
    with pytest.raises(Refused, match=r"has no signed bill of materials of its own: run"):
        inspection.candidate(place, commit, signer)


def test_bill_that_lists_something_else_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source
) -> None:
    path = package.folder / "image.sbom.intoto.json"
    path.write_text(path.read_text().replace("4.15.0", "4.14.0"))
    candidate.push(package, place, signer)
    sentence = r"is that of another artifact, and lacks pkg:pypi/typing-extensions@4\.15\.0: run"
    with pytest.raises(Refused, match=sentence):
        inspection.candidate(place, commit, signer)


def test_chart_of_another_image_is_refused(
    package: Package, place: Place, signer: Signer, commit: Source, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    other = make(commit, tmp_path / "other", {"typing": OTHER})
    for name in ("image", "image.sbom.intoto.json", "image.provenance.intoto.json"):
        gone = package.folder / name
        if gone.is_dir():
            shutil.rmtree(gone)
        (other.folder / name).rename(gone)
    candidate.push(package, place, signer)
    with pytest.raises(Refused, match=r"the chart refers to the image sha256:\w+, but the candid"):
        inspection.candidate(place, commit, signer)


def test_commit_without_a_candidate_is_refused(
    place: Place, signer: Signer, commit: Source
) -> None:
    with pytest.raises(Refused, match=r"candidates/mirage:\w+ is not in the registry: run `make"):
        inspection.candidate(place, commit, signer)


def test_unknown_version_is_refused(place: Place, signer: Signer, commit: Source) -> None:
    with pytest.raises(Refused, match=r"mirage:9\.9\.9 is not in the registry: run `make promote`"):
        inspection.published(place, "9.9.9", commit, signer)


def test_registry_that_is_away(package: Package, signer: Signer) -> None:
    away = Place("localhost:1/tests")
    with pytest.raises(Refused, match=r"^the registry localhost:1 does not answer: check its addr"):
        candidate.push(package, away, signer)


def test_another_build_of_the_same_commit_is_refused(
    pushed: Candidate, place: Place, signer: Signer, commit: Source, tmp_path: Path
) -> None:
    other = make(commit, tmp_path, {"typing": OTHER})
    with pytest.raises(Refused, match=rf"is there with another digest, {pushed.image}: somebody"):
        candidate.push(other, place, signer)


def test_candidate_without_records_is_not_promoted(
    pushed: Candidate, place: Place, signer: Signer
) -> None:
    _proven(pushed, signer, "verify")
    with pytest.raises(Refused, match=r"has no record of `make rehearse-upgrade` on local: run it"):
        promote.promote(pushed, place, signer, ["local"])
    assert registry.digest(place, place.chart, pushed.version) is None


def test_records_of_another_cluster_or_by_another_key_do_not_count(
    pushed: Candidate, place: Place, signer: Signer, tmp_path: Path
) -> None:
    _proven(pushed, made_signer(tmp_path / "theirs.key"))
    with pytest.raises(Refused, match=r"record of `make verify` on local"):
        promote.promote(pushed, place, signer, ["local"])
    _proven(pushed, signer)
    with pytest.raises(Refused, match=r"record of `make verify` on kind"):
        promote.promote(pushed, place, signer, ["local", "kind"])


def test_promoted_release_is_the_candidate_with_all_that_is_attached(
    pushed: Candidate, place: Place, signer: Signer, commit: Source
) -> None:
    _proven(pushed, signer)
    promote.promote(pushed, place, signer, ["local"])
    found = inspection.published(place, pushed.version, commit, signer)
    assert (found.image, found.chart) == (pushed.image, pushed.chart)
    assert registry.digest(place, place.image, "latest") == pushed.image
    assert statement.RECORD in referrers(place, place.chart, found.chart)


def test_published_version_is_refused(pushed: Candidate, place: Place, signer: Signer) -> None:
    _proven(pushed, signer)
    promote.promote(pushed, place, signer, ["local"])
    sentence = rf"^{re.escape(pushed.version)} is published already, and a published version never"
    with pytest.raises(Refused, match=sentence):
        promote.promote(pushed, place, signer, ["local"])


def test_half_a_promotion_is_finished_by_the_next(
    pushed: Candidate, place: Place, signer: Signer
) -> None:
    _proven(pushed, signer)
    registry.copy(place, pushed.place.image, pushed.image, place.image, pushed.version)
    promote.promote(pushed, place, signer, ["local"])
    assert registry.digest(place, place.chart, pushed.version) == pushed.chart


def test_image_of_that_version_from_elsewhere_is_never_replaced(
    pushed: Candidate, package: Package, place: Place, signer: Signer
) -> None:
    _proven(pushed, signer)
    registry.push(place, package.chart, place.image, pushed.version)
    with pytest.raises(Refused, match=rf"is there with another digest, {pushed.chart}: raise the"):
        promote.promote(pushed, place, signer, ["local"])
    assert registry.digest(place, place.chart, pushed.version) is None


def test_helm_installs_the_chart_of_a_candidate_by_digest(pushed: Candidate) -> None:
    rendered = subprocess.run(
        ["helm4", "template", "mirage", f"oci://{pushed.place.chart}@{pushed.chart}",
         "--plain-http"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    images = set(re.findall(r'image: "(ghcr\.io/[^"]+)"', rendered))
    assert images == {f"ghcr.io/mirage-rag/mirage:{pushed.version}@{pushed.image}"}


def test_bills_of_a_release_are_those_of_its_parts(built: Package) -> None:
    image = json.loads((built.folder / "image.cdx.json").read_text())
    chart = json.loads((built.folder / "chart.cdx.json").read_text())
    assert sbom.contents(image) == [
        "pkg:deb/debian/libc6@2.41-12",
        "pkg:generic/python@3.13.9",
        "pkg:pypi/typing-extensions@4.15.0",
    ]
    assert sbom.subject(image) == built.image.digest
    assert [each["name"] for each in chart["components"]] == [
        "docker.io/ollama/ollama",
        "docker.io/pgvector/pgvector",
        "ghcr.io/mirage-rag/mirage",
    ]


def test_archive_that_the_registry_changed_is_refused(package: Package, tmp_path: Path) -> None:
    digest = package.chart.digest
    with (
        faulty_registry(package.chart, lambda content: b"?" + content[1:]) as place,
        pytest.raises(Refused, match=r"was changed after it was pushed: what the registry sends"),
    ):
        registry.pull(place, place.chart, digest, tmp_path / "pulled")
    with faulty_registry(package.chart, lambda content: content) as place:
        assert registry.pull(place, place.chart, digest, tmp_path / "again").digest == digest


def test_registry_that_loses_the_connection_half_way(package: Package, tmp_path: Path) -> None:
    with (
        faulty_registry(package.chart, lambda content: content[: len(content) // 2]) as place,
        pytest.raises(Refused, match=r"the registry 127\.0\.0\.1:\d+ does not answer: check its"),
    ):
        registry.pull(place, place.chart, package.chart.digest, tmp_path / "pulled")


def test_unknown_release_to_upgrade_from_is_refused(place: Place) -> None:
    with pytest.raises(
        Refused, match=r"charts/mirage has no version 9\.9\.9: give a published one"
    ):
        fixture.find(place, "9.9.9")


def test_published_release_to_upgrade_from_is_found_by_digest(
    pushed: Candidate, place: Place, signer: Signer
) -> None:
    _proven(pushed, signer)
    promote.promote(pushed, place, signer, ["local"])
    found = fixture.find(place, pushed.version)
    assert found.chart == f"oci://{place.chart}@{pushed.chart}"
    assert found.repository == place.image.removeprefix(f"{place.host}/")
