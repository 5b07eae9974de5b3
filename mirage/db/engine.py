"""The connection pool, and the border where the driver's errors become errors of this program."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

import asyncpg
from sqlalchemy import NullPool, event, func, select
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from mirage import config
from mirage.db.address import database_address
from mirage.db.faults import connection_fault, state_fault
from mirage.disk import describe_space
from mirage.errors import DatabaseFull, DatabaseUnavailable

# Transaction rollback: deadlock, serialization. PostgreSQL rolled back to let another one go on.
_CONFLICT_SQLSTATES = ("40",)
_DISK_FULL = "53100"
# A deadlock takes two, and its winner goes on at once: more than two in a row are a storm.
_TRIES = 3
# Firewalls and proxies between client and server may forget an idle connection; the shortest such
# limits in use are minutes.
_ASKED_AFTER_IDLE_SECONDS = 30.0

ROWS_PER_STATEMENT = 500
"""Rows that one statement writes at most: it takes 0.5 s, or 1 s with an HNSW index, which is far
below `database.statement_timeout_seconds`.
"""

Connection = AsyncConnection
"""A connection in a transaction."""
Result = TypeVar("Result")


class TransactionConflict(DatabaseUnavailable):
    """Send the request again: others changed the same documents at the same moment."""

    code = "transaction-conflict"


class Database:
    """Hands out connections of a pool: `transaction`, `statements`, `tuned_statements` and `run`.

    `patient_connection` opens a connection outside the pool.
    """

    def __init__(self, settings: config.Database, *, volume: Path | None = None) -> None:
        """Make the pool. `volume` is the folder of a PostgreSQL on this machine, named in errors
        when its disk is full.
        """
        address = database_address(settings)
        self.url = address.url
        self._hosts: list[str] = address.arguments.get("host", [])  # A list, or a socket.
        self._volume = volume
        connect_args: dict[str, Any] = {
            "timeout": settings.connect_timeout_seconds,
            "command_timeout": settings.statement_timeout_seconds,
            **address.arguments,
        }
        if not settings.prepared_statements:
            connect_args["statement_cache_size"] = 0
            connect_args["prepared_statement_cache_size"] = 0
            connect_args["prepared_statement_name_func"] = lambda: f"mirage_{uuid4().hex}"
        self._patient_args = {k: v for k, v in connect_args.items() if k != "command_timeout"}
        self.engine = create_async_engine(
            self.url,
            pool_size=settings.pool_size,
            max_overflow=0,
            pool_timeout=settings.connect_timeout_seconds,
            connect_args=connect_args,
        )
        _prepare_connections(self.engine)
        self._has_sessions = settings.prepared_statements
        self._single = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @property
    def place(self) -> str:
        """Return where the database is and who connects, without the password."""
        url = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
        return f"{url} at {', '.join(self._hosts)}" if self._hosts else url

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Run a transaction. Raise DatabaseUnavailable when the database cannot be used now, and
        TransactionConflict when it was rolled back to let another one go on.
        """
        with self._translated_errors():
            async with self.engine.begin() as connection:
                yield connection

    @asynccontextmanager
    async def statements(self) -> AsyncIterator[AsyncConnection]:
        """Run each statement in its own transaction, which halves the round trips of one read.

        Raise what `transaction` raises.
        """
        with self._translated_errors():
            async with self._single.connect() as connection:
                yield connection

    @asynccontextmanager
    async def tuned_statements(
        self, parameters: Mapping[str, str]
    ) -> AsyncIterator[AsyncConnection]:
        """Run statements like `statements` does, with run-time parameters of the server (`jit`).

        The parameters stay with a connection, so they must suit every other statement; they cost
        one round trip per connection. Behind a pooler, which shares connections, they are set for
        one transaction. Raise what `transaction` raises.
        """
        if not self._has_sessions:
            async with self.transaction() as connection:
                await _set(connection, parameters, for_session=False)
                yield connection
            return
        async with self.statements() as connection:
            if connection.info.get("parameters") != parameters:
                await _set(connection, parameters, for_session=True)
                connection.info["parameters"] = parameters
            yield connection

    @asynccontextmanager
    async def patient_connection(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection outside the pool, on which a statement may take any time.

        It is for migrations and index builds. Raise what `transaction` raises.
        """
        engine = create_async_engine(self.url, poolclass=NullPool, connect_args=self._patient_args)
        with self._translated_errors():
            async with engine.connect() as connection:
                yield connection

    async def run(self, work: Callable[[AsyncConnection], Awaitable[Result]]) -> Result:
        """Return what `work` returns in one transaction, which is repeated after a conflict.

        So `work` must change nothing outside the database. Raise what `transaction` raises.
        """
        for _ in range(_TRIES - 1):
            with suppress(TransactionConflict):
                async with self.transaction() as connection:
                    return await work(connection)
        async with self.transaction() as connection:
            return await work(connection)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.engine.dispose()

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise DatabaseUnavailable("all database connections are in use") from error
        except DBAPIError as error:
            if _sqlstate(error.orig).startswith(_CONFLICT_SQLSTATES):
                raise TransactionConflict("others were changing the same documents") from error
            if _sqlstate(error.orig) == _DISK_FULL:
                raise DatabaseFull(self._full()) from error
            if error.connection_invalidated:
                raise DatabaseUnavailable("the database does not answer") from error
            fault = state_fault(_sqlstate(error.orig), str(error.orig))
            if fault is None:
                raise
            raise fault from error
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            # SQLAlchemy does not wrap all errors of the driver while it connects.
            raise connection_fault(error) from error

    def _full(self) -> str:
        where = describe_space(self._volume) if self._volume else "its volume is full"
        return f"PostgreSQL cannot write: {where}"


async def _set(
    connection: AsyncConnection, parameters: Mapping[str, str], *, for_session: bool
) -> None:
    await connection.execute(
        select(
            *(func.set_config(name, value, not for_session) for name, value in parameters.items())
        )
    )


def _prepare_connections(engine: AsyncEngine) -> None:
    """Let the pool replace broken connections.

    The driver notices by itself when a server closes a connection, so only connections that were
    idle for long are pinged: SQLAlchemy's `pool_pre_ping` takes three round trips each time.
    """

    @event.listens_for(engine.sync_engine, "checkin")
    def note_time(_: Any, record: Any) -> None:
        record.info["idle_since"] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, record: Any, _: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server closed the connection")
        idle_since = record.info.get("idle_since", monotonic())
        if monotonic() - idle_since > _ASKED_AFTER_IDLE_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError("the connection broke while it was idle") from error


def _sqlstate(error: BaseException | None) -> str:
    """Return the error's SQLSTATE; empty when it has no SQLSTATE."""
    return getattr(error, "sqlstate", None) or ""
