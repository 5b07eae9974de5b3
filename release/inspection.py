"""Verifies a candidate or a release from nothing but the registry."""

import tempfile
from pathlib import Path

from release import chart, registry, sbom, statement
from release.candidate import Candidate
from release.errors import Refused
from release.package import installed
from release.place import Place
from release.signing import Signer
from release.source import Source


def candidate(place: Place, source: Source, signer: Signer) -> Candidate:
    """Return the candidate of a commit, with everything about it verified."""
    here = place.candidate
    image, archive = (
        _digest(here, repository, source.commit, "`make candidate`")
        for repository in (here.image, here.chart)
    )
    found = Candidate(here, source.commit, source.version, image, archive)
    check(found, source, signer)
    return found


def published(place: Place, version: str, commit: Source, signer: Signer) -> Candidate:
    """Return a release by its public name, with everything about it verified."""
    image, archive = (
        _digest(place, repository, version, "`make promote`, or another version")
        for repository in (place.image, place.chart)
    )
    found = Candidate(place, commit.commit, version, image, archive)
    check(found, commit, signer)
    return found


def check(found: Candidate, source: Source, signer: Signer) -> None:
    """Refuse image and chart unless signature, bill, provenance and contents belong together."""
    for repository, digest in found.parts:
        signer.verify(found.place, repository, digest)
        _provenance(found, source, signer, repository, digest)
    with tempfile.TemporaryDirectory() as folder:
        (image, image_digest), (packed, chart_digest) = found.parts
        pulled = registry.pull(found.place, image, image_digest, Path(folder) / "image")
        wrapped = registry.pull(found.place, packed, chart_digest, Path(folder) / "chart")
        archive = Path(folder) / "mirage.tgz"
        archive.write_bytes(chart.archive_in(wrapped))
        _chart(found, chart.described(archive.read_bytes()))
        expected = {
            image: sbom.of_image(source, image_digest, installed(pulled)),
            packed: sbom.of_chart(source, chart_digest, chart.images(archive)),
        }
    for repository, digest in found.parts:
        _bill(found, signer, repository, digest, expected[repository])


def _digest(place: Place, repository: str, tag: str, remedy: str) -> str:
    digest = registry.digest(place, repository, tag)
    if not digest:
        raise Refused(f"{repository}:{tag} is not in the registry: run {remedy}")
    return digest


def _statement(
    found: Candidate, signer: Signer, repository: str, digest: str, kind: str, what: str
) -> statement.Statement:
    """Return the statement of a kind about an artifact; cosign ignores those about others."""
    attached = signer.statements(found.place, repository, digest, kind)
    if not attached:
        raise Refused(
            f"{repository}@{digest} has no signed {what} of its own: run `make candidate` again"
        )
    return attached[-1]


def _provenance(
    found: Candidate, source: Source, signer: Signer, repository: str, digest: str
) -> None:
    predicate = _statement(
        found, signer, repository, digest, statement.PROVENANCE, "provenance"
    )["predicate"]  # fmt: skip
    commit = statement.commit_of(predicate)
    if commit != source.commit:
        raise Refused(
            f"{repository}@{digest} was built from commit {commit or 'unknown'}, not from "
            f"{source.commit}: make a candidate of the commit of the tag"
        )
    version = predicate["buildDefinition"]["externalParameters"].get("version")
    if version != source.version:
        raise Refused(
            f"{repository}@{digest} is version {version}, but its commit has {source.version}: "
            "make a new candidate"
        )


def _bill(
    found: Candidate, signer: Signer, repository: str, digest: str, expected: sbom.Bill
) -> None:
    bill = _statement(found, signer, repository, digest, statement.SBOM, "bill of materials")[
        "predicate"
    ]
    if sbom.subject(bill) != digest or sbom.contents(bill) != sbom.contents(expected):
        missing = sorted(set(sbom.contents(expected)) - set(sbom.contents(bill)))
        lacks = f", and lacks {missing[0]}" if missing else ""
        raise Refused(
            f"the bill of materials of {repository}@{digest} is that of another artifact{lacks}: "
            "run `make package` and `make candidate` again"
        )


def _chart(found: Candidate, described: dict[str, object]) -> None:
    annotations = described.get("annotations")
    named = annotations.get(chart.IMAGE_DIGEST) if isinstance(annotations, dict) else None
    if named != found.image:
        raise Refused(
            f"the chart refers to the image {named or 'without digest'}, but the candidate's is "
            f"{found.image}: make a new candidate"
        )
    if described.get("version") != found.version:
        raise Refused(
            f"the chart has version {described.get('version')}, not {found.version}: make a new "
            "candidate"
        )
