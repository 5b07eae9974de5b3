"""Loads the rows of a backup into staging tables, from which `merge.py` adds what is missing.

Rows of this schema's revision go to temporary tables, which vanish however the restore ends. Rows
of an older revision go to a schema of their own, which is migrated to that revision before and to
this code's revision after; what a killed restore leaves of it is dropped by the next one.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.backup import SAVED, BackupDamaged
from mirage.db.engine import Database
from mirage.db.migrate import alembic_config, head_revision

_OWN_SCHEMA = "mirage_restore"
_INDEXED = {
    "document": "id",
    "section": "document_id",
    "chunk": "document_id",
    "embedding": "document_id",
}
_PREFIX = "restore_"
_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.SyntaxOrAccessError,
    asyncpg.QueryCanceledError,
)
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class Staging:
    """Staging tables, and the connection whose transaction fills them."""

    def __init__(self, connection: AsyncConnection, revision: int) -> None:
        self.connection = connection
        self._revision = revision
        self._head = head_revision()

    @property
    def _is_older(self) -> bool:
        return self._revision < self._head

    def table(self, name: str) -> str:
        """Return the name of the staging table of a table, as SQL."""
        if self._is_older:
            return f"{_OWN_SCHEMA}.{name}"
        return f"pg_temp.{_PREFIX}{name}"  # Under its own name it would hide the real table.

    async def prepare(self) -> None:
        """Create the empty tables, as the backup's revision has them."""
        if not self._is_older:
            for table in SAVED:
                await self.connection.execute(
                    text(f"CREATE TEMPORARY TABLE {_PREFIX}{table} (LIKE {table}) ON COMMIT DROP")
                )
            return
        others = await self.connection.scalar(text("SHOW search_path"))
        await self.connection.execute(text(f"DROP SCHEMA IF EXISTS {_OWN_SCHEMA} CASCADE"))
        await self.connection.execute(text(f"CREATE SCHEMA {_OWN_SCHEMA}"))
        await self.connection.execute(text(f"SET search_path = {_OWN_SCHEMA}, {others}"))
        # Without it Alembic would find the version of the real tables.
        await self.connection.execute(
            text(f"CREATE TABLE {_OWN_SCHEMA}.alembic_version (version_num varchar(32))")
        )
        await self._migrate(f"{self._revision:04}")
        await self.connection.execute(
            text(f"CREATE TABLE {_OWN_SCHEMA}.embedding_any PARTITION OF embedding DEFAULT")
        )
        await self.connection.commit()

    async def load(self, table: str, columns: Sequence[str], parts: AsyncIterator[bytes]) -> int:
        """Load rows in PostgreSQL's binary COPY format; return how many.

        Raises BackupDamaged, and what `parts` raises.
        """
        if not all(_NAME.fullmatch(name) for name in (table, *columns)):
            raise BackupDamaged(f"{table!r} or one of its columns is not a name")
        schema, _, name = self.table(table).partition(".")
        driver: Any = (await self.connection.get_raw_connection()).driver_connection
        failed: list[BaseException] = []
        try:
            status: str = await driver.copy_to_table(
                name,
                source=_watched(parts, failed),
                columns=list(columns),
                schema_name=schema,
                format="binary",
            )
        except _REFUSED as error:
            if failed:
                raise failed[0] from error
            raise BackupDamaged(f"the rows of {table} cannot be loaded: {error}") from error
        return int(status.split()[-1])

    async def finish(self) -> None:
        """Bring the loaded rows to this code's revision, and prepare them to be searched."""
        if self._is_older:
            await self.connection.commit()
            await self._migrate("head")
            await self.connection.execute(text("RESET search_path"))
        for table, column in _INDEXED.items():
            if not self._is_older:
                await self.connection.execute(
                    text(f"CREATE INDEX ON {self.table(table)} ({column})")
                )
            await self.connection.execute(text(f"ANALYZE {self.table(table)}"))

    async def drop(self) -> None:
        """Drop the tables, in the transaction that added their rows."""
        if self._is_older:
            await self.connection.execute(text(f"DROP SCHEMA {_OWN_SCHEMA} CASCADE"))

    async def _migrate(self, revision: str) -> None:
        await self.connection.commit()
        await self.connection.run_sync(_upgrade, revision)
        await self.connection.commit()


@asynccontextmanager
async def open_staging(database: Database, revision: int) -> AsyncIterator[Staging]:
    """Open a transaction with empty staging tables. The caller commits it.

    Raises DatabaseUnavailable.
    """
    async with database.patient_connection() as connection:
        staging = Staging(connection, revision)
        await staging.prepare()
        try:
            yield staging
        finally:
            await connection.rollback()


async def _watched(
    parts: AsyncIterator[bytes], failed: list[BaseException]
) -> AsyncIterator[bytes]:
    """Yield the parts, and remember their error: the driver replaces it by the server's."""
    try:
        async for part in parts:
            yield part
    except BaseException as error:
        failed.append(error)
        raise


def _upgrade(connection: Connection, revision: str) -> None:
    command.upgrade(alembic_config(connection), revision)
