"""Statements that the modules of a restore share."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import Base


async def execute(connection: AsyncConnection, statement: str) -> int:
    """Run a statement; return how many rows it changed."""
    return int((await connection.execute(text(statement))).rowcount)


async def count(connection: AsyncConnection, source: str) -> int:
    """Return how many rows `source`, SQL from its FROM on, has."""
    return int(await connection.scalar(text(f"SELECT count(*) {source}")) or 0)


def columns_of(table: str) -> list[str]:
    """Return the names of a table's columns."""
    return list(Base.metadata.tables[table].columns.keys())
