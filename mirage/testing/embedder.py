"""A deterministic fake embedder."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from mirage.embed.absent import AbsentEmbedder
from mirage.embed.vectors import Vectors
from mirage.errors import MirageError, TextTooLong
from mirage.model import ModelFacts

_WORD = re.compile(r"\w+|[^\w\s]")


class WordTokenizer:
    """Counts one token per word or symbol."""

    divisible = True

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        return [match.span() for match in _WORD.finditer(text)]


class FakeEmbedder:
    """An `Embedder` whose vectors depend only on words: texts with common words are similar.

    Set `failure` to make every call raise it, `digest` to be another model, `languages` to know
    only these. `embedded` contains the documents' texts in order of arrival. `others` are the
    backend's other models.
    """

    def __init__(self, name: str = "fake", *, dimensions: int = 64, max_tokens: int = 512) -> None:
        self.name = name
        self.others: list[FakeEmbedder] = []
        self.dimensions = dimensions
        self.max_tokens = max_tokens
        self.digest = "fake"
        self.languages: tuple[str, ...] = ()
        self.failure: MirageError | None = None
        self.embedded: list[str] = []

    async def facts(self) -> ModelFacts:
        await self.check()
        return ModelFacts(
            name=self.name,
            digest=self.digest,
            dimensions=self.dimensions,
            max_tokens=self.max_tokens,
            tokenizer=WordTokenizer(),
            languages=self.languages,
        )

    async def settled_facts(self, seconds: float) -> ModelFacts:
        return await self.facts()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        vectors = await self._embed(texts)
        self.embedded.extend(texts)
        return vectors

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self._embed(texts)

    def for_model(self, name: str) -> "FakeEmbedder | AbsentEmbedder":
        for model in (self, *self.others):
            if model.name == name:
                return model
        return AbsentEmbedder(name, "the test")

    async def check(self) -> None:
        if self.failure is not None:
            raise self.failure

    async def aclose(self) -> None:
        """Do nothing: the fake has no resources."""

    async def _embed(self, texts: Sequence[str]) -> Vectors:
        await self.check()
        tokens = [len(WordTokenizer().offsets(text)) for text in texts]
        too_long = [i for i, count in enumerate(tokens) if count > self.max_tokens]
        if too_long:
            raise TextTooLong("the text is too long for the fake model", too_long)
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in _WORD.findall(text.lower()) or [text]:
                digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=9).digest()
                sign = 1 if digest[8] % 2 else -1
                vector[int.from_bytes(digest[:8], "big") % self.dimensions] += sign
            if not vector.any():  # The words cancel each other out.
                vector[0] = 1
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
