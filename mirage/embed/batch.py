"""Plans which texts go into one request to an embedder, by tokens and measured time."""

from collections import deque
from collections.abc import Sequence

TARGET_SECONDS = 0.5
"""How long one request should take.

Ollama answers requests one at a time: a query sent during a request of 3.4 s was answered after
3.3 s. So this is also the longest wait of a search, and twice the average one. A request has an
overhead of some 10 ms, which is 2 % of this.
"""

_FIRST_TOKENS = 512  # guess: 0.1 s with a small model, 2.3 s with a BERT-large on two cores
_NEWEST_SHARE = 0.3  # guess: after three requests a change of speed is mostly known


class Pace:
    """Estimates the tokens per second, and so how many the next request may carry."""

    def __init__(self, max_tokens: int, target_seconds: float = TARGET_SECONDS) -> None:
        self._max_tokens = max_tokens
        self._target_seconds = target_seconds
        self._tokens_per_second: float | None = None

    @property
    def budget(self) -> int:
        """Return the tokens for the next request, at least one."""
        if self._tokens_per_second is None:
            return min(self._max_tokens, _FIRST_TOKENS)
        return max(1, min(self._max_tokens, int(self._tokens_per_second * self._target_seconds)))

    def record(self, tokens: int, seconds: float) -> None:
        """Update the estimate by an answered request."""
        measured = tokens / max(seconds, 1e-3)
        if self._tokens_per_second is None:
            self._tokens_per_second = measured
        else:
            self._tokens_per_second += _NEWEST_SHARE * (measured - self._tokens_per_second)


def by_length(tokens: Sequence[int]) -> deque[int]:
    """Return the positions of the texts, the longest first; equal ones keep their order.

    Neighbours of similar length need little padding. The largest request comes first, when a lack
    of memory loses the least work.
    """
    return deque(sorted(range(len(tokens)), key=lambda position: -tokens[position]))


def take(
    waiting: deque[int], tokens: Sequence[int], budget: int, max_texts: int | None = None
) -> list[int]:
    """Remove the positions for the next request, at least one, from `waiting` and return them.

    Each text counts as the longest one of the batch, which is the cost of a padded batch.
    """
    batch = [waiting.popleft()]
    longest = tokens[batch[0]]
    room = len(waiting) + 1 if max_texts is None else max_texts
    while waiting and len(batch) < room and (len(batch) + 1) * longest <= budget:
        batch.append(waiting.popleft())
    return batch
