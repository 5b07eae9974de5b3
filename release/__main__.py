"""Runs one step of a release: `python -m release STEP`, called by the targets of the Makefile."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

from release import (
    announce,
    candidate,
    changelog,
    fixture,
    inspection,
    package,
    promote,
    proof,
    record,
    signing,
    source,
    versions,
)
from release.errors import Refused
from release.place import Place
from release.signing import Signer
from release.steps import Steps, say


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    commit: str
    place: Place
    signer: Signer
    platforms: tuple[str, ...]
    clusters: tuple[str, ...]
    released: Place
    previous: str


def main() -> int:
    """Return 0, or 1 after the sentence that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m release", description=__doc__)
    parser.add_argument("step", choices=sorted(_STEPS))
    parser.add_argument("--commit", default="HEAD", help="commit or tag to release")
    parser.add_argument("--registry", required=True, help="registry and path, without https://")
    parser.add_argument("--key", help="signing key; without it the identity of the workflow signs")
    parser.add_argument("--identity", default="", help="workflow whose signatures count")
    parser.add_argument("--platforms", default="", help="such as linux/amd64,linux/arm64")
    parser.add_argument("--clusters", default="local", help="names of clusters, by commas")
    parser.add_argument("--from", dest="previous", default="fixture", help="release to upgrade")
    given = parser.parse_args()
    asked = Asked(
        given.commit,
        Place(given.registry),
        Signer(Path(given.key).resolve() if given.key else None, given.identity),
        tuple(filter(None, given.platforms.split(","))),
        tuple(given.clusters.split(",")),
        Place(given.registry),
        given.previous,
    )
    try:
        if not (asked.signer.key or asked.signer.identity):
            raise Refused("nobody signs: give SIGNING_KEY, or IDENTITY of the workflow that signs")
        if asked.signer.key and given.step in _SIGNING:
            signing.make_key(asked.signer.key)
        _STEPS[given.step](asked)
    except Refused as error:
        sys.stderr.write(f"ERROR: {error}\n")
        return 1
    return 0


def _package(asked: Asked) -> None:
    made = package.make(asked.commit, asked.platforms)
    say(f"image {made.image.digest}\nchart {made.chart.digest}\nin {os.path.relpath(made.folder)}")


def _candidate(asked: Asked) -> None:
    of = source.at(asked.commit)
    promote.refuse_published(asked.place, of.version)
    made = package.load(package.DIST / of.version)
    if made.source != of:
        raise Refused(f"the package is of commit {made.source.commit}: run `make package` again")
    pushed = candidate.push(made, asked.place, asked.signer)
    for repository, digest in pushed.parts:
        say(f"{repository}@{digest}")


def _inspect(asked: Asked) -> None:
    found = inspection.candidate(asked.place, source.at(asked.commit), asked.signer)
    for repository, digest in found.parts:
        say(f"{repository}@{digest} is signed, described, and built from {found.commit}")


def _verify(asked: Asked) -> None:
    _prove(asked, "verify", proof.verify)


def _rehearse(asked: Asked) -> None:
    def prove(found: candidate.Candidate, steps: Steps) -> None:
        proof.rehearse(found, steps, asked.released, asked.previous)

    _prove(asked, "rehearse-upgrade", prove)


def _prove(asked: Asked, name: str, prove: proof.Prove) -> None:
    steps = Steps()
    with steps.step(f"{name}: what is in the registry"):
        found = inspection.candidate(asked.place, source.at(asked.commit), asked.signer)
    prove(found, steps)
    for cluster in asked.clusters:
        record.attach(found, asked.signer, name, cluster, steps)


def _promote(asked: Asked) -> None:
    of = source.at(asked.commit)
    found = inspection.candidate(asked.place, of, asked.signer)
    promote.promote(found, asked.place, asked.signer, asked.clusters)
    inspection.published(asked.place, of.version, of, asked.signer)
    say(f"{of.version} is published: {asked.place.chart}:{of.version}")


def _announce(asked: Asked) -> None:
    of = source.at(asked.commit)
    announce.announce(inspection.published(asked.place, of.version, of, asked.signer), asked.signer)


def _version_check(asked: Asked) -> None:
    of = source.at(asked.commit)
    versions.check(of.commit, of.version)


def _notes(asked: Asked) -> None:
    before = fixture.FIXTURE if asked.previous == "fixture" else f"v{asked.previous}"
    say(changelog.write(source.commit_of(before), source.commit_of(asked.commit)))


def _rehearsal(asked: Asked) -> None:
    """All steps, with a version that nobody publishes, and what must be refused on the way."""
    of = source.at(asked.commit)
    place = Place(f"{asked.place.registry}/rehearsals/{uuid4().hex[:8]}")
    asked = replace(asked, place=place, commit=of.commit)
    steps = Steps()
    try:
        for name in ("package", "candidate", "verify", "rehearse-upgrade", "promote"):
            with steps.step(name):
                _STEPS[name](asked)
        with steps.step("promote again: refused"):
            _refused(asked, f"{of.version} is published already")
    finally:
        say(steps.table())


def _refused(asked: Asked, reason: str) -> None:
    try:
        _promote(asked)
    except Refused as error:
        if not str(error).startswith(reason):
            raise
    else:
        raise Refused("a published version was published again: this must not be")


_SIGNING = ("candidate", "release-rehearsal")
"""The steps that make a key if there is none; the others verify with it."""
_STEPS: dict[str, Callable[[Asked], None]] = {
    "package": _package,
    "candidate": _candidate,
    "inspect": _inspect,
    "verify": _verify,
    "rehearse-upgrade": _rehearse,
    "promote": _promote,
    "announce": _announce,
    "version-check": _version_check,
    "notes": _notes,
    "release-rehearsal": _rehearsal,
}

if __name__ == "__main__":
    sys.exit(main())
