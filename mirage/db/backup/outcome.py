"""When the last backup of the installation ended, and why the last try failed.

Both are findings in the table `blocker`: they hold nothing up, and stay until the next backup.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.queue.blockers import record_finding, settle_finding
from mirage.db.tables import BlockerRow

_FAILED = "backup-failed"
_FINISHED = "backup-finished"


@dataclass(frozen=True, slots=True)
class BackupOutcome:
    """`finished_at` is of the last good backup; `failure` is set if a later try failed."""

    finished_at: datetime | None = None
    failure: str | None = None
    failed_at: datetime | None = None


async def record_success(connection: AsyncConnection, backup: str) -> None:
    """Record that a backup is complete; a failure before it is over."""
    await settle_finding(connection, _FAILED)
    await settle_finding(connection, _FINISHED)
    await record_finding(connection, _FINISHED, backup)


async def record_failure(connection: AsyncConnection, sentence: str) -> None:
    """Record why a backup failed."""
    await settle_finding(connection, _FAILED)
    await record_finding(connection, _FAILED, sentence)


async def last_outcome(connection: AsyncConnection) -> BackupOutcome:
    """Return the outcome of the last backups."""
    rows = await connection.execute(
        select(BlockerRow.kind, BlockerRow.detail, BlockerRow.since).where(
            BlockerRow.kind.in_((_FAILED, _FINISHED))
        )
    )
    found = {row.kind: row for row in rows}
    finished, failed = found.get(_FINISHED), found.get(_FAILED)
    return BackupOutcome(
        finished.since if finished else None,
        failed.detail if failed else None,
        failed.since if failed else None,
    )
