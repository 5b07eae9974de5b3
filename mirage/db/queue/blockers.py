"""Reasons why indexing waits; shown on waiting documents and in `/health`.

An indexer that waits reports its reason each time it tries. A reason that no indexer has reported
for a while is over, or its indexer is gone: either way it does not count any more.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import BlockerRow

# Longer than the longest pause between two tries (`indexer.poll_seconds`, at most 60).
CURRENT = "seen_at > now() - interval '90 seconds'"
"""Condition of a blocker that counts."""
PASSING = "seen_at < 'infinity'"
"""Condition of a blocker that holds documents up; a finding about the store does not."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A reason why indexing waits, and since when."""

    kind: str
    detail: str
    since: datetime


async def report_blocker(connection: AsyncConnection, kind: str, detail: str) -> None:
    """Store a blocker; `since` stays while the same kind is reported again and again."""
    await connection.execute(
        text(
            f"""
            INSERT INTO blocker (kind, detail) VALUES (:kind, :detail)
            ON CONFLICT (kind) DO UPDATE SET detail = excluded.detail, seen_at = now(),
               since = CASE WHEN blocker.{CURRENT} THEN blocker.since ELSE now() END
            """
        ),
        {"kind": kind, "detail": detail},
    )


async def clear_blockers(connection: AsyncConnection) -> None:
    """Delete all blockers; findings stay."""
    await connection.execute(delete(BlockerRow).where(text(PASSING)))


async def record_finding(connection: AsyncConnection, kind: str, detail: str) -> None:
    """Store a finding until `settle_finding`; `since` stays while it is of the same kind."""
    row = insert(BlockerRow).values(kind=kind, detail=detail, seen_at=text("'infinity'"))
    await connection.execute(
        row.on_conflict_do_update(
            index_elements=["kind"],
            set_={"detail": row.excluded.detail, "seen_at": row.excluded.seen_at},
        )
    )


async def settle_finding(connection: AsyncConnection, kind: str) -> None:
    """Delete a finding, which is settled."""
    await connection.execute(delete(BlockerRow).where(BlockerRow.kind == kind))


async def list_blockers(connection: AsyncConnection) -> list[Blocker]:
    """Return current blockers, ordered by kind."""
    rows = await connection.execute(
        text(f"SELECT kind, detail, since FROM blocker WHERE {CURRENT} ORDER BY kind")
    )
    return [Blocker(row.kind, row.detail, row.since) for row in rows]
