"""Embeddings from an Ollama server.

Requests go with `truncate: false`: a text is refused rather than cut. One request for documents
is under way at a time and carries what takes about `batch.TARGET_SECONDS`; queries do not wait
for it here, but the server itself takes one request after the other.
"""

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx
import numpy as np

from mirage.config import Embedding, Ollama
from mirage.embed.batch import Pace, by_length, take
from mirage.embed.facts import known_model
from mirage.embed.server import Answer, Refused, Server
from mirage.embed.tokenizer import SPECIAL_TOKENS
from mirage.embed.vectors import Vector, Vectors, unit_vectors
from mirage.embed.vocabulary import build_tokenizer
from mirage.errors import BadEmbedding, EmbedderUnavailable, ModelMissing, TextTooLong
from mirage.model import ModelFacts, Tokenizer

_MIB = 1024 * 1024
_TAGS_BYTES = 16 * _MIB
# The vocabulary of XLM-R (250,000 tokens) is 10 MiB, that of a large byte-level model 30 MiB.
_SHOW_BYTES = 128 * _MIB
_BYTES_PER_NUMBER = 32

# What Ollama runs a model with that names no `num_ctx`; a model may allow less.
_DEFAULT_CONTEXT = 4096

# How long facts are believed before the digest is looked up again, which takes 1 ms.
_BELIEVED_SECONDS = 5.0

_NUM_CTX = re.compile(r"^num_ctx\s+(\d{1,9})\s*$", re.MULTILINE)
_NANOSECONDS = 1e9

# Of the model's process; 502, 503 and 504 are a busy server or a proxy before one that is away.
_FAILED = 500
_HARMLESS = "dimensions"
_LARGEST_NUMBER = 2**53


class OllamaEmbedder:
    """`Embedder` that asks Ollama. `transport` is for tests."""

    def __init__(
        self,
        ollama: Ollama,
        embedding: Embedding,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._model = ollama.model
        self._settings = ollama, embedding, transport
        self._others: dict[str, OllamaEmbedder] = {}
        self._server = Server("Ollama", ollama.url, ollama.timeout_seconds, transport)
        self._pace = Pace(embedding.batch_tokens)
        self._facts: ModelFacts | None = None
        self._looked_at = 0.0
        self._facts_lock = asyncio.Lock()
        self._documents_lock = asyncio.Lock()

    async def facts(self) -> ModelFacts:
        async with self._facts_lock:
            if self._facts is None or time.monotonic() - self._looked_at > _BELIEVED_SECONDS:
                digest = await self._digest()
                if self._facts is None or self._facts.digest != digest:
                    self._facts = await self._read_facts(digest)
                self._looked_at = time.monotonic()
            return self._facts

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        facts = await self.facts()
        prompted = [facts.document_prompt + text for text in texts]
        tokens = await asyncio.to_thread(_count, facts.tokenizer, prompted)
        too_long = [i for i, count in enumerate(tokens) if count > facts.max_tokens]
        if too_long:
            raise TextTooLong(_too_long(facts, max(tokens)), too_long)
        vectors = np.empty((len(prompted), facts.dimensions), np.float32)
        waiting = by_length(tokens)
        async with self._documents_lock:
            while waiting:
                batch = take(waiting, tokens, self._pace.budget)
                vectors[batch] = await self._embed_batch(prompted, batch, facts.dimensions)
        await self._confirm(facts)
        return vectors

    async def embed_query(self, text: str) -> Vector:
        facts = await self.facts()
        prompted = facts.query_prompt + text
        tokens = len(facts.tokenizer.offsets(prompted))
        if tokens > facts.max_tokens:
            raise TextTooLong(_too_long(facts, tokens), [0])
        vector: Vector = (await self._embed([prompted], facts.dimensions))[0]
        return vector

    def for_model(self, name: str) -> "OllamaEmbedder":
        if name == self._model:
            return self
        if name not in self._others:
            ollama, embedding, transport = self._settings
            other = ollama.model_copy(update={"model": name})
            self._others[name] = OllamaEmbedder(other, embedding, transport=transport)
        return self._others[name]

    async def check(self) -> None:
        await self._digest()

    async def aclose(self) -> None:
        for other in self._others.values():
            await other.aclose()
        await self._server.aclose()

    async def _embed_batch(
        self, texts: Sequence[str], batch: Sequence[int], dimensions: int
    ) -> Vectors:
        """Vectors of the texts at these positions, in one request if all of them fit."""
        try:
            return await self._embed([texts[i] for i in batch], dimensions, self._pace)
        except TextTooLong as error:
            if len(batch) == 1:
                raise TextTooLong(str(error), batch) from error
        except EmbedderUnavailable as error:
            if not isinstance(error.__cause__, Refused) or error.__cause__.status != _FAILED:
                raise
            # A text can crash the model's process, and would be waited for without end. If a
            # harmless one fails too it is the server, and this raises that it is to be waited for.
            await self._embed([_HARMLESS], dimensions)
            raise BadEmbedding(f"{error}; other texts it can embed") from error
        # The server counts other than its vocabulary says. It does not tell which text it means.
        too_long = []
        for position in batch:
            try:
                await self._embed([texts[position]], dimensions)
            except TextTooLong:
                too_long.append(position)
        raise TextTooLong("the model finds the text too long", too_long)

    async def _embed(
        self, texts: Sequence[str], dimensions: int, pace: Pace | None = None
    ) -> Vectors:
        """Vectors of all texts in one request, whose speed `pace` learns.

        A query teaches nothing: it is short, and it may have waited behind a batch.
        """
        body = {"model": self._model, "input": list(texts), "truncate": False}
        max_bytes = _MIB + len(texts) * dimensions * _BYTES_PER_NUMBER
        began = time.monotonic()
        try:
            answer = await self._server.post("/api/embed", body, max_bytes=max_bytes)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        vectors = unit_vectors(answer.get("embeddings"), len(texts), dimensions)
        loading = _number(answer.get("load_duration")) / _NANOSECONDS
        tokens = _number(answer.get("prompt_eval_count"))
        if pace is not None and tokens:
            pace.record(int(tokens), time.monotonic() - began - loading)
        return vectors

    async def _confirm(self, facts: ModelFacts) -> None:
        """Raise unless the model is still the one whose facts were used."""
        if await self._digest() != facts.digest:
            self._facts = None
            raise EmbedderUnavailable(
                f"the model {self._model} was replaced while it was used; it is asked again"
            )

    async def _digest(self) -> str:
        try:
            answer = await self._server.get("/api/tags", max_bytes=_TAGS_BYTES)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        wanted = canonical_name(self._model)
        models = answer.get("models")
        for model in models if isinstance(models, list) else []:
            if not isinstance(model, dict):
                continue
            if any(canonical_name(str(model.get(key))) == wanted for key in ("name", "model")):
                return str(model.get("digest", ""))
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
        body = {"model": self._model, "input": [_HARMLESS], "truncate": False}
        try:
            answer = await self._server.post("/api/embed", body, max_bytes=_MIB)
        except Refused as refusal:
            raise self._meaning(refusal) from refusal
        rows = answer.get("embeddings")
        if not isinstance(rows, list) or not rows or not isinstance(rows[0], list) or not rows[0]:
            raise BadEmbedding(f"the model {self._model} gave no vector for a word")
        return len(rows[0])

    def _meaning(
        self, refusal: Refused
    ) -> EmbedderUnavailable | ModelMissing | TextTooLong | BadEmbedding:
        """What a refusal of Ollama means to us."""
        message = refusal.message.lower()
        if refusal.status == 400 and "context length" in message:
            return TextTooLong("the model finds the text too long")
        if "does not support embed" in message:
            return ModelMissing(
                f"the model {self._model} makes no embeddings: set ollama.model to one that does"
            )
        if refusal.status == 404 and "model" in message:
            return self._missing()
        if "unsupported value" in message:  # NaN, which JSON cannot carry.
            return BadEmbedding(f"the model {self._model} gave numbers that are not finite")
        return EmbedderUnavailable(f"Ollama answered {refusal.status}: {refusal.message}")

    def _missing(self) -> ModelMissing:
        return ModelMissing(f"Ollama does not have the model: `ollama pull {self._model}`")


def canonical_name(name: str) -> str:
    """`all-minilm` as `registry.ollama.ai/library/all-minilm:latest`, in small letters."""
    *path, last = name.lower().split("/")
    base, _, tag = last.partition(":")
    defaults = ["registry.ollama.ai", "library"]
    return "/".join([*defaults[: 2 - len(path)], *path, f"{base}:{tag or 'latest'}"])


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


def _count(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    return [len(tokenizer.offsets(text)) for text in texts]


def _too_long(facts: ModelFacts, tokens: int) -> str:
    return f"the text has {tokens} tokens; {facts.name} takes {facts.max_tokens} at most"


def _number(value: object) -> float:
    """A number of an answer that may hold anything; 0 when it is none of use."""
    if isinstance(value, int | float) and 0 < value < _LARGEST_NUMBER:
        return float(value)
    return 0.0
