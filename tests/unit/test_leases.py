"""The heartbeat of a lease, on a clock that goes as fast as the work allows."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from mirage.errors import DatabaseUnavailable
from mirage.index.leases import heartbeat

LEASE_SECONDS = 60.0


class _SelectorClock(selectors.PollSelector):
    """Where an event loop would wait, its clock is put forward instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.now += timeout or 0.0
        return super().select(0)


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    clock = _SelectorClock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(work())


class _Lease:
    """A claim, and whether another worker could have taken it at any time."""

    def __init__(self) -> None:
        self.until = asyncio.get_running_loop().time() + LEASE_SECONDS
        self.was_free = False
        self.beats: list[float] = []

    def look(self) -> None:
        """Note whether the lease has run out."""
        self.was_free |= asyncio.get_running_loop().time() >= self.until

    async def extend(self) -> None:
        """Extend the lease, as one that was not lost."""
        self.look()
        self.beats.append(asyncio.get_running_loop().time())
        self.until = self.beats[-1] + LEASE_SECONDS


def test_lease_is_extended_every_third_of_it_so_that_no_other_worker_can_claim() -> None:
    async def work() -> None:
        lease = _Lease()
        async with heartbeat(LEASE_SECONDS, lease.extend):
            await asyncio.sleep(10 * LEASE_SECONDS + 1)
        lease.look()
        assert not lease.was_free
        assert lease.beats[:4] == [20.0, 40.0, 60.0, 80.0]

    _run(work)


@pytest.mark.parametrize("error", [DatabaseUnavailable("gone"), RuntimeError("a defect")])
def test_beat_that_fails_loses_no_lease(error: Exception) -> None:
    async def work() -> None:
        lease = _Lease()
        beats = 0

        async def extend() -> None:
            nonlocal beats
            beats += 1
            if beats % 2:
                raise error
            await lease.extend()

        async with heartbeat(LEASE_SECONDS, extend):
            await asyncio.sleep(10 * LEASE_SECONDS)
        lease.look()
        assert not lease.was_free
        assert len(lease.beats) == 14

    _run(work)


def test_heart_stops_with_the_block() -> None:
    async def work() -> None:
        lease = _Lease()
        async with heartbeat(LEASE_SECONDS, lease.extend):
            await asyncio.sleep(LEASE_SECONDS)
        beats = len(lease.beats)
        await asyncio.sleep(10 * LEASE_SECONDS)
        assert len(lease.beats) == beats

    _run(work)
