"""Records of what a candidate has passed, attached to its chart, which names the image.

`promote` believes these alone: what it copies was tested, by its digest, wherever that was.
"""

from collections.abc import Iterable
from typing import Any

from release import statement
from release.candidate import Candidate
from release.errors import Refused
from release.signing import Signer
from release.steps import Steps

STEPS = ("verify", "rehearse-upgrade")
"""What a candidate has to pass, by the names of their targets."""


def attach(found: Candidate, signer: Signer, step: str, where: str, steps: Steps) -> None:
    """Attach a signed record that the candidate passed a step on a cluster named `where`."""
    predicate = {
        "step": step,
        "where": where,
        "commit": found.commit,
        "version": found.version,
        "image": found.image,
        "results": steps.results(),
    }
    about = statement.about("mirage-chart", found.chart, statement.RECORD, predicate)
    signer.attest(found.place, found.place.chart, found.chart, about)


def demand(found: Candidate, signer: Signer, where: Iterable[str]) -> None:
    """Refuse a candidate that lacks a record of a step on one of the clusters."""
    passed = {
        (each["step"], each["where"])
        for each in _records(found, signer)
        if each["image"] == found.image and all(one["result"] == "ok" for one in each["results"])
    }
    for cluster in where:
        for step in STEPS:
            if (step, cluster) not in passed:
                raise Refused(
                    f"the candidate {found.commit[:12]} has no record of `make {step}` on "
                    f"{cluster}: run it there first"
                )


def _records(found: Candidate, signer: Signer) -> list[dict[str, Any]]:
    statements = signer.statements(found.place, found.place.chart, found.chart, statement.RECORD)
    return [each["predicate"] for each in statements]
