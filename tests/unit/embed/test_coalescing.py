import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from mirage.embed.coalescing import Coalescer
from mirage.embed.vectors import Vectors
from mirage.errors import EmbedderUnavailable


class Server:
    """Gives each text its length as a vector once `go` is set; fails where one of them is bad."""

    def __init__(self) -> None:
        self.requests: list[list[str]] = []
        self.ended = 0
        self.go = asyncio.Event()

    async def embed(self, texts: Sequence[str]) -> Vectors:
        self.requests.append(list(texts))
        try:
            await self.go.wait()
        finally:
            self.ended += 1
        if "bad" in texts:
            raise EmbedderUnavailable("the text crashes the model")
        return np.array([[len(text)] for text in texts], np.float32)


async def ask(coalescer: Coalescer, *texts: str) -> list[asyncio.Task[float]]:
    async def one(text: str) -> float:
        return float((await coalescer.vectors([text]))[0, 0])

    tasks = [asyncio.create_task(one(text)) for text in texts]
    await settle()
    return tasks


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_what_comes_during_a_request_goes_together_in_the_next() -> None:
    server = Server()
    coalescer = Coalescer(server.embed)
    tasks = await ask(coalescer, "a")
    tasks += await ask(coalescer, "bb", "ccc")
    assert server.requests == [["a"]]
    server.go.set()
    assert await asyncio.gather(*tasks) == [1, 2, 3]
    assert server.requests == [["a"], ["bb", "ccc"]]
    (later,) = await ask(coalescer, "dddd")
    assert await later == 4


async def test_a_request_has_sixteen_texts_at_most() -> None:
    server = Server()
    tasks = await ask(Coalescer(server.embed), *("x" * length for length in range(1, 21)))
    server.go.set()
    assert await asyncio.gather(*tasks) == list(range(1, 21))
    assert [len(texts) for texts in server.requests] == [16, 4]


async def test_texts_of_one_call_are_a_request_that_no_other_waits_for() -> None:
    server = Server()
    coalescer = Coalescer(server.embed)
    several = asyncio.create_task(coalescer.vectors(["x"] * 20))
    await settle()
    (other,) = await ask(coalescer, "yy")
    assert [len(texts) for texts in server.requests] == [20, 1]
    server.go.set()
    assert (await several)[:, 0].tolist() == [1] * 20
    assert await other == 2


async def test_a_text_that_fails_fails_alone() -> None:
    server = Server()
    server.go.set()
    good, bad, other = await ask(Coalescer(server.embed), "good", "bad", "other")
    assert (await good, await other) == (4, 5)
    with pytest.raises(EmbedderUnavailable, match="crashes"):
        await bad


async def test_nobody_asks_for_those_who_went_away() -> None:
    server = Server()
    coalescer = Coalescer(server.embed)
    (first,) = await ask(coalescer, "first")
    gone, stays = await ask(coalescer, "gone", "stays")
    gone.cancel()
    server.go.set()
    assert (await first, await stays) == (5, 5)
    assert server.requests == [["first"], ["stays"]]


async def test_a_request_ends_when_all_who_wait_went_away() -> None:
    server = Server()
    coalescer = Coalescer(server.embed)
    one, two = await ask(coalescer, "one", "two")
    (three,) = await ask(coalescer, "three")
    one.cancel()
    await settle()
    assert server.ended == 0
    two.cancel()
    await settle()
    assert server.ended == 1
    server.go.set()
    assert await three == 5


async def test_closing_ends_the_request_and_those_who_wait() -> None:
    server = Server()
    coalescer = Coalescer(server.embed)
    tasks = [*await ask(coalescer, "one"), *await ask(coalescer, "two")]
    await coalescer.aclose()
    await settle()
    assert server.ended == 1
    assert all(task.cancelled() for task in tasks)
