"""The pool hands out connections that work."""

import time
from collections.abc import Mapping

import pytest
from sqlalchemy import text

from mirage.db import Connection, Database
from mirage.postgres import Server
from tests.conftest import database_settings


async def _backend(database: Database) -> int:
    async with database.statements() as connection:
        return int(await connection.scalar(text("SELECT pg_backend_pid()")) or 0)


async def test_connection_that_the_server_closed_is_replaced(database: Database) -> None:
    async with database.statements() as first, database.statements() as second:
        pids = [
            int(await each.scalar(text("SELECT pg_backend_pid()")) or 0) for each in (first, second)
        ]
    async with database.patient_connection() as other:
        await other.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(CAST(:pids AS int[])) pid"),
            {"pids": pids},
        )
    assert await _backend(database) not in pids
    assert await _backend(database) not in pids


@pytest.mark.parametrize(("idle_seconds", "asked"), [(0.0, 0), (3600.0, 1)])
async def test_only_a_connection_that_was_long_idle_is_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch, idle_seconds: float, asked: int
) -> None:
    await _backend(database)
    pings = []
    ping = database.engine.dialect.do_ping
    monkeypatch.setattr(
        database.engine.dialect, "do_ping", lambda connection: pings.append(ping(connection))
    )
    later = time.monotonic() + idle_seconds
    monkeypatch.setattr("mirage.db.engine.monotonic", lambda: later)
    await _backend(database)
    assert len(pings) == asked


async def test_what_a_single_statement_wrote_stays(database: Database) -> None:
    async with database.statements() as connection:
        await connection.execute(text("CREATE TABLE kept (id int)"))
    async with database.transaction() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM kept")) == 0


async def _shown(connection: Connection, name: str) -> object:
    return await connection.scalar(text(f"SHOW {name}"))


@pytest.mark.parametrize("has_sessions", [True, False])
async def test_parameters_hold_where_they_are_asked_for(
    postgres: Server, database_name: str, has_sessions: bool
) -> None:
    settings = database_settings(postgres, database_name)
    database = Database(settings.model_copy(update={"prepared_statements": has_sessions}))

    async def shown(parameters: Mapping[str, str]) -> object:
        async with database.tuned_statements(parameters) as connection:
            return await _shown(connection, "hnsw.ef_search")

    try:
        for value in ("77", "77", "99"):
            assert await shown({"hnsw.ef_search": value, "jit": "off"}) == value
        async with database.statements() as connection:
            # Behind a pooler the next client would have them.
            assert await _shown(connection, "jit") == ("off" if has_sessions else "on")
    finally:
        await database.dispose()
