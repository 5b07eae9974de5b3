"""Which generations of a backup a database takes over, and which it has already."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.backup.staging import Staging
from mirage.db.backup.statements import columns_of, execute

_RECIPE = (
    "model",
    "digest",
    "dimensions",
    "query_prompt",
    "document_prompt",
    "chunk_size",
    "chunk_overlap",
)
# What an installation without vectors takes over, because it decides on ranking.
_TAKEN_OVER = ("languages", "floor_mean", "floor_deviation", "floor_vectors")


@dataclass(frozen=True, slots=True)
class Target:
    """What the database has before the restore.

    `has_vectors` is whether a document is in the active generation; `same_model` whether the backup
    has the same active generation, or none.
    """

    has_documents: bool
    has_vectors: bool
    same_model: bool
    model: str | None


async def read_target(connection: AsyncConnection, staging: Staging) -> Target:
    """Return what the database has."""
    same = " AND ".join(f"s.{column} = g.{column}" for column in _RECIPE)
    row = (
        await connection.execute(
            text(
                f"""
                SELECT EXISTS (SELECT 1 FROM document) AS has_documents,
                       EXISTS (SELECT 1 FROM chunked_document k
                                 JOIN generation g ON g.id = k.generation_id
                                WHERE g.state = 'active' AND k.error IS NULL) AS has_vectors,
                       NOT EXISTS (SELECT 1 FROM {staging.table("generation")} s
                                    WHERE s.state = 'active'
                                      AND NOT EXISTS (SELECT 1 FROM generation g
                                                       WHERE g.state = 'active' AND {same}))
                           AS same_model,
                       (SELECT model FROM generation WHERE state = 'active') AS model
                """
            )
        )
    ).one()
    return Target(**row._mapping)


async def add_generations(
    connection: AsyncConnection, staging: Staging, target: Target
) -> dict[int, int]:
    """Return the ids here by the ids in the backup, of generations whose vectors are added.

    An installation without vectors takes over the generations with their states.
    """
    staged = staging.table("generation")
    same = " AND ".join(f"s.{column} = g.{column}" for column in _RECIPE)
    if target.has_vectors:
        rows = await connection.execute(
            text(
                f"""
                SELECT s.id AS old, g.id AS new FROM {staged} s JOIN generation g ON {same}
                 WHERE g.state IN ('active', 'building')
                   AND s.state NOT IN ('dropping', 'dropped')
                 ORDER BY g.id FOR SHARE OF g
                """
            )
        )
        return {row.old: row.new for row in rows}
    await execute(
        connection,
        f"""
        UPDATE generation SET state = 'retired'
         WHERE state IN ('active', 'building')
           AND EXISTS (SELECT 1 FROM {staged} WHERE state = 'active')
        """,
    )
    taken_over = ", ".join(f"{column} = s.{column}" for column in ("state", *_TAKEN_OVER))
    # In two steps, because two rows must never be active at the same time.
    for condition in ("s.state NOT IN ('active', 'building')", "true"):
        await execute(
            connection,
            f"UPDATE generation g SET {taken_over} FROM {staged} s WHERE {same} AND {condition}",
        )
    columns = [column for column in columns_of("generation") if column != "id"]
    await execute(
        connection,
        f"""
        INSERT INTO generation ({", ".join(columns)})
        SELECT {", ".join(f"s.{column}" for column in columns)} FROM {staged} s
         WHERE NOT EXISTS (SELECT 1 FROM generation g WHERE {same}) ORDER BY s.id
        """,
    )
    rows = await connection.execute(
        text(
            f"""
            SELECT s.id AS old, g.id AS new FROM {staged} s JOIN generation g ON {same}
             WHERE s.state NOT IN ('dropping', 'dropped')
            """
        )
    )
    return {row.old: row.new for row in rows}
