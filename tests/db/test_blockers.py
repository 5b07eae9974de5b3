"""What indexers wait for."""

from sqlalchemy import text

from mirage.db import Database
from mirage.db.queue.blockers import clear_blockers, list_blockers, report_blocker


async def test_blocker_keeps_its_beginning_while_it_is_met_again(database: Database) -> None:
    await _report(database, "no answer")
    await _pass(database, "60 seconds")
    await _report(database, "still no answer")
    async with database.transaction() as connection:
        (blocker,) = await list_blockers(connection)
        age = await connection.scalar(text("SELECT now() - since FROM blocker"))
    assert (blocker.kind, blocker.detail) == ("model-missing", "still no answer")
    assert age is not None
    assert age.total_seconds() >= 60


async def test_blocker_that_nobody_meets_any_more_is_over(database: Database) -> None:
    await _report(database, "no answer")
    await _pass(database, "10 minutes")
    async with database.transaction() as connection:
        assert await list_blockers(connection) == []
    await _report(database, "again")
    async with database.transaction() as connection:
        age = await connection.scalar(text("SELECT now() - since FROM blocker"))
        await clear_blockers(connection)
        assert await list_blockers(connection) == []
    assert age is not None
    assert age.total_seconds() < 60


async def _report(database: Database, detail: str) -> None:
    async with database.transaction() as connection:
        await report_blocker(connection, "model-missing", detail)


async def _pass(database: Database, time: str) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text(
                f"UPDATE blocker SET since = since - interval '{time}',"
                f" seen_at = seen_at - interval '{time}'"
            )
        )
