"""A proof needs a cluster."""

import pytest

from release import proof
from release.candidate import Candidate
from release.errors import Refused
from release.place import Place
from release.steps import Steps

FOUND = Candidate(Place("localhost:5000/candidates"), "0" * 40, "0.1.0", "sha256:a", "sha256:b")


def test_nothing_is_proven_without_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    sentence = "^KUBECONFIG names no cluster: set it to the file of a cluster for tests$"
    with pytest.raises(Refused, match=sentence):
        proof.verify(FOUND, Steps())
    with pytest.raises(Refused, match=sentence):
        proof.rehearse(FOUND, Steps(), Place("localhost:5000"), "fixture")


def test_refused_step_stands_in_the_table_with_its_sentence() -> None:
    steps = Steps()
    with steps.step("first"):
        pass
    with pytest.raises(Refused), steps.step("second"):
        raise Refused("not now: try again")
    lines = steps.table().splitlines()
    assert lines[0].split() == ["step", "seconds", "result"]
    assert lines[1].endswith("  ok")
    assert lines[2].endswith("  refused: not now: try again")
