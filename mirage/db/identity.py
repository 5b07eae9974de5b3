"""The id that tells this database from every other one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import IdentityRow


@dataclass(frozen=True, slots=True)
class Identity:
    """`created_at` is when the database got its id; documents may be older."""

    id: UUID
    created_at: datetime


async def database_identity(connection: AsyncConnection) -> Identity:
    """Return the id, which a restored copy of the database shares."""
    row = (await connection.execute(select(IdentityRow.id, IdentityRow.created_at))).one()
    return Identity(row.id, row.created_at)
