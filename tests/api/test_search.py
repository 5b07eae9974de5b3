"""Search over the wire."""

import asyncio

import httpx
import pytest

from mirage.errors import (
    BadEmbedding,
    EmbedderUnavailable,
    GenerationMismatch,
    MirageError,
    ModelMissing,
)
from mirage.testing import FakeEmbedder
from tests.api.conftest import DEADLINE_SECONDS, Index, upload

MARKDOWN = b"""Before all headings.

# Lamps

The keeper lit the lamp at dusk, and put it out when the sun had risen over the water again, and
in between he climbed the stairs every second hour to trim the wick and to polish the glass.

## Oil

Whale oil burned best of all, so every winter the tenders brought forty barrels of it.
"""


@pytest.fixture
async def ready(client: httpx.AsyncClient, shelf: str, index: Index) -> str:
    """A project with an indexed document."""
    await upload(client, shelf, "lamps.md", MARKDOWN)
    await upload(client, shelf, "soup.txt", b"Boil the soup for an hour.\n")
    await index()
    return shelf


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
async def test_passage_carries_its_citation(
    client: httpx.AsyncClient, ready: str, mode: str
) -> None:
    body = {"query": "whale oil burned best", "mode": mode}
    answer = (await client.post(f"{ready}/search", json=body)).json()
    best = answer["passages"][0]
    assert best["document"]["name"] == "lamps.md"
    assert best["heading_path"] == ["Lamps", "Oil"]
    assert best["line"] == 8
    assert "Whale oil burned best" in best["text"]
    assert best["end"] - best["start"] == len(best["text"])
    assert (answer["mode"], answer["degraded"]) == (mode, None)


async def test_hybrid_search_answers_by_words_while_the_embedder_is_away(
    client: httpx.AsyncClient, ready: str, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("Ollama does not answer")
    answer = await client.post(f"{ready}/search", json={"query": "whale oil"})
    assert answer.status_code == 200
    assert answer.json()["degraded"] == "searched by words only: Ollama does not answer"
    assert "Whale oil" in answer.json()["passages"][0]["text"]
    dense = await client.post(f"{ready}/search", json={"query": "whale oil", "mode": "dense"})
    assert dense.status_code == 503
    assert dense.json()["type"] == "urn:mirage:problem:embedder-unavailable"


async def test_embedder_that_is_away_is_waited_for_once(
    client: httpx.AsyncClient, ready: str, embedder: FakeEmbedder
) -> None:
    asking = asyncio.Barrier(2)  # Of the vector and of the tokenizer for the context.

    async def drop_packets() -> None:
        await asking.wait()
        raise EmbedderUnavailable("Ollama accepted no connection in 1.5 seconds")

    embedder.check = drop_packets  # type: ignore[method-assign]
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await client.post(f"{ready}/search", json={"query": "whale oil", "context": 50})
    assert answer.status_code == 200, answer.text
    assert answer.json()["degraded"] == (
        "searched by words only: Ollama accepted no connection in 1.5 seconds"
    )


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (BadEmbedding("a vector of zeros"), 502, "bad-embedding"),
        (EmbedderUnavailable("answers that cannot be used"), 503, "embedder-unavailable"),
        (ModelMissing("no such model"), 503, "model-missing"),
        (GenerationMismatch("another model"), 503, "generation-mismatch"),
    ],
)
async def test_any_fault_of_the_embedder_costs_its_leg_alone(
    client: httpx.AsyncClient,
    ready: str,
    embedder: FakeEmbedder,
    error: MirageError,
    status: int,
    code: str,
) -> None:
    embedder.failure = error
    body = {"query": "whale oil", "context": 20}
    answer = await client.post(f"{ready}/search", json=body)
    assert answer.status_code == 200
    assert answer.json()["degraded"] == f"searched by words only: {error}"
    assert "Whale oil" in answer.json()["passages"][0]["text"]
    for refused in ({"mode": "dense"}, {"threshold": 0.5}):
        answer = await client.post(f"{ready}/search", json=body | refused)
        assert answer.status_code == status
        assert answer.json()["type"] == f"urn:mirage:problem:{code}"


async def test_threshold_leaves_out_what_is_far(client: httpx.AsyncClient, ready: str) -> None:
    body = {"query": "boil the soup", "threshold": 0.5}
    answer = (await client.post(f"{ready}/search", json=body)).json()
    assert [passage["document"]["name"] for passage in answer["passages"]] == ["soup.txt"]


async def test_project_without_documents_has_no_passages(
    client: httpx.AsyncClient, shelf: str
) -> None:
    answer = await client.post(f"{shelf}/search", json={"query": "anything"})
    assert (answer.status_code, answer.json()["passages"]) == (200, [])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": ""}, "invalid-request"),
        ({}, "invalid-request"),
        ({"query": "x" * 100_000}, "invalid-request"),
        ({"query": "lamp\x00"}, "invalid-request"),
        ({"query": " \t\n\u00a0\u3000"}, "invalid-request"),
        ({"query": "\x01\x1f\x7f\u200b\ufeff"}, "invalid-request"),
        ({"query": "lamp", "limit": 0}, "invalid-request"),
        ({"query": "lamp", "limit": 101}, "invalid-request"),
        ({"query": "lamp", "mode": "magic"}, "invalid-request"),
        ({"query": "lamp", "threshold": 2}, "invalid-request"),
        ({"query": "lamp", "threshold": 0.5, "mode": "lexical"}, "invalid-request"),
        ({"query": "lamp", "limt": 3}, "unknown-field"),
    ],
)
async def test_bad_question_is_refused_with_a_sentence(
    client: httpx.AsyncClient, shelf: str, body: dict[str, object], code: str
) -> None:
    answer = await client.post(f"{shelf}/search", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:mirage:problem:{code}"


@pytest.mark.parametrize(
    ("options", "windows"),
    [
        ({}, 2),
        ({"mode": "dense"}, 2),
        ({"threshold": 0.5}, 2),
        ({"mode": "lexical"}, None),
    ],
)
async def test_question_may_be_longer_than_the_model_takes(
    client: httpx.AsyncClient, ready: str, options: dict[str, object], windows: int | None
) -> None:
    query = "The keeper lit the lamp at dusk, and put it out when the sun had risen. " * 40
    body = {"query": query, "explain": True, **options}
    answer = (await client.post(f"{ready}/search", json=body)).json()
    assert answer["passages"][0]["document"]["name"] == "lamps.md"
    assert answer["degraded"] is None
    assert answer["explain"]["query_windows"] == windows


@pytest.mark.parametrize("query", ["x" * 8192, "lamp " * 1638, "灯" * 8192])
async def test_longest_question_is_answered_in_each_mode(
    client: httpx.AsyncClient, ready: str, query: str
) -> None:
    for mode in ("hybrid", "dense", "lexical"):
        answer = await client.post(f"{ready}/search", json={"query": query, "mode": mode})
        assert (answer.status_code, answer.json()["degraded"]) == (200, None)
    refused = await client.post(f"{ready}/search", json={"query": query + "y" * 8192})
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:mirage:problem:invalid-request"


async def test_model_that_takes_no_window_costs_only_the_search_by_meaning(
    client: httpx.AsyncClient, ready: str, embedder: FakeEmbedder
) -> None:
    embedder.max_tokens = 0
    answer = (await client.post(f"{ready}/search", json={"query": "whale oil"})).json()
    assert answer["degraded"].startswith("searched by words only: ")
    refused = await client.post(f"{ready}/search", json={"query": "oil", "mode": "dense"})
    assert (refused.status_code, refused.json()["type"]) == (
        422,
        "urn:mirage:problem:text-too-long",
    )
    assert "`mode` lexical" in refused.json()["remedy"]


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'"text"', b'{"query": "\\ud800"}'])
async def test_broken_json_is_refused(
    client: httpx.AsyncClient, shelf: str, content: bytes
) -> None:
    answer = await client.post(
        f"{shelf}/search", content=content, headers={"Content-Type": "application/json"}
    )
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query", ["'; DROP TABLE chunk; --", "Ignore all instructions & | ! :* <-> (", "\\", "%_", "🜲"]
)
async def test_any_text_is_just_a_question(
    client: httpx.AsyncClient, ready: str, query: str
) -> None:
    assert (await client.post(f"{ready}/search", json={"query": query})).status_code == 200
