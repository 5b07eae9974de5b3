"""Against a real Ollama with `all-minilm`."""

import asyncio
import os
from collections.abc import AsyncIterator

import httpx
import numpy as np
import pytest

from mirage.chunk import split
from mirage.config import Embedding, Ollama, OpenAI
from mirage.embed import LocalEmbedder, OllamaEmbedder, OpenAIEmbedder
from mirage.embed.tokenizer import SPECIAL_TOKENS
from mirage.errors import EmbedderUnavailable, ModelMissing, TextTooLong
from mirage.model import MAX_QUERY_CHARACTERS, Section
from mirage.search.query_vector import embed_query

URL = os.environ.get("MIRAGE_TEST_OLLAMA_URL", "")

pytestmark = [
    pytest.mark.ollama,
    pytest.mark.xdist_group("ollama"),
    pytest.mark.skipif(not URL, reason="MIRAGE_TEST_OLLAMA_URL names no Ollama"),
]

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Grüße aus München: die Straße ist naß, das Mädchen heißt Zoë.",
    "Привет, мир! Ёлка, съёмка и йод.",
    "你好世界。这是一个测试，包含标点符号！",
    "👍🏽 family 👨‍👩‍👧 and flags 🇩🇪",
    "def f(x: int) -> str:\n\treturn f'{x**2:>10}'  # ok\n",
    "aGVsbG8gd29ybGQ" * 20,
    "e\u0301te\u0301 \u00ad soft \u200b zero",
]


@pytest.fixture
async def openai() -> AsyncIterator[OpenAIEmbedder]:
    """The same model through Ollama's own `/v1/embeddings`."""
    embedder = OpenAIEmbedder(OpenAI(url=f"{URL}/v1", model="all-minilm"), Embedding())
    yield embedder
    await embedder.aclose()


@pytest.fixture
async def embedder() -> AsyncIterator[OllamaEmbedder]:
    embedder = OllamaEmbedder(Ollama(url=URL, model="all-minilm"), Embedding())
    yield embedder
    await embedder.aclose()


async def test_facts_are_those_of_the_model(embedder: OllamaEmbedder) -> None:
    facts = await embedder.facts()
    assert (facts.dimensions, facts.max_tokens, facts.languages) == (384, 254, ("en",))
    assert len(facts.digest) == 64


@pytest.mark.parametrize("text", TEXTS)
async def test_tokens_are_counted_as_the_server_does(embedder: OllamaEmbedder, text: str) -> None:
    facts = await embedder.facts()
    async with httpx.AsyncClient(base_url=URL, trust_env=False) as client:
        body = {"model": "all-minilm", "input": text, "truncate": False}
        answer = (await client.post("/api/embed", json=body, timeout=60)).json()
    assert len(facts.tokenizer.offsets(text)) == answer["prompt_eval_count"] - SPECIAL_TOKENS


async def test_limit_is_exact(embedder: OllamaEmbedder) -> None:
    limit = (await embedder.facts()).max_tokens
    assert (await embedder.embed_documents(["fox " * limit])).shape == (1, 384)
    with pytest.raises(TextTooLong) as refused:
        await embedder.embed_documents(["fox", "fox " * (limit + 1)])
    assert refused.value.positions == (1,)


async def test_full_chunks_are_taken_whole(embedder: OllamaEmbedder) -> None:
    facts = await embedder.facts()
    sections = [Section(text * 6, ("Languages", "All of them")) for text in TEXTS]
    chunks = split(sections, facts.tokenizer, size=facts.max_tokens, overlap=50)
    assert max(chunk.tokens for chunk in chunks) == facts.max_tokens
    vectors = await embedder.embed_documents([chunk.embedded_text for chunk in chunks])
    assert len(vectors) == len(chunks)


async def test_batch_equals_single_in_order(embedder: OllamaEmbedder) -> None:
    batch = await embedder.embed_documents(TEXTS)
    for text, vector in zip(TEXTS, batch, strict=True):
        assert float(vector @ (await embedder.embed_queries([text]))[0]) > 0.9999


async def test_long_query_is_near_what_each_of_its_windows_is_about(
    embedder: OllamaEmbedder,
) -> None:
    fox, lamp = "The quick brown fox jumps over it. ", "The keeper lit the lamp at dusk. "
    embedded = await embed_query(embedder, fox * 60 + lamp * 60)
    near = await embedder.embed_documents([fox, lamp, "def f(x: int) -> str: return x"])
    similar = near @ embedded.vector
    assert embedded.windows == 4
    assert min(similar[:2]) > similar[2] + 0.1


async def test_query_in_many_scripts_is_answered(
    embedder: OllamaEmbedder, openai: OpenAIEmbedder
) -> None:
    query = "\n".join(TEXTS * 5)[:MAX_QUERY_CHARACTERS]
    for each in (embedder, openai):
        embedded = await embed_query(each, query)
        assert embedded.windows > 1
        assert np.linalg.norm(embedded.vector) == pytest.approx(1)


async def test_query_is_answered_beside_documents(embedder: OllamaEmbedder) -> None:
    documents = asyncio.create_task(embedder.embed_documents(["fox " * 250] * 20))
    query = await embedder.embed_queries(["a fox"])
    assert not documents.done()
    assert np.linalg.norm(query) == pytest.approx(1, abs=1e-6)
    assert (await documents).shape == (20, 384)


async def test_missing_model_names_the_command() -> None:
    embedder = OllamaEmbedder(Ollama(url=URL, model="no-such-model"), Embedding())
    with pytest.raises(ModelMissing, match="`ollama pull no-such-model`"):
        await embedder.check()
    await embedder.aclose()


async def test_closed_port_is_waited_for() -> None:
    embedder = OllamaEmbedder(Ollama(url="http://127.0.0.1:1", model="all-minilm"), Embedding())
    with pytest.raises(EmbedderUnavailable, match="cannot be reached"):
        await embedder.facts()
    await embedder.aclose()


async def test_local_vectors_are_those_of_ollama(embedder: OllamaEmbedder) -> None:
    local = LocalEmbedder(Embedding(backend="local"))
    ours = await local.embed_documents(TEXTS)
    theirs = await embedder.embed_documents(TEXTS)
    await local.aclose()
    assert (ours * theirs).sum(axis=1).min() > 0.9999


async def test_vectors_of_its_openai_interface_are_the_same(
    embedder: OllamaEmbedder, openai: OpenAIEmbedder
) -> None:
    assert (await openai.facts()).max_tokens == (await embedder.facts()).max_tokens
    theirs = await openai.embed_documents(TEXTS[:3])
    assert (theirs * await embedder.embed_documents(TEXTS[:3])).sum(axis=1).min() > 0.9999
    query = await openai.embed_queries(TEXTS[:1])
    assert float(query[0] @ (await embedder.embed_queries(TEXTS[:1]))[0]) > 0.9999


async def test_openai_interface_is_given_no_text_that_it_would_cut(openai: OpenAIEmbedder) -> None:
    facts = await openai.facts()
    sections = [Section(text * 6, ("Languages", "All of them")) for text in TEXTS]
    chunks = split(sections, facts.tokenizer, size=facts.max_tokens, overlap=50)
    with pytest.raises(TextTooLong):
        await openai.embed_documents(["fox " * 300])
    async with httpx.AsyncClient(base_url=URL, trust_env=False) as client:
        for chunk in chunks:
            # `/api/embed` refuses what `/v1/embeddings` would cut.
            body = {"model": "all-minilm", "input": chunk.embedded_text, "truncate": False}
            assert (await client.post("/api/embed", json=body, timeout=60)).is_success


async def test_openai_interface_names_a_missing_model(openai: OpenAIEmbedder) -> None:
    with pytest.raises(ModelMissing, match="does not have the model no-such-model"):
        await openai.for_model("no-such-model").check()
