"""The HNSW index over a generation's vectors: made once there are enough of them.

Below that every vector is compared, which is exact, and a new document costs no index work. Built
in one go, the index of 20,000 vectors takes a fraction of what as many single insertions take.
"""

import logging

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import Database
from mirage.db.generations import Generation, current_generations

MIN_VECTORS = 10_000
"""Comparing as many takes 10 to 20 ms (384 dimensions, one core)."""

# pgvector's default of 64 leaves parts of a shelf with many alike passages hard to reach; beyond
# 200 recall grows no more. A build takes 1.6 times as long (`tests/bench/searching.py`).
_EF_CONSTRUCTION = 200

_DROP_LOCK_TIMEOUT = "500ms"  # Below PostgreSQL's `deadlock_timeout`, as for partitions.

_log = logging.getLogger(__name__)


async def has_index(connection: AsyncConnection, generation: Generation) -> bool:
    """Whether searches can go through the index.

    It lives as long as its generation, so each connection asks for it until it is there.
    """
    indexed: set[int] = connection.info.setdefault("indexed", set())
    if generation.id not in indexed and await connection.scalar(
        text(
            "SELECT indisvalid FROM pg_index"
            f" WHERE indexrelid = to_regclass('{index_name(generation)}')"
        )
    ):
        indexed.add(generation.id)
    return generation.id in indexed


async def build_next(database: Database, min_vectors: int = MIN_VECTORS) -> bool:
    """Build an index that is due; False when there is none.

    Uploads, searches and other indexers go on meanwhile. What a killed build left is removed and
    built again. Raises DatabaseUnavailable.
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
        # One that is still being built elsewhere holds a lock against this.
        await connection.execute(text(f"SET LOCAL lock_timeout = '{_DROP_LOCK_TIMEOUT}'"))
        await connection.execute(text(f"DROP INDEX IF EXISTS {index_name(generation)}"))
    _log.info("building the vector index", extra={"generation": generation.id})
    async with database.patient_connection() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(
            text(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index_name(generation)}"
                f" ON embedding_{generation.id} USING hnsw"
                f" ((embedding::halfvec({generation.dimensions})) halfvec_cosine_ops)"
                f" WITH (ef_construction = {_EF_CONSTRUCTION})"
            )
        )
    _log.info("built the vector index", extra={"generation": generation.id})
    return True


def index_name(generation: Generation) -> str:
    """Of the generation's partition."""
    return f"embedding_{generation.id}_hnsw_idx"


async def _is_due(connection: AsyncConnection, generation: Generation, min_vectors: int) -> bool:
    if await has_index(connection, generation):
        return False
    return bool(
        await connection.scalar(
            text(
                "SELECT count(*) >= :enough AND NOT EXISTS (SELECT 1"
                "  FROM pg_stat_progress_create_index WHERE datname = current_database()"
                f"   AND relid = 'embedding_{generation.id}'::regclass)"
                f"  FROM (SELECT 1 FROM embedding_{generation.id} LIMIT :enough) v"
            ),
            {"enough": min_vectors},
        )
    )
