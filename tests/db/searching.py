"""One search of the database, as the use case does it."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from mirage.db import Database
from mirage.db.generations.vector_index import index_name
from mirage.db.search.candidates import Query, parameters, prepare
from mirage.search.retrieval import Retrieved, retrieve
from mirage.search.selection import Selection
from tests.db.statements import plan_of, sent_statements

# Over a few rows the planner reads all and sorts them, unless it may not.
_INDEX_ONLY = {"enable_seqscan": "off", "enable_sort": "off"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


async def find(
    database: Database,
    query: Query,
    vector: Iterable[float] | None = None,
    threshold: float | None = None,
    *,
    exact_below: int,
) -> Retrieved:
    """What is found with this vector of the query."""
    async with database.tuned_statements(parameters(query.candidates)) as connection:
        prepared = await prepare(connection, query, exact_below=exact_below)
        return await retrieve(
            connection, query, prepared, vector, Selection(query.wanted), threshold
        )


async def find_by_index(
    database: Database,
    query: Query,
    vector: Iterable[float],
    server: Mapping[str, str] = _NOTHING,
) -> Retrieved:
    """The same through the vector index, which the plan of the program's own statement must name.

    `server` holds further parameters of the server.
    """
    tuned = {**parameters(query.candidates), **_INDEX_ONLY, **server}
    async with database.tuned_statements(tuned) as connection:
        prepared = await prepare(connection, query, exact_below=0)
        with sent_statements(database) as sent:
            found = await retrieve(connection, query, prepared, vector, Selection(query.wanted))
        assert index_name(query.corpus.generation) in await plan_of(connection, sent[0])
    return found
