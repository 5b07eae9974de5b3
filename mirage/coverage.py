"""Use case: check that every character of the extracted text is in a passage."""

import asyncio
from uuid import UUID

from mirage.chunk import coverage_gaps
from mirage.db import Database
from mirage.db.sections import load_spans
from mirage.model import SECTION_SEPARATOR

MAX_GAPS = 100
"""Maximum number of gaps in an answer."""


async def find_gaps(database: Database, document: UUID) -> list[tuple[int, int]] | None:
    """Return the first ranges of the extracted text, in characters, that are in no passage.

    Returns None if the text is not chunked yet.
    """
    async with database.transaction() as connection:
        loaded = await load_spans(connection, document)
    if loaded is None:
        return None
    texts, spans = loaded
    # In a thread, because a long book takes a moment and others must be served meanwhile.
    return await asyncio.to_thread(_find_gaps, texts, spans)


def _find_gaps(texts: list[str], spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return coverage_gaps(SECTION_SEPARATOR.join(texts), spans)[:MAX_GAPS]
