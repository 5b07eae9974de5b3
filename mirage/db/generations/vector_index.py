"""The HNSW index over a generation's vectors: built once there are enough of them.

With fewer vectors a search compares them all, which is exact, and a new document costs no index
work. Built in one go, the index of 20,000 vectors takes a fraction of the time of as many single
insertions.
"""

import logging

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import Database
from mirage.db.generations import GIVE_WAY, Generation, current_generations

MIN_VECTORS = 10_000
"""Comparing as many takes 10 to 20 ms (384 dimensions, one core)."""

# With pgvector's default of 64, parts of a project with many alike passages are hard to reach;
# beyond 200 recall grows no more. A build takes 1.6 times as long (`tests/bench/searching.py`).
_EF_CONSTRUCTION = 200

_log = logging.getLogger(__name__)


async def has_index(connection: AsyncConnection, generation: Generation) -> bool:
    """Return whether searches can use the index.

    It lives as long as its generation, so each connection asks for it only until it is there.
    """
    indexed: set[int] = connection.info.setdefault("indexed", set())
    if generation.id not in indexed and await connection.scalar(
        text(
            f"""
            SELECT indisvalid FROM pg_index
             WHERE indexrelid = to_regclass('{index_name(generation)}')
            """
        )
    ):
        indexed.add(generation.id)
    return generation.id in indexed


async def build_next(database: Database, min_vectors: int = MIN_VECTORS) -> bool:
    """Build an index that is due; return False when there is none.

    Uploads, searches and other indexers go on meanwhile. What a killed build left is removed and
    built again. Raise DatabaseUnavailable.
    """
    async with database.transaction() as connection:
        due = [
            generation
            for generation in await current_generations(connection)
            if await _is_due(connection, generation, min_vectors)
        ]
    if not due:
        return False
    generation = due[0]
    async with database.transaction() as connection:
        # A build in another process holds a lock against this.
        await connection.execute(text(GIVE_WAY))
        await connection.execute(text(f"DROP INDEX IF EXISTS {index_name(generation)}"))
    _log.info("building the vector index", extra={"generation": generation.id})
    async with database.patient_connection() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(
            text(
                f"""
                CREATE INDEX CONCURRENTLY IF NOT EXISTS {index_name(generation)}
                    ON embedding_{generation.id}
                 USING hnsw ((embedding::halfvec({generation.dimensions})) halfvec_cosine_ops)
                  WITH (ef_construction = {_EF_CONSTRUCTION})
                """
            )
        )
    _log.info("built the vector index", extra={"generation": generation.id})
    return True


def index_name(generation: Generation) -> str:
    """Return the name of the index on the generation's partition."""
    return f"embedding_{generation.id}_hnsw_idx"


async def _is_due(connection: AsyncConnection, generation: Generation, min_vectors: int) -> bool:
    if await has_index(connection, generation):
        return False
    return bool(
        await connection.scalar(
            text(
                f"""
                SELECT count(*) >= :enough AND NOT EXISTS (
                           SELECT 1 FROM pg_stat_progress_create_index
                            WHERE datname = current_database()
                              AND relid = 'embedding_{generation.id}'::regclass)
                  FROM (SELECT 1 FROM embedding_{generation.id} LIMIT :enough) v
                """
            ),
            {"enough": min_vectors},
        )
    )
