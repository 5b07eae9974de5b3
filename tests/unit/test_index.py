"""Steps of a worker that run side by side."""

import asyncio

import pytest

from mirage.errors import DatabaseUnavailable
from mirage.index.embed_worker import side_by_side


async def test_step_that_fails_cancels_the_other_and_not_the_worker() -> None:
    ended = False

    async def fail() -> bool:
        raise DatabaseUnavailable("gone")

    async def wait() -> bool:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True
        return True

    with pytest.raises(DatabaseUnavailable, match="gone"):
        await side_by_side(wait(), fail())
    worker = asyncio.current_task()
    assert worker is not None
    assert (ended, worker.cancelling()) == (True, 0)


async def test_worker_that_is_cancelled_cancels_both_steps() -> None:
    ended = []

    async def wait(number: int) -> bool:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(number)
        return True

    worker = asyncio.create_task(side_by_side(wait(1), wait(2)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    worker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await worker
    assert sorted(ended) == [1, 2]
