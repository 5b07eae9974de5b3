"""One search of the database, as the use case does it."""

from collections.abc import Iterable

from mirage.db import Database
from mirage.db.search.passages import Found, Query, find_passages, parameters, prepare


async def find(
    database: Database, query: Query, vector: Iterable[float] | None = None, *, exact_below: int
) -> Found:
    """What is found with this vector of the query."""
    async with database.tuned_statements(parameters(query.candidates)) as connection:
        prepared = await prepare(connection, query, exact_below=exact_below)
        return await find_passages(connection, query, prepared, vector)
