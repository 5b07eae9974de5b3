"""What is decided about work after an error."""

from datetime import timedelta

import pytest

from mirage import config
from mirage.errors import BadEmbedding, Blank
from mirage.index.retries import Fail, TryAgain, decide

_SETTINGS = config.Indexer(max_attempts=3, backoff_base_seconds=2, backoff_cap_seconds=300)


@pytest.mark.parametrize("error", [BadEmbedding("no vector"), ValueError("a defect")])
def test_error_is_tried_again_until_the_attempts_are_used_up(error: Exception) -> None:
    first, second, third = (decide(error, attempts, _SETTINGS) for attempts in range(3))
    assert isinstance(first, TryAgain)
    assert isinstance(second, TryAgain)
    assert isinstance(third, Fail)
    assert timedelta(0) <= first.pause <= timedelta(seconds=2)
    assert timedelta(0) <= second.pause <= timedelta(seconds=4)


def test_final_error_fails_at_once_with_code_and_remedy() -> None:
    decision = decide(Blank("the document holds nothing but space"), 0, _SETTINGS)
    assert isinstance(decision, Fail)
    assert decision.code == "blank"
    assert decision.sentence == f"the document holds nothing but space. {Blank('').remedy()}"


def test_defect_leads_to_the_log() -> None:
    decision = decide(ValueError("a secret of the program"), 2, _SETTINGS)
    assert decision == Fail("internal", "ValueError: see the indexer's log")
