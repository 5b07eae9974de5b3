"""Embeds with an Ollama server.

Requests have `truncate: false`, so that the server refuses a long text instead of truncating it.
The server answers one request at a time; a query waits for the documents sent before it.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from mirage.config import Embedding, Ollama
from mirage.embed.facts import known_model
from mirage.embed.faults import vector_length
from mirage.embed.remote import PROBE_TEXT, RemoteEmbedder, Reply
from mirage.embed.server import MIB, Answer, Refused, Server, StrangeAnswer
from mirage.embed.tokenizer import SPECIAL_TOKENS
from mirage.embed.vectors import unit_vectors
from mirage.embed.vocabulary import build_tokenizer
from mirage.errors import BadEmbedding, EmbedderUnavailable, ModelMissing, TextTooLong
from mirage.foreign import clean
from mirage.model import ModelFacts
from mirage.names import canonical_model

_TAGS_BYTES = 16 * MIB
# The vocabulary of XLM-R (250,000 tokens) is 10 MiB, that of a large byte-level model 30 MiB.
_SHOW_BYTES = 128 * MIB
_BYTES_PER_NUMBER = 32

# Ollama's context length for a model without `num_ctx`; a model may allow less.
_DEFAULT_CONTEXT = 4096

_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_NANOSECONDS = 1e9

_LARGEST_NUMBER = 2**53
# The digest is SHA-256, which has 64.
_DIGEST_CHARACTERS = 200


class OllamaEmbedder(RemoteEmbedder):
    """An `Embedder` that asks Ollama. `transport` is for tests."""

    # The model's process answers so; 502, 503 and 504 mean a busy or missing server.
    text_faults = frozenset({500})

    def __init__(
        self,
        ollama: Ollama,
        embedding: Embedding,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        server = Server(
            "Ollama",
            ollama.url,
            ollama.timeout_seconds,
            transport,
            setting="MIRAGE_OLLAMA_URL",
            key=ollama.token,
            basic=True,
            embedding=embedding,
        )
        super().__init__(ollama.model, server, embedding.batch_tokens)
        self._settings = ollama, embedding, transport

    def _sibling(self, name: str) -> "OllamaEmbedder":
        ollama, embedding, transport = self._settings
        other = ollama.model_copy(update={"model": name})
        return OllamaEmbedder(other, embedding, transport=transport)

    def _is_model(self, name: str) -> bool:
        return canonical_model(name) == canonical_model(self._model)

    async def _embed(self, texts: Sequence[str], dimensions: int) -> Reply:
        body = {"model": self._model, "input": list(texts), "truncate": False}
        max_bytes = MIB + len(texts) * dimensions * _BYTES_PER_NUMBER
        try:
            answer = await self._server.post("/api/embed", body, max_bytes=max_bytes)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        return Reply(
            unit_vectors(answer.get("embeddings"), len(texts), dimensions),
            tokens=int(_number(answer.get("prompt_eval_count"))) or None,
            idle_seconds=_number(answer.get("load_duration")) / _NANOSECONDS,
        )

    async def _digest(self) -> str:
        try:
            answer = await self._server.get("/api/tags", max_bytes=_TAGS_BYTES)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        wanted = canonical_model(self._model)
        models = answer.get("models")
        for model in models if isinstance(models, list) else []:
            if not isinstance(model, dict):
                continue
            if any(_is_name(model.get(key), wanted) for key in ("name", "model")):
                digest = model.get("digest", "")
                if not isinstance(digest, str):
                    raise StrangeAnswer("Ollama returned a digest that is not a text")
                return clean(digest, _DIGEST_CHARACTERS)
        raise self._missing()

    async def _read_facts(self, digest: str) -> ModelFacts:
        body = {"model": self._model, "verbose": True}
        try:
            answer = await self._server.post("/api/show", body, max_bytes=_SHOW_BYTES)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        facts = await asyncio.to_thread(_facts_from, self._model, digest, answer)
        if facts.dimensions == 0:
            facts = replace(facts, dimensions=await self._measure_dimensions())
        return facts

    async def _measure_dimensions(self) -> int:
        body = {"model": self._model, "input": [PROBE_TEXT], "truncate": False}
        try:
            answer = await self._server.post("/api/embed", body, max_bytes=MIB)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        length = vector_length(answer.get("embeddings"))
        self._proof.succeed()
        return length

    def _meaning(
        self, refusal: Refused
    ) -> EmbedderUnavailable | ModelMissing | TextTooLong | BadEmbedding:
        """Return the error that a refusal of Ollama means."""
        message = refusal.message.lower()
        if refusal.status == 400 and "context length" in message:
            return TextTooLong("the model finds the text too long")
        if "does not support embed" in message:
            return ModelMissing(
                f"the model {self._model} makes no embeddings: set ollama.model to one that does"
            )
        if refusal.status == 404 and "model" in message:
            return self._missing()
        if "unsupported value" in message:  # NaN, which JSON does not have.
            return BadEmbedding(f"the model {self._model} returned numbers that are not finite")
        return EmbedderUnavailable(f"Ollama answered {refusal.status}: {refusal.message}")

    def _missing(self) -> ModelMissing:
        return ModelMissing(f"Ollama does not have the model: `ollama pull {self._model}`")


def _is_name(name: object, wanted: str) -> bool:
    return isinstance(name, str) and canonical_model(name) == wanted


def _facts_from(name: str, digest: str, answer: Answer) -> ModelFacts:
    info = answer.get("model_info")
    metadata: Mapping[str, Any] = info if isinstance(info, dict) else {}
    architecture = metadata.get("general.architecture", "")
    known = known_model(name)
    dimensions = int(_number(metadata.get(f"{architecture}.embedding_length")))
    configured = _NUM_CTX.search(str(answer.get("parameters", "")))
    limits = [
        int(configured.group(1)) if configured else _DEFAULT_CONTEXT,
        int(_number(metadata.get(f"{architecture}.context_length"))),
        known.max_tokens if known else 0,
    ]
    return ModelFacts(
        name=name,
        digest=digest,
        dimensions=dimensions or (known.dimensions if known else 0),
        max_tokens=max(min(filter(None, limits), default=_DEFAULT_CONTEXT) - SPECIAL_TOKENS, 1),
        tokenizer=build_tokenizer(metadata),
        query_prompt=known.query_prompt if known else "",
        document_prompt=known.document_prompt if known else "",
        languages=tuple(known.languages) if known else (),
    )


def _number(value: object) -> float:
    """Return a number from an untrusted answer; 0 if it is not a usable number."""
    if isinstance(value, int | float) and 0 < value < _LARGEST_NUMBER:
        return float(value)
    return 0.0
