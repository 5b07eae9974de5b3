"""What all embedders do that ask a server: facts by digest, planned requests, faults of one text.

One request for documents is under way at a time and carries what takes about
`batch.TARGET_SECONDS`; queries do not wait for it here, whatever the server does.
"""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from mirage.embed.batch import Pace, by_length, take
from mirage.embed.coalescing import Coalescer
from mirage.embed.server import NoAnswer, Refused, Server
from mirage.embed.vectors import Vector, Vectors
from mirage.errors import BadEmbedding, EmbedderUnavailable, TextTooLong
from mirage.model import ModelFacts, Tokenizer

HARMLESS = "dimensions"
"""A text that every model takes; asked for where the server or the text may be at fault."""

# How long facts are believed before the digest is looked up again, which takes 1 ms.
_BELIEVED_SECONDS = 5.0


class BatchTooLarge(Exception):
    """The server takes fewer texts, or fewer bytes, in one request; never of a single text."""


@dataclass(frozen=True, slots=True)
class Reply:
    """Vectors as `unit_vectors` gives them, and what is to be learnt of the speed.

    `tokens` is None where the server does not count, `idle_seconds` what was not computing.
    """

    vectors: Vectors
    tokens: int | None = None
    idle_seconds: float = 0.0


class RemoteEmbedder(ABC):
    """An `Embedder` but for the server's own language, which a subclass speaks.

    `text_faults` are the statuses by which the server may mean one of the texts: with a harmless
    text it is found out whether it does. All others are of the server and are waited for.
    """

    text_faults: frozenset[int]

    def __init__(self, model: str, server: Server, batch_tokens: int) -> None:
        self._model = model
        self._server = server
        self._pace = Pace(batch_tokens)
        self._max_texts: int | None = None
        self._others: dict[str, Self] = {}
        self._facts: ModelFacts | None = None
        self._looked_at = 0.0
        self._facts_lock = asyncio.Lock()
        self._documents_lock = asyncio.Lock()
        self._queries = Coalescer(self._embed_queries)

    @abstractmethod
    async def _digest(self) -> str:
        """What the server says of the model's identity. Raises ModelMissing."""

    @abstractmethod
    async def _read_facts(self, digest: str) -> ModelFacts:
        """All that is to be known of it."""

    @abstractmethod
    async def _embed(self, texts: Sequence[str], dimensions: int) -> Reply:
        """Vectors of all texts in one request.

        Raises what a refusal means, from `Refused`: TextTooLong (of one or more of them),
        BatchTooLarge, ModelMissing, BadEmbedding, EmbedderUnavailable.
        """

    @abstractmethod
    def _sibling(self, name: str) -> Self:
        """The embedder of another model of the server."""

    async def facts(self) -> ModelFacts:
        return await self._look(_BELIEVED_SECONDS)

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
                batch = take(waiting, tokens, self._pace.budget, self._max_texts)
                try:
                    vectors[batch] = await self._embed_batch(prompted, tokens, batch, facts)
                except BatchTooLarge:
                    self._max_texts = len(batch) // 2
                    waiting.extendleft(reversed(batch))
        await self._confirm(facts)
        return vectors

    async def embed_query(self, text: str) -> Vector:
        facts = await self.facts()
        prompted = facts.query_prompt + text
        tokens = len(facts.tokenizer.offsets(prompted))
        if tokens > facts.max_tokens:
            raise TextTooLong(_too_long(facts, tokens), [0])
        try:
            return await self._queries.vector(prompted)
        except TextTooLong as error:
            raise TextTooLong(str(error), [0]) from error

    def for_model(self, name: str) -> Self:
        if name == self._model:
            return self
        if name not in self._others:
            self._others[name] = self._sibling(name)
        return self._others[name]

    async def check(self) -> None:
        await self._digest()

    async def aclose(self) -> None:
        for other in self._others.values():
            await other.aclose()
        await self._queries.aclose()
        await self._server.aclose()

    async def _look(self, believed_seconds: float) -> ModelFacts:
        async with self._facts_lock:
            if self._facts is None or time.monotonic() - self._looked_at > believed_seconds:
                digest = await self._digest()
                if self._facts is None or self._facts.digest != digest:
                    self._facts = await self._read_facts(digest)
                self._looked_at = time.monotonic()
            return self._facts

    async def _embed_queries(self, prompted: Sequence[str]) -> Vectors:
        dimensions = (await self.facts()).dimensions
        step = self._max_texts or len(prompted)
        parts = [prompted[at : at + step] for at in range(0, len(prompted), step)]
        return np.concatenate([(await self._embed(part, dimensions)).vectors for part in parts])

    async def _embed_batch(
        self,
        texts: Sequence[str],
        tokens: Sequence[int],
        batch: Sequence[int],
        facts: ModelFacts,
    ) -> Vectors:
        """Vectors of the texts at these positions, in one request if all of them fit."""
        began = time.monotonic()
        counted = sum(tokens[i] for i in batch)
        try:
            reply = await self._embed([texts[i] for i in batch], facts.dimensions)
        except TextTooLong as error:
            if len(batch) == 1:
                raise TextTooLong(str(error), batch) from error
        except EmbedderUnavailable as error:
            if not self._may_mean_a_text(error):
                raise
            if isinstance(error, NoAnswer):
                self._pace.record(counted, time.monotonic() - began)
            # A text can crash the model's process or keep it busy without end, and would be
            # waited for without end. If a harmless one fails too it is the server, and this
            # raises that it is to be waited for.
            await self._embed([HARMLESS], facts.dimensions)
            raise BadEmbedding(f"{error}; other texts it can embed") from error
        else:
            elapsed = time.monotonic() - began - reply.idle_seconds
            self._pace.record(reply.tokens or counted, elapsed)
            return reply.vectors
        # The server counts other than its vocabulary says. It does not tell which text it means.
        too_long = []
        for position in batch:
            try:
                await self._embed([texts[position]], facts.dimensions)
            except TextTooLong:
                too_long.append(position)
        if not too_long:
            raise BatchTooLarge("each of the texts alone is taken")
        raise TextTooLong("the model finds the text too long", too_long)

    def _may_mean_a_text(self, error: EmbedderUnavailable) -> bool:
        if isinstance(error, NoAnswer):
            return True
        return isinstance(error.__cause__, Refused) and error.__cause__.status in self.text_faults

    async def _confirm(self, facts: ModelFacts) -> None:
        """Raise unless the model is still the one whose facts were used."""
        if await self._digest() != facts.digest:
            self._facts = None
            raise EmbedderUnavailable(
                f"the model {self._model} was replaced while it was used; it is asked again"
            )


def _count(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    return [len(tokenizer.offsets(text)) for text in texts]


def _too_long(facts: ModelFacts, tokens: int) -> str:
    return f"the text has {tokens} tokens; {facts.name} takes {facts.max_tokens} at most"
