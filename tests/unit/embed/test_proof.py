"""How long it is believed that an embedding server works, or does not."""

import asyncio
from types import SimpleNamespace

import pytest

from mirage.embed import proof
from mirage.embed.proof import Proof
from mirage.errors import EmbedderUnavailable


class Server:
    """Is probed, on a clock of its own."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.probes = 0
        self.failure: EmbedderUnavailable | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.proof = Proof(self._probe)

    async def _probe(self) -> None:
        self.probes += 1
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr(proof, "time", SimpleNamespace(monotonic=lambda: server.now))
    return server


async def test_vector_proves_for_a_minute_that_the_server_works(server: Server) -> None:
    server.proof.succeed()
    server.now += 59.9
    await server.proof.require()
    assert server.probes == 0
    server.now += 0.1
    await server.proof.require()
    assert server.probes == 1


async def test_failure_is_believed_for_a_quarter_of_a_minute(server: Server) -> None:
    server.proof.fail(EmbedderUnavailable("it burns"))
    server.now += 14.9
    with pytest.raises(EmbedderUnavailable, match="it burns"):
        await server.proof.require()
    assert server.probes == 0
    server.now += 0.1
    await server.proof.require()
    assert server.probes == 1


async def test_doubt_ends_what_a_vector_proved(server: Server) -> None:
    server.proof.succeed()
    server.proof.doubt()
    await server.proof.require()
    assert server.probes == 1


async def test_failure_of_a_probe_is_remembered(server: Server) -> None:
    server.failure = EmbedderUnavailable("it burns")
    for _ in range(3):
        with pytest.raises(EmbedderUnavailable, match="it burns"):
            await server.proof.require()
    assert server.probes == 1


async def test_server_that_worked_of_late_is_taken_for_a_busy_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "_PATIENCE_SECONDS", 0.01)
    server.may_answer.clear()
    server.proof.succeed()
    server.now += 179.9
    async with asyncio.timeout(20):
        await server.proof.require()
    assert server.probes == 1
    await server.proof.aclose()


@pytest.mark.parametrize("worked_before", [True, False])
async def test_server_that_has_not_worked_for_long_is_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch, worked_before: bool
) -> None:
    monkeypatch.setattr(proof, "_PATIENCE_SECONDS", 0.0)
    server.may_answer.clear()
    server.failure = EmbedderUnavailable("it burns")
    if worked_before:
        server.proof.succeed()
    server.now += 180.0
    asking = asyncio.create_task(server.proof.require())
    while not server.probes:
        await asyncio.sleep(0)
    server.may_answer.set()
    with pytest.raises(EmbedderUnavailable, match="it burns"):
        await asking
