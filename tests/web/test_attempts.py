"""Wrong keys of one address are slowed; others notice nothing."""

import asyncio

import pytest

from mirage.web.attempts import FREE, Attempts
from mirage.web.errors import TooManyTries


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def _seen_wrong(attempts: Attempts, count: int) -> None:
    for _ in range(count):
        attempts.wrong("10.0.0.1")


async def _enter(attempts: Attempts, address: str) -> None:
    async with attempts.turn(address):
        pass


async def test_ten_wrong_keys_are_free_and_the_next_try_waits() -> None:
    attempts = Attempts(pause_seconds=3600, clock=Clock())
    _seen_wrong(attempts, FREE - 1)
    await asyncio.wait_for(_enter(attempts, "10.0.0.1"), 5)
    _seen_wrong(attempts, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(_enter(attempts, "10.0.0.1"), 0.05)
    await asyncio.wait_for(_enter(attempts, "10.0.0.2"), 5)


async def test_wrong_keys_are_forgotten_after_a_minute() -> None:
    clock = Clock()
    attempts = Attempts(pause_seconds=3600, clock=clock)
    _seen_wrong(attempts, FREE)
    clock.now += 61
    await asyncio.wait_for(_enter(attempts, "10.0.0.1"), 5)


async def test_few_tries_wait_and_more_are_refused() -> None:
    attempts = Attempts(pause_seconds=3600, clock=Clock())
    _seen_wrong(attempts, FREE)
    waiting = [asyncio.create_task(_enter(attempts, "10.0.0.1")) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyTries):
        await _enter(attempts, "10.0.0.1")
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
