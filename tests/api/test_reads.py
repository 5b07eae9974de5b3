"""A setting that is marked for one program is not read by the other.

The chart restarts only the program that is named by `read_by`, so a wrong mark would leave a change
without effect. Here both programs index and search a document while their reads are noted.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from mirage import config
from mirage.api import create_app
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from mirage.wiring import build_indexer, build_store
from schema.config import groups
from tests.api.conftest import DEADLINE_SECONDS, KEY


def _marked(program: str) -> set[str]:
    """Settings that only this program reads."""
    return {
        f"{group}.{name}"
        for group, kind in groups()
        for name, field in kind.model_fields.items()
        if (isinstance(extra := field.json_schema_extra, dict) and extra.get("read_by") == program)
        or kind.read_by == program
    }


@contextmanager
def _reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Note which settings are read in the block."""
    read: set[str] = set()
    original = config.Group.__getattribute__

    def noting(group: config.Group, name: str) -> object:
        if name in type(group).model_fields:
            read.add(f"{type(group).__name__.lower()}.{name}")
        return original(group, name)

    with monkeypatch.context() as patched:
        patched.setattr(config.Group, "__getattribute__", noting)
        yield read


async def test_marked_settings_are_read_by_their_program_alone(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        api={"key": SecretStr(KEY)}, documents={"path": tmp_path}, indexer={"poll_seconds": 0.05}
    )
    embedder = FakeEmbedder()
    with _reads(monkeypatch) as by_api:
        app = create_app(
            settings, database=database, store=VolumeStore(tmp_path), embedder=embedder
        )
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://test/api/v1",
            headers={"X-API-Key": KEY},
        ) as client:
            build_store(settings)
            await client.post("/projects", json={"name": "p"})
            made = await client.post(
                "/projects/p/documents", files={"file": ("a.txt", b"A lamp on a tower.")}
            )
            assert made.is_success
    with _reads(monkeypatch) as by_indexer:
        store = build_store(settings)
        indexing = asyncio.create_task(build_indexer(settings, database, store, embedder).run())
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await _is_ready(database):
                await asyncio.sleep(0.05)
        indexing.cancel()
        await asyncio.gather(indexing, return_exceptions=True)
    with _reads(monkeypatch) as by_search:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://test/api/v1",
            headers={"X-API-Key": KEY},
        ) as client:
            found = await client.post("/projects/p/search", json={"query": "lamp"})
            assert found.json()["passages"]
    by_api |= by_search
    assert by_api & _marked("indexer") == set()
    assert by_indexer & _marked("api") == set()
    # The marks would be right of settings that nobody reads.
    assert by_api & _marked("api") >= {"documents.max_upload_bytes", "search.candidates"}
    assert by_indexer & _marked("indexer") >= {"documents.orphan_days", "indexer.lease_seconds"}


async def _is_ready(database: Database) -> bool:
    async with database.transaction() as connection:
        rows = await connection.exec_driver_sql("SELECT status FROM document")
        return [row.status for row in rows] == ["ready"]
