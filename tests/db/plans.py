"""Plans of the statements that the program itself sends."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, text

from mirage.db import Connection


@dataclass
class Plan:
    """`text` is what EXPLAIN says, once the block has ended."""

    text: str = ""


@asynccontextmanager
async def plan_of(connection: Connection) -> AsyncIterator[Plan]:
    """Explain the one statement that the block sends; sorts and sequential scans are avoided."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        sent.append((statement, values))

    plan = Plan()
    event.listen(connection.sync_connection, "before_cursor_execute", note)
    try:
        yield plan
    finally:
        event.remove(connection.sync_connection, "before_cursor_execute", note)
    ((statement, values),) = sent
    for method in ("seqscan", "bitmapscan", "sort"):
        await connection.execute(text(f"SET LOCAL enable_{method} = off"))
    lines = await connection.exec_driver_sql(f"EXPLAIN {statement}", values)
    plan.text = "\n".join(line for (line,) in lines)
