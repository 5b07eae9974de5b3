"""The API behind a proxy that adds a prefix to all paths, and removes it or not."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from mirage.api import create_app
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder

_JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def prefixed(database: Database, store: VolumeStore) -> AsyncIterator[httpx.AsyncClient]:
    """An API that knows the prefix /mirage."""
    settings = load_settings(
        api={"key": SecretStr("k"), "root_path": "/mirage"}, documents={"path": store.root}
    )
    app = create_app(settings, database=database, store=store, embedder=FakeEmbedder())
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers={"X-API-Key": "k"}
    ) as client:
        yield client


@pytest.mark.parametrize("prefix", ["/mirage", ""])
async def test_prefix_may_stay_in_the_path(prefixed: httpx.AsyncClient, prefix: str) -> None:
    made = await prefixed.post(f"{prefix}/api/v1/projects", json={"name": "p"})
    assert made.status_code == 201
    assert (await prefixed.get(f"{prefix}/api/v1/projects")).json()["projects"][0]["name"] == "p"
    assert (await prefixed.get(f"{prefix}/health/live")).status_code == 200


async def test_upload_works_below_the_prefix(prefixed: httpx.AsyncClient) -> None:
    await prefixed.post("/mirage/api/v1/projects", json={"name": "p"})
    files = {"file": ("a.txt", b"text")}
    sent = await prefixed.post("/mirage/api/v1/projects/p/documents", files=files)
    assert sent.status_code in (201, 202)


async def test_openapi_names_the_prefix(prefixed: httpx.AsyncClient) -> None:
    description = (await prefixed.get("/mirage/openapi.json")).json()
    assert description["servers"] == [{"url": "/mirage"}]


async def test_problems_name_what_is_there(prefixed: httpx.AsyncClient) -> None:
    wrong = await prefixed.put("/mirage/api/v1/projects", headers=_JSON)
    assert wrong.status_code == 405
    assert "POST" in wrong.headers["Allow"]
    slash = await prefixed.get("/mirage/api/v1/projects/")
    assert slash.status_code == 404
    assert "remove the trailing slash" in slash.json()["detail"]


async def test_paths_outside_of_the_prefix_are_unknown(prefixed: httpx.AsyncClient) -> None:
    assert (await prefixed.get("/mirages/api/v1/projects")).status_code == 404
