"""Embeds a query; a query that is longer than the model takes is embedded in windows."""

import asyncio
from dataclasses import dataclass

import numpy as np

from mirage.chunk import middle
from mirage.embed import Embedder, Vector, Vectors
from mirage.errors import TextTooLong
from mirage.model import ModelFacts, is_blank

# How often the windows are halved if the server finds one of them too long although it has few
# enough tokens: a limit of 64 instead of 512 is met.
_MAX_HALVINGS = 3

# A mean that is shorter is only the rounding error of vectors that cancel each other out.
_SHORTEST_MEAN = 1e-6


@dataclass(frozen=True, slots=True)
class QueryVector:
    """The vector of a query, L2-normalised, and the number of windows that it was made of."""

    vector: Vector
    windows: int


async def embed_query(embedder: Embedder, query: str) -> QueryVector:
    """Embed a query of any length.

    The vector of a query that is too long for the model is the mean of the vectors of its windows
    (docs/adr/0006). Raises what `Embedder` raises; TextTooLong only if the server refuses even
    windows of an eighth of its limit, or if the query prompt leaves no room for text.
    """
    facts = await embedder.facts()
    windows = [query]
    if not _fits(query, facts):
        windows = await asyncio.to_thread(_cut, query, facts)
    for _ in range(_MAX_HALVINGS):
        try:
            return _combine(await embedder.embed_queries(windows))
        except TextTooLong:
            windows = [part for window in windows for part in _halve(window, facts)]
    return _combine(await embedder.embed_queries(windows))


def _cut(query: str, facts: ModelFacts) -> list[str]:
    """Split a query at the ends of paragraphs, sentences or words into windows that fit."""
    if len(facts.tokenizer.offsets(facts.query_prompt)) >= facts.max_tokens:
        raise TextTooLong(f"the query prompt of {facts.name} leaves no room for a query")
    windows: list[str] = []
    waiting = [query]
    while waiting:
        part = waiting.pop()
        if len(part) < 2 or _fits(part, facts):
            windows.append(part)
        else:
            waiting += reversed(_halve(part, facts))
    return windows


def _halve(text: str, facts: ModelFacts) -> list[str]:
    """Return the halves of a text, without blank ones; a single character stays as it is."""
    if len(text) < 2:
        return [text]
    border = middle(text, facts.tokenizer)
    return [half.strip() for half in (text[:border], text[border:]) if not is_blank(half)]


def _fits(text: str, facts: ModelFacts) -> bool:
    return len(facts.tokenizer.offsets(facts.query_prompt + text)) <= facts.max_tokens


def _combine(vectors: Vectors) -> QueryVector:
    """Return the mean of the vectors, scaled to length 1."""
    if len(vectors) == 1:
        return QueryVector(vectors[0], 1)
    mean = vectors.mean(axis=0, dtype=np.float64)
    length = np.linalg.norm(mean)
    vector = mean / length if length > _SHORTEST_MEAN else vectors[0]
    return QueryVector(vector.astype(np.float32), len(vectors))
