"""What an indexer waits for at the moment; seen on waiting documents and in `/health`."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def report_obstacle(connection: AsyncConnection, kind: str, detail: str) -> None:
    """Say what is in the way; `since` stays when the same was said before."""
    await connection.execute(
        text(
            "INSERT INTO obstacle (kind, detail) VALUES (:kind, :detail)"
            " ON CONFLICT (kind) DO UPDATE SET detail = excluded.detail"
        ),
        {"kind": kind, "detail": detail},
    )


async def clear_obstacles(connection: AsyncConnection) -> None:
    """Nothing is in the way any more."""
    await connection.execute(text("DELETE FROM obstacle"))


async def list_obstacles(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Kind and detail of each, by kind."""
    rows = await connection.execute(text("SELECT kind, detail FROM obstacle ORDER BY kind"))
    return [(row.kind, row.detail) for row in rows]
