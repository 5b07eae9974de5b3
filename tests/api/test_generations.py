"""Generations over HTTP: list, build, activate, drop, and what `/health` says of them."""

import httpx
import pytest

from mirage.db import Database
from mirage.errors import EmbedderUnavailable
from mirage.generations import note_another_model
from mirage.testing import FakeEmbedder
from tests.api.conftest import Index, upload

_PATH = "/api/v1/generations"


@pytest.fixture
async def changed(
    client: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> FakeEmbedder:
    """The embedder, whose model was replaced when one document was indexed."""
    await upload(client, shelf, "a.txt", b"The lamps of the tower.")
    await index()
    embedder.digest = "replaced"
    return embedder


async def test_other_model_than_that_of_the_index_is_said(
    database: Database, changed: FakeEmbedder
) -> None:
    note = await note_another_model(database, changed)
    assert note is not None
    assert "The index was made with the model fake" in note
    changed.failure = EmbedderUnavailable("away")
    assert await note_another_model(database, changed) is None


async def test_model_of_the_index_needs_no_words(
    database: Database, client: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> None:
    assert await note_another_model(database, embedder) is None
    await upload(client, shelf, "a.txt", b"The lamps of the tower.")
    await index()
    assert await note_another_model(database, embedder) is None


async def _states(client: httpx.AsyncClient) -> list[tuple[int, str]]:
    found = (await client.get(_PATH)).json()["generations"]
    return [(generation["id"], generation["state"]) for generation in found]


async def test_build_is_begun_shown_and_switched_to(
    client: httpx.AsyncClient, index: Index, changed: FakeEmbedder
) -> None:
    begun = await client.post(_PATH)
    assert begun.status_code == 202
    assert (begun.json()["state"], begun.json()["documents_missing"]) == ("building", 1)
    health = await client.get("/health")
    assert health.status_code == 200
    assert health.json()["components"]["index"] == {
        "state": "building",
        "detail": "generation 2: 0 of 1 documents, 0 of 0 passages",
    }
    public = await client.get("/health", headers={"X-API-Key": ""})
    assert public.json() == {"status": "ok"}
    # The API was started with chunks of another size than the indexer: that is a third one.
    await index()
    assert await _states(client) == [(1, "retired"), (2, "retired"), (3, "active")]
    assert (await client.get("/health")).json() == {"status": "ok"}


async def test_search_says_that_the_model_was_replaced(
    client: httpx.AsyncClient, shelf: str, changed: FakeEmbedder
) -> None:
    answer = (await client.post(f"{shelf}/search", json={"query": "lamps"})).json()
    assert len(answer["passages"]) == 1
    assert "generation 1 was built with fake (fake)" in answer["degraded"]


async def test_activate_and_drop_answer_with_reasons(
    client: httpx.AsyncClient, shelf: str, index: Index, changed: FakeEmbedder
) -> None:
    await index()
    assert await _states(client) == [(1, "retired"), (2, "active")]
    back = await client.post(f"{_PATH}/1/activate")
    assert (back.status_code, back.json()["state"]) == (200, "active")
    refused = await client.delete(f"{_PATH}/1")
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:mirage:problem:generation-in-use",
    )
    await client.post(f"{_PATH}/2/activate")
    await upload(client, shelf, "b.txt", b"More lamps.")
    await index()
    lacking = await client.post(f"{_PATH}/1/activate")
    assert lacking.status_code == 409
    assert lacking.json()["detail"] == "generation 1 lacks 1 of the 2 documents that are served"
    assert (await client.delete(f"{_PATH}/1")).status_code == 202
    await index()
    assert await _states(client) == [(2, "active")]
    missing = await client.post(f"{_PATH}/77/activate")
    assert (missing.status_code, missing.json()["type"]) == (
        404,
        "urn:mirage:problem:generation-not-found",
    )


async def test_settings_that_were_retired_are_said_in_health(
    client: httpx.AsyncClient, index: Index, changed: FakeEmbedder
) -> None:
    await index()
    await client.post(f"{_PATH}/1/activate")
    changed.digest = "fake"
    await index()
    assert (await client.get("/health")).json() == {"status": "ok"}
    changed.digest = "replaced"
    await index()
    health = await client.get("/health")
    assert health.status_code == 503
    assert health.json()["components"]["index"]["state"] == "generation retired"
    assert "not built again unasked" in health.json()["components"]["index"]["detail"]
