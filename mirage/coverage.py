"""Use case: prove that no text was lost between the extracted text and its passages."""

import asyncio
from uuid import UUID

from mirage.chunk import coverage_gaps
from mirage.db import Database
from mirage.db.sections import load_spans
from mirage.model import SECTION_SEPARATOR

MAX_GAPS = 100
"""How many gaps one answer names; one is fault enough."""


async def find_gaps(database: Database, document: UUID) -> list[tuple[int, int]] | None:
    """Stretches of the extracted text that lie in no passage, in characters; the first of them.

    None while the text is not cut into passages yet.
    """
    async with database.transaction() as connection:
        loaded = await load_spans(connection, document)
    if loaded is None:
        return None
    texts, spans = loaded
    # A long book takes a moment, in which others are to be served.
    return await asyncio.to_thread(_find_gaps, texts, spans)


def _find_gaps(texts: list[str], spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    return coverage_gaps(SECTION_SEPARATOR.join(texts), spans)[:MAX_GAPS]
