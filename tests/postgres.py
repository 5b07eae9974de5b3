"""A PostgreSQL of its own for a program that measures or breaks things."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from mirage import config
from mirage.postgres import Server, find_install


class ServerHouse:
    """One server; every scenario works in a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = Server(find_install(), folder / "postgres")

    def settings(self, database: str) -> config.Database:
        """How the program connects to a database."""
        return config.Database(
            host=str(self.server.socket_folder), user=self.server.user, name=database
        )

    @asynccontextmanager
    async def connect(self, database: str) -> AsyncIterator[asyncpg.Connection]:
        """A connection past the program."""
        connection = await asyncpg.connect(
            host=str(self.server.socket_folder), user=self.server.user, database=database
        )
        try:
            yield connection
        finally:
            await connection.close()
