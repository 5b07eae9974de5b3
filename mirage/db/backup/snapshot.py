"""Reads one consistent snapshot of the database for a backup.

All statements run in one REPEATABLE READ transaction. It locks no row, so uploads, searches and
indexers go on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import Database
from mirage.db.generations import Generation, active_generation
from mirage.db.identity import Identity, database_identity
from mirage.db.migrate import SchemaTooNew, schema_state
from mirage.errors import DatabaseUnavailable

_PAGE = 1000
# Vectors of generations in these states are being deleted, or are deleted.
_GONE = "('dropping', 'dropped')"
_OF_DOCUMENT = "JOIN backup_document b ON b.id = t.document_id"
_OF_GENERATION = f"JOIN generation g ON g.id = t.generation_id AND g.state NOT IN {_GONE}"
_IN_GENERATION = f"{_OF_DOCUMENT} {_OF_GENERATION}"
_SOURCES = {
    "generation": "",
    "project": "JOIN backup_project b ON b.id = t.id",
    "document": "JOIN backup_document b ON b.id = t.id",
    "section": _OF_DOCUMENT,
    "chunked_document": _IN_GENERATION,
    "split": _IN_GENERATION,
    "chunk": _IN_GENERATION,
    "embedding": _IN_GENERATION,
    "api_key": "JOIN backup_key b ON b.id = t.id",
}


@dataclass(frozen=True, slots=True)
class SnapshotOriginal:
    """The file of a document. `key` is its key in the store."""

    document_id: UUID
    key: str
    sha256: bytes
    size_bytes: int


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """The origin of the rows. `revision` is that of the schema."""

    revision: int
    postgresql: str
    identity: Identity
    active: Generation | None
    documents: int


class Snapshot:
    """One consistent state of the database, or of one project in it."""

    def __init__(self, connection: AsyncConnection, revision: int) -> None:
        self._connection = connection
        self._revision = revision

    async def facts(self) -> SnapshotFacts:
        """Return the origin of the rows."""
        return SnapshotFacts(
            self._revision,
            str(await self._connection.scalar(text("SHOW server_version"))),
            await database_identity(self._connection),
            await active_generation(self._connection),
            await self._count_documents(),
        )

    async def originals(self) -> AsyncIterator[SnapshotOriginal]:
        """Yield the files of all documents, ordered by key."""
        after = ""
        while True:
            rows = await self._connection.execute(
                text(
                    f"""
                    SELECT d.id, d.file_key, d.sha256, d.size_bytes
                      FROM document d JOIN backup_document b ON b.id = d.id
                     WHERE d.draft_of IS NULL AND d.file_key > :after
                     ORDER BY d.file_key LIMIT {_PAGE}
                    """
                ),
                {"after": after},
            )
            page = rows.all()
            if not page:
                return
            for row in page:
                yield SnapshotOriginal(row.id, row.file_key, bytes(row.sha256), row.size_bytes)
            after = page[-1].file_key

    async def exclude(self, documents: Sequence[UUID]) -> None:
        """Leave documents out, with their drafts, because they were deleted meanwhile."""
        await self._connection.execute(
            text(
                """
                DELETE FROM backup_document b USING document d
                 WHERE d.id = b.id AND (d.id = ANY(:ids) OR d.draft_of = ANY(:ids))
                """
            ),
            {"ids": list(documents)},
        )

    async def columns(self, table: str) -> list[str]:
        """Return the names of a table's columns, in order."""
        rows = await self._connection.scalars(
            text(
                """
                SELECT attname FROM pg_attribute
                 WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
                   AND attgenerated = '' ORDER BY attnum
                """
            ),
            {"table": table},
        )
        return list(rows)

    async def copy(
        self, table: str, columns: Sequence[str], write: Callable[[bytes], Awaitable[None]]
    ) -> int:
        """Write the rows of a table in PostgreSQL's binary COPY format; return how many."""
        listed = ", ".join(f't."{column}"' for column in columns)
        driver: Any = (await self._connection.get_raw_connection()).driver_connection
        status: str = await driver.copy_from_query(
            f'SELECT {listed} FROM "{table}" t {_SOURCES[table]}', output=write, format="binary"
        )
        return int(status.split()[-1])

    async def _count_documents(self) -> int:
        return int(
            await self._connection.scalar(
                text(
                    """
                    SELECT count(*) FROM document d JOIN backup_document b ON b.id = d.id
                     WHERE d.draft_of IS NULL
                    """
                )
            )
            or 0
        )


@asynccontextmanager
async def open_snapshot(database: Database, project_id: UUID | None) -> AsyncIterator[Snapshot]:
    """Open a snapshot of one project, or of all (None).

    A project comes with the keys that open only it. Raises SchemaBehind, SchemaTooNew,
    DatabaseUnavailable.
    """
    async with database.patient_connection() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        state = await schema_state(connection)
        state.check()
        if state.revision > state.head:  # It may have tables and columns that this code misses.
            raise SchemaTooNew(
                f"the database is at revision {state.revision}, this program knows {state.head}: it"
                " cannot back up what it does not know"
            )
        await _choose(connection, project_id)
        try:
            yield Snapshot(connection, state.revision)
        except asyncpg.PostgresConnectionError as error:
            raise DatabaseUnavailable("the database does not answer") from error
        finally:
            await connection.rollback()


async def _choose(connection: AsyncConnection, project_id: UUID | None) -> None:
    """List the rows to read in temporary tables, which end with the transaction."""
    chosen = {
        "backup_project": "SELECT id FROM project WHERE :all OR id = :project",
        "backup_document": "SELECT id FROM document WHERE :all OR project_id = :project",
        "backup_key": (
            "SELECT id FROM api_key WHERE :all"
            " OR project_ids <> '{}' AND project_ids <@ ARRAY[CAST(:project AS uuid)]"
        ),
    }
    for table, query in chosen.items():
        await connection.execute(
            text(f"CREATE TEMPORARY TABLE {table} (id uuid PRIMARY KEY) ON COMMIT DROP")
        )
        await connection.execute(
            text(f"INSERT INTO {table} {query}"),
            {"all": project_id is None, "project": project_id},
        )
        await connection.execute(text(f"ANALYZE {table}"))
