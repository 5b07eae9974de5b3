"""Slows wrong keys down, so that an attacker cannot try many."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic

from mirage.web.errors import TooManyTries

FREE = 10
"""Wrong keys per minute and address that cost no time."""

_WINDOW_SECONDS = 60.0
_PAUSE_SECONDS = 1.0
# Of one address, at once; more only wait for each other.
_WAITING = 5
# Addresses that are remembered, those with the latest try.
_ADDRESSES = 4096


@dataclass(slots=True)
class _Address:
    wrong: deque[float] = field(default_factory=deque)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Attempts:
    """Counts wrong keys by address."""

    def __init__(
        self, pause_seconds: float = _PAUSE_SECONDS, clock: Callable[[], float] = monotonic
    ) -> None:
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._addresses: OrderedDict[str, _Address] = OrderedDict()

    def wrong(self, address: str) -> None:
        """Note a wrong key."""
        known = self._addresses.setdefault(address, _Address())
        self._addresses.move_to_end(address)
        known.wrong.append(self._clock())
        while len(self._addresses) > _ADDRESSES:
            self._addresses.popitem(last=False)

    @asynccontextmanager
    async def turn(self, address: str) -> AsyncIterator[None]:
        """Wait before the block if there were many wrong keys from this address.

        Then its tries, right ones too, run one after the other. Raises TooManyTries.
        """
        known = self._addresses.get(address)
        if known is None or self._recent(known) < FREE:
            yield
            return
        if known.waiting >= _WAITING:
            raise TooManyTries("there were too many wrong keys from this address")
        known.waiting += 1
        try:
            async with known.turn:
                await asyncio.sleep(self._pause_seconds)
                yield
        finally:
            known.waiting -= 1

    def _recent(self, known: _Address) -> int:
        begin = self._clock() - _WINDOW_SECONDS
        while known.wrong and known.wrong[0] < begin:
            known.wrong.popleft()
        return len(known.wrong)
