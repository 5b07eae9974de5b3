"""`mirage migrate`, and the check whether this code may work with the schema in the database.

Every migration stores the oldest code revision that still works after it (`compatibility`), so
that old pods keep serving during a rolling upgrade and refuse what they cannot understand.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import Database
from mirage.db.faults import MISTAKES, SchemaBehind
from mirage.db.tables import CompatibilityRow
from mirage.errors import ConfigError, DatabaseUnavailable, Unavailable

_LOCK_KEY = 0x6D69_7261_6765  # "mirage" in ASCII
_LOCK_TIMEOUT = "10s"
_MIN_POSTGRESQL = 160000
_MIN_VECTOR = (0, 8)
_PATIENCE_SECONDS = 60.0

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class UnsuitableDatabase(ConfigError):
    """Use PostgreSQL 16 or newer with pgvector 0.8 or newer, as the message says."""

    code = "unsuitable-database"


class SchemaTooNew(ConfigError):
    """Use the release that migrated the database, or a newer one."""

    code = "schema-too-new"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Revision of the database (0: empty), what it admits, and the revision of this code."""

    revision: int
    min_compatible: int
    head: int

    def check(self) -> None:
        """Raise SchemaBehind or SchemaTooNew when this code must not use the database."""
        if self.revision < self.head:
            raise SchemaBehind(
                f"the database is at revision {self.revision}, this program needs {self.head}"
            )
        if self.min_compatible > self.head:
            raise SchemaTooNew(
                f"the database (revision {self.revision}) admits programs from revision"
                f" {self.min_compatible} on, this one is at {self.head}"
            )


def head_revision() -> int:
    """Return the newest migration that this code brings."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        raise ConfigError("the program was installed without its migrations")
    return int(revision)


async def schema_state(connection: AsyncConnection) -> SchemaState:
    """Return the state of the database's schema."""
    exists = await connection.scalar(text("SELECT to_regclass('compatibility') IS NOT NULL"))
    row = None
    if exists:
        row = (
            await connection.execute(
                select(CompatibilityRow.revision, CompatibilityRow.min_compatible)
                .order_by(CompatibilityRow.revision.desc())
                .limit(1)
            )
        ).one_or_none()
    revision, min_compatible = row or (0, 0)
    return SchemaState(revision, min_compatible, head_revision())


async def migrate(database: Database) -> SchemaState:
    """Bring the schema to this code's head; leave a newer compatible schema as it is.

    Raise SchemaTooNew, or UnsuitableDatabase when the server or its extension does not suffice.
    """
    async with _locked(database):
        async with database.transaction() as connection:
            if await _require_server(connection):
                await _create_extension(connection)
            state = await schema_state(connection)
        if state.revision > state.head:
            state.check()
            _log.info("the schema is newer and compatible; nothing to do")
            return state
        async with database.patient_connection() as connection:
            await connection.execute(text(f"SET lock_timeout = '{_LOCK_TIMEOUT}'"))
            await connection.commit()
            await connection.run_sync(_upgrade)
        async with database.transaction() as connection:
            state = await schema_state(connection)
    state.check()
    _log.info("the schema is at revision %d", state.revision)
    return state


async def require_schema(database: Database) -> SchemaState:
    """Raise SchemaBehind or SchemaTooNew when this code must not use the database.

    Raise UnsuitableDatabase when the server is the reason why it has no schema.
    """
    async with database.transaction() as connection:
        state = await schema_state(connection)
        if state.revision < state.head:
            await _require_server(connection)
    state.check()
    return state


async def server_versions(database: Database) -> tuple[str, str]:
    """Return the versions of PostgreSQL and of its pgvector (`none` if it is not installed).

    Raise UnsuitableDatabase when one of them is too old or missing.
    """
    async with database.transaction() as connection:
        await _require_server(connection)
        postgresql = await connection.scalar(text("SHOW server_version"))
        vector = await connection.scalar(
            text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        )
    return str(postgresql), str(vector or "none")


async def when_reachable(
    action: Callable[[], Awaitable[_T]],
    *,
    also: type[Unavailable] = DatabaseUnavailable,
    pause_seconds: float = 2.0,
    patience_seconds: float = _PATIENCE_SECONDS,
) -> _T:
    """Try until `action` raises neither DatabaseUnavailable nor `also`; return its result.

    A wrong password and the like are tried for `patience_seconds`, because PostgreSQL may be about
    to get the new one; then that error is raised. So the container is restarted, and reads its
    Secret again.
    """
    begun: float | None = None
    while True:
        try:
            return await action()
        except (DatabaseUnavailable, also) as error:
            now = time.monotonic()
            begun = (begun or now) if isinstance(error, MISTAKES) else None
            if begun is not None and now - begun >= patience_seconds:
                raise
            _log.warning("%s; trying again in %.0f s", error, pause_seconds)
            await asyncio.sleep(pause_seconds)


def alembic_config(connection: Connection | None = None) -> Config:
    """Make Alembic's settings in memory: without an ini file no `%` of a URL needs escaping."""
    configuration = Config()
    configuration.set_main_option(
        "script_location", str(Path(str(files("mirage.db"))) / "migrations")
    )
    configuration.attributes["connection"] = connection
    return configuration


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


@asynccontextmanager
async def _locked(database: Database) -> AsyncIterator[None]:
    """Hold a session lock on a separate connection, outside any transaction.

    A transaction lock would deadlock with CREATE INDEX CONCURRENTLY, which waits for every open
    transaction, the lock's included.
    """
    async with database.statements() as connection:
        while not await connection.scalar(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}
        ):
            _log.info("another process migrates; waiting")
            await asyncio.sleep(1.0)
        try:
            yield
        finally:
            await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})


async def _require_server(connection: AsyncConnection) -> bool:
    """Raise UnsuitableDatabase; return whether the extension still has to be created."""
    number = int(await connection.scalar(text("SHOW server_version_num")) or 0)
    if number < _MIN_POSTGRESQL:
        raise UnsuitableDatabase(f"PostgreSQL 16 or newer is needed, this is {number // 10000}")
    query = """
        SELECT installed_version, default_version FROM pg_available_extensions
         WHERE name = 'vector'
        """
    row = (await connection.execute(text(query))).one_or_none()
    if row is None:
        raise UnsuitableDatabase(
            "this PostgreSQL has no pgvector: install the extension on its server"
        )
    installed, available = row
    if _version(installed or available) < _MIN_VECTOR:
        raise UnsuitableDatabase(
            f"pgvector 0.8 or newer is needed, this is {installed or available}: update it, then"
            " run `ALTER EXTENSION vector UPDATE`"
        )
    return installed is None


async def _create_extension(connection: AsyncConnection) -> None:
    role, name, may_create = (
        await connection.execute(
            text(
                """
                SELECT current_user, current_database(),
                       rolsuper
                       OR (SELECT trusted FROM pg_available_extension_versions v
                             JOIN pg_available_extensions e
                               ON (e.name, e.default_version) = (v.name, v.version)
                            WHERE v.name = 'vector')
                       AND has_database_privilege(current_database(), 'CREATE')
                  FROM pg_roles WHERE rolname = current_user
                """
            )
        )
    ).one()
    if not may_create:
        raise UnsuitableDatabase(
            f'the role "{role}" may not create the extension: as a superuser of database'
            f' "{name}" run `CREATE EXTENSION vector`, then start again'
        )
    await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))


def _version(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split(".") if part.isdigit())
