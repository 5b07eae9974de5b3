"""The program's own statements: what it sent, and how the server carries it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db import Database

Sent = tuple[str, Any]
"""A statement as the driver gets it, and its parameters."""


@contextmanager
def sent_statements(database: Database) -> Iterator[list[Sent]]:
    """Collect the statements that are sent while the block runs, by whatever part of the pool."""
    sent: list[Sent] = []

    def note(_c: object, _d: object, statement: str, parameters: Any, *_: object) -> None:
        sent.append((statement, parameters))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def plan_of(connection: AsyncConnection, sent: Sent) -> str:
    """Return the plan of a statement that was sent, with the same parameters."""
    statement, parameters = sent
    rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(row[0] for row in rows)
