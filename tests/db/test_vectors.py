"""Vectors come back as they were stored, however the program is connected."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from mirage.db import Database
from mirage.model import Project
from mirage.postgres import Server
from tests.conftest import database_settings
from tests.db.conftest import Maker


@pytest.fixture(params=[True, False])
async def connected(
    request: pytest.FixtureRequest, postgres: Server, database_name: str
) -> AsyncIterator[Database]:
    """A pool with prepared statements, and one without them, as behind a pooler."""
    settings = database_settings(postgres, database_name)
    database = Database(settings.model_copy(update={"prepared_statements": request.param}))
    yield database
    await database.dispose()


async def _stored(database: Database) -> list[str]:
    async with database.transaction() as connection:
        statement = text("SELECT embedding::text FROM embedding ORDER BY embedding::text")
        return list(await connection.scalars(statement))


async def test_vectors_are_stored_again_and_again(connected: Database, project: Project) -> None:
    make = Maker(connected, project)
    await make.ready("a.txt", ["one", "two"], [[1, 0.5, -0.25], [0, 0, 1]])
    await make.ready("b.txt", ["three"], [[0.0625, 0, 0]])
    assert await _stored(connected) == ["[0,0,1]", "[0.0625,0,0]", "[1,0.5,-0.25]"]


async def test_vectors_are_stored_where_the_extension_has_another_schema(make: Maker) -> None:
    async with make.database.transaction() as connection:
        await connection.execute(text('CREATE SCHEMA "Its own"'))
        await connection.execute(text('ALTER EXTENSION vector SET SCHEMA "Its own"'))
        name = await connection.scalar(text("SELECT current_database()"))
        path = 'public, "Its own"'
        await connection.execute(text(f"ALTER DATABASE {name} SET search_path TO {path}"))
    await make.database.dispose()  # Later connections have the path.
    await make.ready("a.txt", ["one"], [[1, 0, 0]])
    assert await _stored(make.database) == ["[1,0,0]"]
