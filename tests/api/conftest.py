"""The application over a real database and a real store, with an embedder without weight."""

from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from mirage import config
from mirage.api import create_app
from mirage.db import Database
from mirage.errors import MirageError
from mirage.files import VolumeStore
from mirage.index import Indexer
from mirage.parse import Sandbox
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder

KEY = "the key"

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
        transport=transport, base_url="http://test", headers={"X-API-Key": KEY}
    ) as client:
        yield client


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
    sandbox = Sandbox(timeout_seconds=60, cpu_seconds=30, memory_bytes=512 * 2**20)
    indexer = Indexer(
        database, store, embedder, sandbox, config.Indexer(), config.Chunk(size=40, overlap=10)
    )

    async def run() -> None:
        try:
            while await indexer.parse_next() or await indexer.embed_next():
                pass
        except MirageError as error:
            await indexer.report(error)

    yield run
    await sandbox.aclose()


async def upload(
    client: httpx.AsyncClient, project: str, name: str, content: bytes
) -> httpx.Response:
    """POST a file."""
    return await client.post(f"{project}/documents", files={"file": (name, content)})
