"""The pool hands out connections that work."""

import time

import pytest
from sqlalchemy import text

from mirage.db import Database


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
