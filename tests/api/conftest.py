"""The application over a real database and a real store, with an embedder without weight."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import text

from mirage import config
from mirage.api import create_app
from mirage.api.http.openapi import PROBLEM_MEDIA_TYPE, find_operation
from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.api.wire import PROBLEM_TYPE_PREFIX
from mirage.db import Database
from mirage.errors import MirageError
from mirage.files import VolumeStore
from mirage.index import Indexer
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder, InProcessParser

KEY = "the key"
DEADLINE_SECONDS = 120.0

Index = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture
def embedder() -> FakeEmbedder:
    """One that a test can make fail."""
    return FakeEmbedder()


@pytest.fixture
async def client(
    database: Database, store: VolumeStore, embedder: FakeEmbedder
) -> AsyncIterator[httpx.AsyncClient]:
    """Carries the key; files of at most 1,000,000 bytes are taken."""
    settings = load_settings(
        api={"key": SecretStr(KEY)}, documents={"path": store.root, "max_upload_bytes": 1_000_000}
    )
    app = create_app(settings, database=database, store=store, embedder=embedder)
    # What nobody foresaw must come out as a 500, not as an exception of the test.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://test",
        headers={"X-API-Key": KEY},
        event_hooks={"response": [partial(_require_documented, app)]},
    ) as client:
        yield client
    await app.state.parts.pages.aclose()


@pytest.fixture
async def address(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """Where the application of `client` serves."""
    app = client._transport.app  # type: ignore[attr-defined]
    server = build_server(app, "127.0.0.1", 0)
    server.config.timeout_graceful_shutdown = None  # A request that does not end holds it up.
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    task.cancel()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await asyncio.gather(task, return_exceptions=True)


async def _require_documented(app: FastAPI, answer: httpx.Response) -> None:
    """Whatever error a test provokes stands in the API's description of that route."""
    if answer.headers.get("content-type") != PROBLEM_MEDIA_TYPE:
        return
    await answer.aread()
    code = answer.json()["type"].removeprefix(PROBLEM_TYPE_PREFIX)
    operation = find_operation(app, answer.request.method, answer.request.url.path)
    if operation is None:
        assert code in {"route-not-found", "method-not-allowed"}
        return
    documented = operation["responses"].get(str(answer.status_code), {}).get("content", {})
    assert code in documented.get(PROBLEM_MEDIA_TYPE, {}).get("examples", {}), (
        f"{answer.request.method} {answer.request.url.path} does not document {code}: "
        "name it in the route's `raises`"
    )


@pytest.fixture
async def shelf(client: httpx.AsyncClient) -> str:
    """The path of a project named `shelf`."""
    made = await client.post("/api/v1/projects", json={"name": "shelf"})
    assert made.status_code == 201
    return "/api/v1/projects/shelf"


@pytest.fixture
async def index(
    database: Database, store: VolumeStore, embedder: FakeEmbedder
) -> AsyncIterator[Index]:
    """Runs an indexer until there is nothing left that it can do now."""
    parser = InProcessParser()
    indexer = Indexer(
        database, store, embedder, parser, config.Indexer(), config.Chunk(size=40, overlap=10)
    )

    async def run() -> None:
        try:
            while (
                await indexer.parse_next()
                or await indexer.embed_next()
                or await indexer.maintain_next()
            ):
                pass
        except MirageError as error:
            await indexer.report(error)

    yield run
    await parser.aclose()


async def upload(
    client: httpx.AsyncClient, project: str, name: str, content: bytes
) -> httpx.Response:
    """POST a file."""
    return await client.post(f"{project}/documents", files={"file": (name, content)})


async def until_somebody_waits(database: Database) -> None:
    """Return once a transaction waits for a lock that another one holds."""
    waiting = text("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            async with database.transaction() as connection:
                if await connection.scalar(waiting):
                    return
            await asyncio.sleep(0.01)
