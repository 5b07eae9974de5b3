"""How many passages a search may find, and how many of them contain a word.

Large numbers take long to count and change little, so this process remembers them for a while.
Small ones are counted each time. In a large corpus the frequency of a common word is not counted at
all: PostgreSQL has it in its statistics.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation
from mirage.db.search.bm25_document import quoted
from mirage.db.search.filters import Filters, bind
from mirage.words import Word

COMMON = 5_000
"""Document frequencies are counted up to this cap; counting 5,000 takes some 20 ms."""

_REMEMBERED_SECONDS = 300.0
_REMEMBERED_FROM = 1_000  # Counted in some 4 ms.
_MOST_REMEMBERED = 50_000

# From this size on the statistics say enough about a project, although they are of all projects.
_ESTIMATED_FROM = 5_000

_remembered: dict[bytes, tuple[float, int]] = {}
"""Expiry (monotonic seconds) and count, by a digest, because filters may be long."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """What a search may find: passages of a project, in a generation, that pass the filters."""

    generation: Generation
    project_id: UUID
    filters: Filters = field(default_factory=Filters)

    def parameters(self) -> dict[str, object]:
        """Return the values for the names in the filters' SQL."""
        return {"project": self.project_id, **self.filters.parameters()}


async def count_passages(connection: AsyncConnection, corpus: Corpus, at_most: int | None) -> int:
    """Count passages with a vector, up to `at_most` (None: all)."""
    key = _key(corpus, at_most)
    known = _recall(key)
    if known is not None:
        return known
    counted = await connection.scalar(
        *bind(
            f"""
            SELECT count(*)
              FROM (SELECT 1
                      FROM embedding e {corpus.filters.joins("e.document_id", "e.chunk_id")}
                     WHERE e.generation_id = {corpus.generation.id}
                     LIMIT {"ALL" if at_most is None else at_most}) p
            """,
            corpus.parameters(),
        )
    )
    return _remember(key, int(counted or 0))


async def count_words(
    connection: AsyncConnection, corpus: Corpus, words: Sequence[Word], size: int
) -> list[int]:
    """Count the passages that contain each word, up to `COMMON`; `size` is that of the corpus.

    In a large corpus a common word has an estimate, which may be above `COMMON`.
    """
    shares: Mapping[str, float] = {}
    if size >= _ESTIMATED_FROM and corpus.filters == Filters():
        shares = await _common_shares(connection)
    found: dict[Word, int | None] = {}
    for word in words:
        share = max((shares.get(term, 0.0) for term in word), default=0.0)
        found[word] = round(share * size) if share else _recall(_key(corpus, word))
    missing = {tsquery(word): word for word, known in found.items() if known is None}
    if missing:
        rows = await connection.execute(
            *bind(
                f"""
                SELECT word, (SELECT count(*) FROM (
                           SELECT 1 FROM chunk c {corpus.filters.joins("c.document_id", "c.id")}
                            WHERE c.generation_id = {corpus.generation.id}
                              AND c.status = 'ready'
                              AND c.lexemes @@ CAST(word AS tsquery) LIMIT {COMMON}) p) AS counted
                  FROM unnest(CAST(:words AS text[])) word
                """,
                {**corpus.parameters(), "words": list(missing)},
            )
        )
        for row in rows:
            word = missing[row.word]
            found[word] = _remember(_key(corpus, word), row.counted)
    return [found[word] or 0 for word in words]


def tsquery(word: Word) -> str:
    """Return a `tsquery` of the passages with one of a word's terms."""
    return " | ".join(map(quoted, word))


async def _common_shares(connection: AsyncConnection) -> Mapping[str, float]:
    """Return how many of all passages have each of the most common terms, as a share."""
    until, shares = connection.info.get("common_shares", (0.0, {}))
    if time.monotonic() >= until:
        row = (
            await connection.execute(
                text(
                    """
                    SELECT CAST(CAST(most_common_elems AS text) AS text[]) AS terms,
                           most_common_elem_freqs AS shares
                      FROM pg_stats
                     WHERE schemaname = current_schema() AND tablename = 'chunk'
                       AND attname = 'lexemes'
                    """
                )
            )
        ).one_or_none()
        # The last three numbers are the least, the greatest and the share of nulls.
        shares = dict(zip(row.terms, row.shares, strict=False)) if row and row.terms else {}
        connection.info["common_shares"] = time.monotonic() + _REMEMBERED_SECONDS, shares
    known: Mapping[str, float] = shares
    return known


def _key(corpus: Corpus, what: object) -> bytes:
    return blake2b(repr((corpus, what)).encode("utf-8", "replace"), digest_size=16).digest()


def _recall(key: bytes) -> int | None:
    until, counted = _remembered.get(key, (0.0, 0))
    return counted if time.monotonic() < until else None


def _remember(key: bytes, counted: int) -> int:
    if counted >= _REMEMBERED_FROM:
        if len(_remembered) >= _MOST_REMEMBERED:
            _remembered.clear()
        _remembered[key] = time.monotonic() + _REMEMBERED_SECONDS, counted
    return counted
