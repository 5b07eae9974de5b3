"""How much work is left, for autoscalers and dashboards."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.queue import OPEN
from mirage.model import DocumentStatus

_CHUNK_STATUSES = ("pending", "ready", "failed")


@dataclass(frozen=True, slots=True)
class Backlog:
    """Counts by status, all statuses named, and the age of the oldest open document in seconds."""

    documents: dict[str, int]
    chunks: dict[str, int]
    oldest_pending_seconds: float


async def measure_backlog(connection: AsyncConnection) -> Backlog:
    """Count documents and chunks of the whole queue."""
    documents = await connection.execute(
        text(
            """
            SELECT coalesce(n.status, d.status) AS status, count(*) AS found
              FROM document d LEFT JOIN document n ON n.draft_of = d.id
             WHERE d.draft_of IS NULL GROUP BY 1
            """
        )
    )
    chunks = await connection.execute(
        text(
            """
            SELECT c.status, count(*) AS found
              FROM chunk c JOIN generation g ON g.id = c.generation_id
                                            AND g.state IN ('active', 'building')
             GROUP BY 1
            """
        )
    )
    # Index document_queue_idx, which holds open documents only.
    oldest = await connection.scalar(
        text(
            f"""
            SELECT coalesce(extract(epoch FROM now() - min(created_at)), 0)
              FROM document WHERE status IN {OPEN}
            """
        )
    )
    return Backlog(
        {status.value: 0 for status in DocumentStatus}
        | {row.status: row.found for row in documents},
        dict.fromkeys(_CHUNK_STATUSES, 0) | {row.status: row.found for row in chunks},
        max(float(oldest or 0), 0.0),
    )
