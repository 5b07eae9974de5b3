"""Embeds within the process with all-MiniLM-L6-v2, for a machine without Ollama.

The vectors equal those of Ollama's `all-minilm` (cosine above 0.9999). One thread computes one
batch at a time; queries that arrive meanwhile are the next batch.
"""

import asyncio
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mirage.config import Embedding
from mirage.embed.absent import AbsentEmbedder
from mirage.embed.batch import by_length, take
from mirage.embed.bert import MAX_TOKENS, Bert
from mirage.embed.coalescing import Coalescer
from mirage.embed.facts import known_model
from mirage.embed.tokenizer import SPECIAL_TOKENS, WordPieceTokenizer
from mirage.embed.vectors import Vectors
from mirage.embed.weights import MODEL, Weights, fetch_weights
from mirage.errors import ConfigError, ModelMissing, TextTooLong
from mirage.model import ModelFacts

NAME = "all-minilm"

# Tokens per batch, including padding: 0.6 s on two idle cores, 42 MiB of memory at the peak.
_BATCH_TOKENS = 2048


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: Bert
    tokenizer: WordPieceTokenizer
    facts: ModelFacts


class LocalEmbedder:
    """An `Embedder` that computes the vectors itself and loads the model's files at the first use.

    Call `fetch_weights` before if a person waits, because the download here shows no progress.
    """

    def __init__(self, embedding: Embedding) -> None:
        self._folder = embedding.weights
        self._batch_tokens = min(embedding.batch_tokens, _BATCH_TOKENS)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="embed")
        self._loaded: _Loaded | None = None
        self._queries = Coalescer(self._embed_queries)

    async def facts(self) -> ModelFacts:
        return (await self._load()).facts

    async def settled_facts(self, seconds: float) -> ModelFacts:
        return await self.facts()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        loaded = await self._load()
        ids = await asyncio.to_thread(lambda: [loaded.tokenizer.ids(text) for text in texts])
        tokens = [len(text) + SPECIAL_TOKENS for text in ids]
        _require_short(tokens)
        return await self._in_batches(loaded.model, ids, tokens)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        loaded = await self._load()
        _require_short([len(loaded.tokenizer.ids(text)) + SPECIAL_TOKENS for text in texts])
        return await self._queries.vectors(texts)

    def for_model(self, name: str) -> "LocalEmbedder | AbsentEmbedder":
        return self if name == NAME else AbsentEmbedder(name, "the program itself")

    async def check(self) -> None:
        await self._load()

    async def aclose(self) -> None:
        await self._queries.aclose()
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _embed_queries(self, texts: Sequence[str]) -> Vectors:
        loaded = await self._load()
        ids = [loaded.tokenizer.ids(text) for text in texts]
        return await self._in_batches(
            loaded.model, ids, [len(text) + SPECIAL_TOKENS for text in ids]
        )

    async def _in_batches(
        self, model: Bert, ids: Sequence[Sequence[int]], tokens: Sequence[int]
    ) -> Vectors:
        vectors = np.empty((len(ids), model.dimensions), np.float32)
        waiting = by_length(tokens)
        while waiting:
            batch = take(waiting, tokens, self._batch_tokens)
            vectors[batch] = await self._compute(model, [ids[i] for i in batch])
        return vectors

    async def _compute(self, model: Bert, ids: Sequence[Sequence[int]]) -> Vectors:
        return await asyncio.get_running_loop().run_in_executor(self._thread, model.embed, ids)

    async def _load(self) -> _Loaded:
        if self._loaded is None:
            loop = asyncio.get_running_loop()
            self._loaded = await loop.run_in_executor(self._thread, self._load_files)
        return self._loaded

    def _load_files(self) -> _Loaded:
        if self._loaded is not None:
            return self._loaded
        try:
            weights = fetch_weights(self._folder)
        except ConfigError as error:
            raise ModelMissing(str(error)) from error
        model, tokenizer = Bert(weights.model), _tokenizer(weights)
        known = known_model(NAME)
        facts = ModelFacts(
            name=NAME,
            digest=MODEL.sha256,
            dimensions=model.dimensions,
            max_tokens=MAX_TOKENS - SPECIAL_TOKENS,
            tokenizer=tokenizer,
            languages=tuple(known.languages) if known else (),
        )
        return _Loaded(model, tokenizer, facts)


def _tokenizer(weights: Weights) -> WordPieceTokenizer:
    """Return the tokenizer, made from the file's vocabulary only.

    The file's other settings would pad and truncate texts to 128 tokens.
    """
    content = json.loads(weights.tokenizer.read_text("utf-8"))
    return WordPieceTokenizer(content["model"]["vocab"])


def _require_short(tokens: Sequence[int]) -> None:
    """Raise TextTooLong if a text has too many tokens, special tokens included."""
    too_long = [i for i, count in enumerate(tokens) if count > MAX_TOKENS]
    if too_long:
        raise TextTooLong(
            f"the text has {max(tokens) - SPECIAL_TOKENS} tokens;"
            f" {NAME} takes {MAX_TOKENS - SPECIAL_TOKENS} at most",
            too_long,
        )
