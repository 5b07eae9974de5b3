"""The committed schema is what the migrations make."""

from mirage.db import Database
from tests.db.schema import COMMAND, PATH, dump_schema


async def test_schema_sql_is_what_the_migrations_make(database: Database) -> None:
    async with database.transaction() as connection:
        made = await dump_schema(connection)
    assert PATH.read_text() == made, f"run `{COMMAND}` and commit {PATH.name}"
