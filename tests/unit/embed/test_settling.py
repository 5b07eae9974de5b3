"""How long a model must stay before an index is begun with it."""

from types import SimpleNamespace

import pytest

from mirage.embed import settling
from mirage.embed.settling import Settling, Unsettled


class Watched:
    """A server's model, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.settling = Settling()

    def saw(self, *digests: str) -> None:
        """Look once for each digest."""
        for digest in digests:
            self.settling.saw_digest(digest)

    def needs(self, seconds: float) -> bool:
        """Whether the model must stay for exactly so long, where 10 s are asked for."""
        self.saw(*[self.settling._digest or ""] * 3)
        began = self.now
        try:
            self.now = began + seconds - 0.1
            with pytest.raises(Unsettled, match=f"for {seconds:g} s"):
                self.settling.require("tiny", 10)
            self.now = began + seconds
            self.settling.require("tiny", 10)
        finally:
            self.now = began
        return True


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr(settling, "time", SimpleNamespace(monotonic=lambda: watched.now))
    return watched


def test_model_must_be_the_same_in_three_looks_after_the_first(watched: Watched) -> None:
    watched.saw("a", "a", "a")
    with pytest.raises(Unsettled):
        watched.settling.require("tiny", 0)
    watched.saw("a")
    watched.settling.require("tiny", 0)


def test_first_change_costs_no_more_and_each_further_one_twice_the_time(watched: Watched) -> None:
    watched.saw("a", "b")
    assert watched.needs(10)
    watched.saw("c")
    assert watched.needs(20)
    watched.saw("d")
    assert watched.needs(40)


def test_changes_are_forgotten_after_ten_minutes(watched: Watched) -> None:
    watched.saw("a", "b", "c", "d")
    watched.now += 519
    watched.saw("e")
    assert watched.needs(80)
    watched.now += 600
    watched.saw("f")
    assert watched.needs(10)
