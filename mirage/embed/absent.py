"""Provides the embedder for a model that the backend does not have."""

from collections.abc import Sequence
from typing import NoReturn

from mirage.embed.vectors import Vectors
from mirage.errors import ModelMissing
from mirage.model import ModelFacts


class AbsentEmbedder:
    """An `Embedder` whose methods all raise ModelMissing."""

    def __init__(self, name: str, backend: str) -> None:
        self._message = f"{backend} does not have the model {name}"

    async def facts(self) -> ModelFacts:
        self._refuse()

    async def settled_facts(self, seconds: float) -> ModelFacts:
        self._refuse()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self._refuse()

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self._refuse()

    def for_model(self, name: str) -> "AbsentEmbedder":
        return self

    async def check(self) -> None:
        self._refuse()

    async def aclose(self) -> None:
        """Do nothing, because there is nothing to close."""

    def _refuse(self) -> NoReturn:
        raise ModelMissing(self._message)
