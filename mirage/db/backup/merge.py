"""Adds to the database what a backup has and it lacks. Nothing that is there changes.

All of it is one transaction, that of the staging tables: a restore that is killed
has added nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.backup.generations import Target, add_generations, read_target
from mirage.db.backup.staging import Staging
from mirage.db.backup.statements import columns_of, count, execute
from mirage.db.engine import TransactionConflict
from mirage.db.generations import lock_states

# Searches read the frequencies of common words from the statistics.
_ANALYZED = "project, document, section, chunked_document, chunk, embedding"
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '10s'"
# Nobody works on the rows here.
_UNCLAIMED = {"lease_token": "NULL", "leased_until": "NULL"}


@dataclass(frozen=True, slots=True)
class Added:
    """How many rows were added."""

    projects: int
    documents: int
    passages: int
    keys: int


class Merge:
    """Adds the rows of staging tables that a `Selection` chose, in their transaction."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._connection: AsyncConnection = staging.connection

    async def add(self, target: Target, *, reindex: bool, keys: bool) -> Added:
        """Add all rows that were chosen. `reindex` adds no vectors, so that indexers make new ones.

        `keys` adds API keys. Raises TransactionConflict if the database changed since they were
        chosen, and DatabaseUnavailable.
        """
        await self._execute(_LOCK_TIMEOUT)
        await lock_states(self._connection)
        now = await read_target(self._connection, self._staging)
        if (now.has_vectors, now.same_model) != (target.has_vectors, target.same_model):
            raise TransactionConflict("the index got another generation meanwhile")
        projects = await self._insert(
            "project", {"name": "p.name"}, "JOIN restored_project p ON p.id = s.id AND p.is_new"
        )
        if await self._count(
            "FROM restored_project r WHERE NOT EXISTS (SELECT 1 FROM project p WHERE p.id = r.id)"
        ):
            raise TransactionConflict("a project of the same name was created meanwhile")
        await self._map_generations(target, reindex=reindex)
        documents = await self._add_documents(reindex=reindex)
        await self._insert("section", {}, "JOIN restored r ON r.id = s.document_id")
        passages = await self._add_passages()
        added_keys = await self._insert("api_key", {}, "") if keys else 0
        await self._staging.drop()
        await self._execute(f"ANALYZE {_ANALYZED}")
        return Added(projects, documents, passages, added_keys)

    async def adopt_identity(self, identity: UUID, created_at: datetime) -> None:
        """Make this database the one of the backup, to which the store belongs."""
        await self._connection.execute(
            text("UPDATE identity SET id = :id, created_at = :created_at"),
            {"id": identity, "created_at": created_at},
        )

    async def _map_generations(self, target: Target, *, reindex: bool) -> None:
        """List the generations whose vectors are added, with their ids here."""
        mapped = {}
        if not reindex:
            mapped = await add_generations(self._connection, self._staging, target)
        await self._execute(
            "CREATE TEMPORARY TABLE restored_generation (old integer PRIMARY KEY, new integer)"
            " ON COMMIT DROP"
        )
        await self._connection.execute(
            text(
                """
                INSERT INTO restored_generation
                SELECT * FROM unnest(CAST(:old AS integer[]), CAST(:new AS integer[]))
                """
            ),
            {"old": list(mapped), "new": list(mapped.values())},
        )

    async def _add_documents(self, *, reindex: bool) -> int:
        status = "CASE s.status WHEN 'parsing' THEN 'pending' ELSE s.status END"
        if reindex:
            status = (
                "CASE WHEN s.status = 'ready' THEN 'embedding'"
                " WHEN s.status = 'parsing' THEN 'pending' ELSE s.status END"
            )
        changed = {"status": status, "file_key": "r.file_key"} | _UNCLAIMED
        await self._insert("document", changed, "JOIN restored r ON r.id = s.id")
        # An upload may have added some of them a moment ago.
        await self._execute(
            """
            DELETE FROM restored r
             WHERE NOT EXISTS (SELECT 1 FROM document d
                                WHERE d.id = r.id AND d.file_key = r.file_key)
            """
        )
        documents = await self._count("FROM restored")
        if not reindex:  # A draft has nothing that a new run would not make again.
            drafts = "JOIN restored r ON r.id = s.draft_of"
            await self._insert("document", changed, drafts)
            await self._execute(
                f"INSERT INTO restored SELECT s.id FROM {self._staging.table('document')} s"
                f" {drafts}"
            )
        return documents

    async def _add_passages(self) -> int:
        """Add what documents have in generations; return the number of passages."""
        generations = await self._connection.scalars(
            text("SELECT DISTINCT new FROM restored_generation ORDER BY new")
        )
        in_generation = (
            "JOIN restored r ON r.id = s.document_id"
            " JOIN restored_generation m ON m.old = s.generation_id"
        )
        mapped = {"generation_id": "m.new"}
        for table in ("chunked_document", "split"):
            await self._insert(table, mapped, in_generation)
        passages = await self._insert("chunk", mapped | _UNCLAIMED, in_generation)
        # Last, because a new partition keeps searches from all others until the end.
        for generation in generations.all():
            await self._execute(
                f"""
                CREATE TABLE IF NOT EXISTS embedding_{generation}
                    PARTITION OF embedding FOR VALUES IN ({generation})
                """
            )
        await self._insert("embedding", mapped, in_generation)
        return passages

    async def _insert(self, table: str, changed: Mapping[str, str], joins: str) -> int:
        columns = columns_of(table)
        values = ", ".join(changed.get(column, f"s.{column}") for column in columns)
        return await self._execute(
            f"""
            INSERT INTO {table} ({", ".join(columns)})
            SELECT {values} FROM {self._staging.table(table)} s {joins} ON CONFLICT DO NOTHING
            """
        )

    async def _execute(self, statement: str) -> int:
        return await execute(self._connection, statement)

    async def _count(self, source: str) -> int:
        return await count(self._connection, source)
