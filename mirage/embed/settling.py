"""Decides whether a server's model is stable enough to build an index with it."""

import time
from collections import deque

from mirage.errors import EmbedderUnavailable
from mirage.model import ModelFacts

# Successive looks that must see the same digest.
_LOOKS = 3
# Changes within this time count. Each change after the first doubles the time that a model must
# stay the same, up to 2^5 times. A real change comes alone; servers behind one address alternate.
_MEMORY_SECONDS = 600.0  # guess
_DOUBLINGS = 5
_DIGITS = 12


class Unsettled(EmbedderUnavailable):
    """Wait some seconds; if it persists, load the same model on all servers behind the address."""


class Settling:
    """Remembers since when a server reports the same facts of its model."""

    def __init__(self) -> None:
        self._digest: str | None = None
        self._facts: ModelFacts | None = None
        self._since = 0.0
        self._looks = 0
        self._changes: deque[float] = deque(maxlen=2 + _DOUBLINGS)

    def saw_digest(self, digest: str) -> None:
        """Note a digest that the server has just reported."""
        if digest == self._digest:
            self._looks += 1
        else:
            self._restart(changed=self._digest is not None)
            self._digest = digest

    def saw_facts(self, facts: ModelFacts) -> bool:
        """Note facts that the server has just reported. Return whether they are unchanged."""
        same = facts == self._facts
        if not same:
            known = self._facts is not None and self._facts.digest == facts.digest
            self._restart(changed=known)
            self._facts = facts
        return same

    def require(self, name: str, seconds: float) -> None:
        """Raise Unsettled unless the model has stayed the same for `seconds`.

        The time is longer after several changes.
        """
        now = time.monotonic()
        changes = sum(1 for at in self._changes if now - at < _MEMORY_SECONDS)
        needed = seconds * 2 ** min(max(changes - 1, 0), _DOUBLINGS)
        if self._looks < _LOOKS or now - self._since < needed:
            raise Unsettled(
                f"{name} ({(self._digest or '')[:_DIGITS]}) is new here; an index starts once it"
                f" has stayed the same for {needed:g} s"
            )

    def _restart(self, *, changed: bool) -> None:
        now = time.monotonic()
        self._since = now
        self._looks = 0
        if changed:
            self._changes.append(now)
