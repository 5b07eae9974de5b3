"""Which texts go into one request to an embedder: pure planning, by tokens and measured time."""

from collections import deque
from collections.abc import Sequence

TARGET_SECONDS = 0.5
"""How long one request shall take.

Ollama answers one request after the other: a query sent during a request of 3.4 s was answered
after 3.3 s, so this is also what a search waits at worst, and half of it on average. A request
costs some 10 ms of its own, which is 2 % of this.
"""

_FIRST_TOKENS = 512  # guess: 0.1 s with a small model, 2.3 s with a BERT-large on two cores.
_NEWEST_SHARE = 0.3  # guess: three requests, and a change of speed is mostly known.


class Pace:
    """A moving estimate of the tokens a second, and how many the next request may carry."""

    def __init__(self, max_tokens: int, target_seconds: float = TARGET_SECONDS) -> None:
        self._max_tokens = max_tokens
        self._target_seconds = target_seconds
        self._tokens_per_second: float | None = None

    @property
    def budget(self) -> int:
        """Tokens for the next request, at least one."""
        if self._tokens_per_second is None:
            return min(self._max_tokens, _FIRST_TOKENS)
        return max(1, min(self._max_tokens, int(self._tokens_per_second * self._target_seconds)))

    def record(self, tokens: int, seconds: float) -> None:
        """Learn from a request that was answered."""
        measured = tokens / max(seconds, 1e-3)
        if self._tokens_per_second is None:
            self._tokens_per_second = measured
        else:
            self._tokens_per_second += _NEWEST_SHARE * (measured - self._tokens_per_second)


def by_length(tokens: Sequence[int]) -> deque[int]:
    """Positions of the texts, the longest first; equal ones keep their order.

    Texts of one length side by side need no padding, and the largest request comes first, when
    a lack of memory costs the least work.
    """
    return deque(sorted(range(len(tokens)), key=lambda position: -tokens[position]))


def take(
    waiting: deque[int], tokens: Sequence[int], budget: int, max_texts: int | None = None
) -> list[int]:
    """Remove from `waiting` what makes up the next request: at least one text.

    A text counts as long as the longest beside it, which comes first: what a padded batch costs.
    """
    batch = [waiting.popleft()]
    longest = tokens[batch[0]]
    room = len(waiting) + 1 if max_texts is None else max_texts
    while waiting and len(batch) < room and (len(batch) + 1) * longest <= budget:
        batch.append(waiting.popleft())
    return batch
