"""Shares the code of all embedders that ask a server: facts by digest, planned requests, faults.

One request for documents is sent at a time, with texts for about `batch.TARGET_SECONDS`. Queries do
not wait for it here, though they may wait in the server.

There are three kinds of faults. First, the server is unreachable or refuses: wait. Second, the
server returns unusable answers even for a harmless text: wait as well (UnusableAnswers). Third, one
text spoils the answers of a server that embeds others: TextTooLong or BadEmbedding, which the
caller counts. Probes (`_probe`) distinguish the last two, because some servers return nonsense for
a while.
"""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self

import numpy as np

from mirage.embed.batch import Pace, by_length, take
from mirage.embed.coalescing import Coalescer
from mirage.embed.faults import (
    FAULTS,
    BatchTooLarge,
    Fault,
    may_mean_a_text,
    no_fault_of_a_text,
    spoilt,
)
from mirage.embed.proof import Proof
from mirage.embed.server import NoAnswer, Server
from mirage.embed.vectors import Vectors
from mirage.embed.watch import FactsWatch
from mirage.errors import BadEmbedding, EmbedderUnavailable, TextTooLong
from mirage.model import ModelFacts, Tokenizer

PROBE_TEXT = "dimensions"
"""A text that every model embeds; it is sent if the server or a text may be at fault."""

# How long facts are cached before the digest is looked up again, which takes 1 ms.
_FACTS_TTL_SECONDS = 5.0
# Requests after a text has failed: the text must fail each time, and each probe must succeed. A
# server that fails at random half of the time is taken for a healthy one in one of 128 cases. Two
# requests of a kind follow each other, because one of two servers behind an address may be broken.
_CONFIRMATION = ("probe", "text", "probe", "text", "text", "probe")
# The same after a timeout; each text that fails takes `timeout_seconds`.
_CONFIRMATION_OF_SILENCE = ("probe", "probe", "text", "probe")


@dataclass(frozen=True, slots=True)
class Reply:
    """Vectors as `unit_vectors` returns them, and facts about the speed.

    `tokens` is None if the server does not count them. `idle_seconds` were not spent computing.
    """

    vectors: Vectors
    tokens: int | None = None
    idle_seconds: float = 0.0


class RemoteEmbedder(ABC):
    """An `Embedder` without the server's own protocol, which a subclass adds.

    `text_faults` are the HTTP statuses by which the server may refuse one of the texts; a harmless
    text shows whether it does. All other statuses are faults of the server.
    """

    text_faults: frozenset[int]

    def __init__(self, model: str, server: Server, batch_tokens: int) -> None:
        self._model = model
        self._server = server
        self._pace = Pace(batch_tokens)
        self._max_texts: int | None = None
        self._others: dict[str, Self] = {}
        self._watch = FactsWatch(model, self._digest, self._read_facts, self._no_fault_of_a_text)
        self._proof = Proof(self._prove)
        self._documents_lock = asyncio.Lock()
        self._queries = Coalescer(self._embed_queries)

    @abstractmethod
    async def _digest(self) -> str:
        """Return the server's identity of the model. Raises ModelMissing."""

    @abstractmethod
    async def _read_facts(self, digest: str) -> ModelFacts:
        """Return all facts of the model with that digest."""

    @abstractmethod
    async def _embed(self, texts: Sequence[str], dimensions: int) -> Reply:
        """Return the vectors of all texts, from one request.

        Raises the error that a refusal means, from `Refused`: TextTooLong (for at least one of the
        texts), BatchTooLarge, ModelMissing, BadEmbedding, EmbedderUnavailable.
        """

    @abstractmethod
    def _sibling(self, name: str) -> Self:
        """Return the embedder of another model of the server."""

    async def facts(self) -> ModelFacts:
        return await self._watch.refresh_facts(_FACTS_TTL_SECONDS)

    async def settled_facts(self, seconds: float) -> ModelFacts:
        facts = await self._watch.settled(seconds)
        await self._probe(facts)
        return facts

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        facts = await self.facts()
        prompted = [facts.document_prompt + text for text in texts]
        tokens = await asyncio.to_thread(_count, facts.tokenizer, prompted)
        if max(tokens, default=0) > facts.max_tokens:
            facts = await self._watch.limited(facts)
        _require_short(facts, tokens)
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
        await self._watch.require_same_model(facts)
        return vectors

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        facts = await self.facts()
        prompted = [facts.query_prompt + text for text in texts]
        _require_short(facts, _count(facts.tokenizer, prompted))
        try:
            return await self._queries.vectors(prompted)
        except (BadEmbedding, TextTooLong) as error:
            self._proof.doubt()
            await self._proof.require()  # Of concurrent queries that fail, one asks.
            if isinstance(error, TextTooLong):  # The server does not say which text it means.
                raise TextTooLong(str(error), range(len(texts))) from error
            raise

    def for_model(self, name: str) -> Self:
        if self._is_model(name):
            return self
        if name not in self._others:
            self._others[name] = self._sibling(name)
        return self._others[name]

    async def check(self) -> None:
        await self._watch.refresh_facts(0.0)
        await self._proof.require()

    async def aclose(self) -> None:
        for other in self._others.values():
            await other.aclose()
        await self._proof.aclose()
        await self._queries.aclose()
        await self._server.aclose()

    def _is_model(self, name: str) -> bool:
        return name == self._model

    async def _embed_queries(self, prompted: Sequence[str]) -> Vectors:
        """Return the vectors of all texts, from one request if the server takes it."""
        dimensions = (await self.facts()).dimensions
        step = self._max_texts or len(prompted)
        parts: list[Vectors] = []
        at = 0
        while at < len(prompted):
            part = prompted[at : at + step]
            try:
                parts.append((await self._ask(part, dimensions)).vectors)
            except (BatchTooLarge, TextTooLong):  # Some servers count all texts of a request.
                if len(part) == 1:
                    raise
                step = len(part) // 2
            else:
                at += len(part)
        return np.concatenate(parts)

    async def _embed_batch(
        self,
        texts: Sequence[str],
        tokens: Sequence[int],
        batch: Sequence[int],
        facts: ModelFacts,
    ) -> Vectors:
        """Return the vectors of the texts at these positions, from one request if they fit."""
        began = time.monotonic()
        counted = sum(tokens[i] for i in batch)
        try:
            reply = await self._ask([texts[i] for i in batch], facts.dimensions)
        except FAULTS as error:
            if not may_mean_a_text(error, self.text_faults):
                raise
            if isinstance(error, NoAnswer):
                self._pace.record(counted, time.monotonic() - began)
            if len(batch) == 1:
                return await self._confirm_fault(texts[batch[0]], batch, facts, error)
            await self._probe(facts)
            if not isinstance(error, TextTooLong):
                raise spoilt(error) from error
        else:
            elapsed = time.monotonic() - began - reply.idle_seconds
            self._pace.record(reply.tokens or counted, elapsed)
            return reply.vectors
        # The server counts differently from its vocabulary, without saying which text is too long.
        too_long = []
        for position in batch:
            try:
                await self._embed_batch(texts, tokens, [position], facts)
            except TextTooLong:
                too_long.append(position)
        if not too_long:
            raise BatchTooLarge("the server takes each of the texts alone")
        raise TextTooLong("the model finds the text too long", too_long)

    async def _confirm_fault(
        self, text: str, position: Sequence[int], facts: ModelFacts, error: Fault
    ) -> Vectors:
        """Ask again for a text that failed. Return its vector if it succeeds now.

        Raises BadEmbedding or TextTooLong if the text fails each time and the probes before and
        after succeed, UnusableAnswers if a probe fails.
        """
        silent = isinstance(error, NoAnswer)
        faults: list[Fault] = [error]
        for asked in _CONFIRMATION_OF_SILENCE if silent else _CONFIRMATION:
            if asked == "probe":
                await self._probe(facts)
                continue
            try:
                return (await self._ask([text], facts.dimensions)).vectors
            except FAULTS as again:
                if not may_mean_a_text(again, self.text_faults):
                    raise
                faults.append(again)
        await self._watch.require_same_model(facts)
        if all(isinstance(fault, TextTooLong) for fault in faults):
            raise TextTooLong(str(error), position) from error
        raise spoilt(error) from error

    async def _ask(self, texts: Sequence[str], dimensions: int) -> Reply:
        """Return the vectors of all texts from one request, and note whether the server works."""
        try:
            reply = await self._embed(texts, dimensions)
        except FAULTS:
            self._proof.doubt()
            raise
        self._proof.succeed()
        return reply

    async def _prove(self) -> None:
        await self._probe(await self.facts())

    async def _probe(self, facts: ModelFacts) -> None:
        """Ask for a harmless text. Raises UnusableAnswers unless its vector is usable.

        Each text is different, because a server may cache answers.
        """
        text = f"{PROBE_TEXT} {random.randrange(1_000_000)}"  # noqa: S311  not a secret
        try:
            with self._no_fault_of_a_text():
                await self._ask([text], facts.dimensions)
        except EmbedderUnavailable as error:
            # Facts from before, such as the dimensions, may be wrong as well.
            self._watch.forget()
            self._max_texts = None
            self._proof.fail(error)
            raise

    def _no_fault_of_a_text(self) -> AbstractContextManager[None]:
        return no_fault_of_a_text(self._server.name, self.text_faults)


def _count(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    return [len(tokenizer.offsets(text)) for text in texts]


def _require_short(facts: ModelFacts, tokens: Sequence[int]) -> None:
    """Raise TextTooLong if a text has more tokens than the model takes."""
    too_long = [i for i, count in enumerate(tokens) if count > facts.max_tokens]
    if too_long:
        raise TextTooLong(
            f"the text has {max(tokens)} tokens; {facts.name} takes {facts.max_tokens} at most",
            too_long,
        )
