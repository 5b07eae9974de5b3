"""When work is tried again after an error."""

import random

from mirage import config
from mirage.index.retries import backoff

SETTINGS = config.Indexer(backoff_base_seconds=8, backoff_cap_seconds=100)


def _pauses(attempts: int) -> list[float]:
    random.seed(7)
    return [backoff(SETTINGS, attempts).total_seconds() for _ in range(1000)]


def test_pause_is_anything_up_to_its_ceiling_so_that_indexers_do_not_come_all_at_once() -> None:
    # Of 1,000 even draws the lowest and the highest tenth hold about 100 each.
    pauses = _pauses(attempts=2)
    assert 0 <= min(pauses) <= max(pauses) <= 32
    assert 50 < sum(pause < 3.2 for pause in pauses) < 200
    assert 50 < sum(pause > 28.8 for pause in pauses) < 200


def test_ceiling_doubles_with_each_attempt_up_to_its_cap() -> None:
    ceilings = [max(_pauses(attempts)) for attempts in range(6)]
    assert [round(ceiling) for ceiling in ceilings] == [8, 16, 32, 64, 100, 100]
