"""What indexers wait for at the moment; seen on waiting documents and in `/health`.

An indexer that waits says so again each time it tries. An obstacle that nobody has met for a while
is over, or its indexer is gone: either way it says nothing any more.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Longer than the longest pause between two tries (`indexer.poll_seconds`, at most 60).
CURRENT = "seen_at > now() - interval '90 seconds'"
"""Condition of an obstacle that counts."""
PASSING = "seen_at < 'infinity'"
"""Condition of an obstacle that holds documents up; a finding about the store does not."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """What is in the way, since when."""

    kind: str
    detail: str
    since: datetime


async def report_blocker(connection: AsyncConnection, kind: str, detail: str) -> None:
    """Say what is in the way; `since` stays while the same is said again and again."""
    await connection.execute(
        text(
            "INSERT INTO obstacle (kind, detail) VALUES (:kind, :detail)"
            " ON CONFLICT (kind) DO UPDATE SET detail = excluded.detail, seen_at = now(),"
            f" since = CASE WHEN obstacle.{CURRENT} THEN obstacle.since ELSE now() END"
        ),
        {"kind": kind, "detail": detail},
    )


async def clear_blockers(connection: AsyncConnection) -> None:
    """Remove all obstacles; findings stay."""
    await connection.execute(text(f"DELETE FROM obstacle WHERE {PASSING}"))


async def record_finding(connection: AsyncConnection, kind: str, detail: str) -> None:
    """Say what is wrong until `settle_finding`; `since` stays while it is the same kind."""
    await connection.execute(
        text(
            "INSERT INTO obstacle (kind, detail, seen_at) VALUES (:kind, :detail, 'infinity')"
            " ON CONFLICT (kind) DO UPDATE SET detail = excluded.detail, seen_at = 'infinity'"
        ),
        {"kind": kind, "detail": detail},
    )


async def settle_finding(connection: AsyncConnection, kind: str) -> None:
    """Remove a finding, which is settled."""
    await connection.execute(text("DELETE FROM obstacle WHERE kind = :kind"), {"kind": kind})


async def list_blockers(connection: AsyncConnection) -> list[Blocker]:
    """Those that count, by kind."""
    rows = await connection.execute(
        text(f"SELECT kind, detail, since FROM obstacle WHERE {CURRENT} ORDER BY kind")
    )
    return [Blocker(row.kind, row.detail, row.since) for row in rows]
