"""Whether passages cover the text: over HTTP, and as `mirage documents status` tells it."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from sqlalchemy import text
from typer.testing import CliRunner, Result

from mirage.cli import app
from mirage.db import Database
from tests.api.conftest import KEY, Index, upload

LINES = [f"Line {number} says what the keeper saw that night." for number in range(60)]


@pytest.fixture
async def url(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """The address of the same application on a socket, for the command line."""
    transport = client._transport
    assert isinstance(transport, httpx.ASGITransport)
    listener = socket.create_server(("127.0.0.1", 0))
    settings = uvicorn.Config(transport.app, log_level="error", lifespan="off")
    server = uvicorn.Server(settings)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    await serving
    listener.close()


async def run_status(url: str, *options: str) -> Result:
    arguments = ["documents", "status", "lamps.txt", "-p", "shelf", "--url", url, "--api-key", KEY]
    return await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *options])


async def add(client: httpx.AsyncClient, shelf: str) -> str:
    document = (await upload(client, shelf, "lamps.txt", "\n".join(LINES).encode())).json()
    return f"{shelf}/documents/{document['id']}"


async def lose_a_chunk(database: Database) -> tuple[int, int]:
    """Delete the third chunk; gives the stretch that was in it alone."""
    async with database.transaction() as connection:
        spans = await connection.execute(
            text("SELECT start_offset, end_offset FROM chunk ORDER BY start_offset LIMIT 4")
        )
        _, before, lost, after = spans.all()
        await connection.execute(
            text("DELETE FROM chunk WHERE start_offset = :start"), {"start": lost.start_offset}
        )
    alone = "\n".join(LINES)[before.end_offset : after.start_offset]
    start = before.end_offset + len(alone) - len(alone.lstrip())
    return start, start + len(alone.strip())


async def test_gaps_are_looked_for_when_asked_and_when_there_are_passages(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    path = await add(client, shelf)
    assert (await client.get(path, params={"coverage": True})).json()["gaps"] is None
    await index()
    assert (await client.get(path)).json()["gaps"] is None
    assert (await client.get(path, params={"coverage": True})).json()["gaps"] == []


async def test_lost_chunk_is_a_gap(
    client: httpx.AsyncClient, shelf: str, index: Index, database: Database
) -> None:
    path = await add(client, shelf)
    await index()
    gap = await lose_a_chunk(database)
    assert (await client.get(path, params={"coverage": True})).json()["gaps"] == [list(gap)]


async def test_failed_chunk_is_a_gap(
    client: httpx.AsyncClient, shelf: str, index: Index, database: Database
) -> None:
    path = await add(client, shelf)
    await index()
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE chunk SET status = 'failed'"))
    gaps = (await client.get(path, params={"coverage": True})).json()["gaps"]
    assert gaps == [[0, len("\n".join(LINES))]]


async def test_status_says_that_every_character_is_covered(
    client: httpx.AsyncClient, shelf: str, index: Index, url: str
) -> None:
    await add(client, shelf)
    assert "every character is in a passage" not in (await run_status(url)).output
    await index()
    result = await run_status(url)
    assert "index  complete: every character is in a passage\n" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("options", [[], ["--json"]])
async def test_status_names_the_gap_of_a_lost_chunk_and_fails(
    client: httpx.AsyncClient,
    shelf: str,
    index: Index,
    url: str,
    database: Database,
    options: list[str],
) -> None:
    await add(client, shelf)
    await index()
    start, end = await lose_a_chunk(database)
    result = await run_status(url, *options)
    assert result.exit_code == 1
    named = (
        f"[\n      {start},\n      {end}\n    ]"
        if options
        else f"characters {start}-{end} are missing"
    )
    assert named in result.output
