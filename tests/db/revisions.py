"""A database as an earlier release left it."""

from alembic import command
from sqlalchemy import Connection, text

from mirage.db import Database
from mirage.db.migrate import alembic_config


async def migrate_to(database: Database, revision: str) -> None:
    """Bring an empty database to a revision, such as `0002`."""

    def upgrade(connection: Connection) -> None:
        command.upgrade(alembic_config(connection), revision)

    async with database.transaction() as connection:
        await connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade)
