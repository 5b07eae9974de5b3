"""Migrations, and which code may work with which schema."""

import asyncio
import socket
from dataclasses import replace
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from mirage import config
from mirage.db import Database, documents, listing
from mirage.db.faults import SchemaBehind
from mirage.db.migrate import (
    SchemaTooNew,
    head_revision,
    migrate,
    require_schema,
    schema_state,
)
from mirage.db.migrations.compare import include_object
from mirage.db.queue import documents as document_queue
from mirage.db.queue import requeue
from mirage.db.tables import Base
from mirage.errors import DatabaseUnavailable
from mirage.model import DocumentStatus, MediaType
from tests.db.conftest import Maker
from tests.db.facts import lease
from tests.db.revisions import migrate_to


async def test_migrate_brings_an_empty_database_to_the_head(empty_database: Database) -> None:
    with pytest.raises(SchemaBehind):
        await require_schema(empty_database)
    state = await migrate(empty_database)
    assert state.revision == head_revision()
    await require_schema(empty_database)


async def test_migrate_is_safe_from_several_processes_at_once(empty_database: Database) -> None:
    states = await asyncio.gather(migrate(empty_database), migrate(empty_database))
    assert {state.revision for state in states} == {head_revision()}


async def test_migration_waits_for_a_database_that_is_away() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    away = Database(config.Database(host="127.0.0.1", port=port))
    with pytest.raises(DatabaseUnavailable):
        await migrate(away)


async def test_newer_compatible_schema_is_left_alone(database: Database) -> None:
    await _pretend(database, revision=9000, min_compatible=1)
    await migrate(database)
    await require_schema(database)


async def test_code_of_revision_1_may_work_with_the_schema_of_revision_2(
    database: Database,
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("DELETE FROM compatibility WHERE revision > 2"))
        state = await schema_state(connection)
    assert state.revision == 2
    replace(state, head=1).check()


async def test_newer_incompatible_schema_is_refused(database: Database) -> None:
    await _pretend(database, revision=9000, min_compatible=9000)
    with pytest.raises(SchemaTooNew, match="admits programs from revision 9000 on"):
        await migrate(database)
    with pytest.raises(SchemaTooNew):
        await require_schema(database)


async def test_tables_say_what_the_migrations_made(database: Database, make: Maker) -> None:
    await make.generation()  # A partition with its own index must not count as drift.

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"include_object": include_object, "compare_type": True}
        )
        return list(compare_metadata(context, Base.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_documents_of_revision_3_can_be_indexed_anew(empty_database: Database) -> None:
    await migrate_to(empty_database, "0003")
    project, document = uuid4(), uuid4()
    async with empty_database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO project (id, name) VALUES (:id, 'old')"), {"id": project}
        )
        await connection.execute(
            text(
                "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256,"
                " file_key, status) VALUES (:id, :project, 'a.txt', 'text/plain', 1, '', 'k',"
                " 'ready')"
            ),
            {"id": document, "project": project},
        )
    await migrate(empty_database)
    async with empty_database.transaction() as connection:
        assert await requeue.requeue_document(connection, project, document)
        (found,) = await listing.list_documents(connection, project)
        claimed = await document_queue.claim_unparsed(connection, lease())
    assert (found.id, found.status) == (document, DocumentStatus.PENDING)
    assert claimed is not None
    assert (claimed.file_key, claimed.id != document) == ("k", True)
    other = documents.StoredFile("b.txt", MediaType.TEXT, 1, b"other", "k")
    with pytest.raises(IntegrityError, match="document_file_key_key"):
        async with empty_database.transaction() as connection:
            await documents.insert_document(connection, project, other)


async def test_notes_on_the_limit_that_revision_7_stored_are_removed(
    empty_database: Database,
) -> None:
    await migrate_to(empty_database, "0007")
    note = (
        "tiny takes 254 tokens at most, so chunks have 254 tokens with an overlap of 63 instead of"
        " 400 with 100 (chunk.size, chunk.overlap)."
    )
    async with empty_database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO project (id, name) VALUES (gen_random_uuid(), 'old')")
        )
        await connection.execute(
            text(
                "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256,"
                " file_key, warnings) SELECT gen_random_uuid(), id, 'a.txt', 'text/plain', 1, '',"
                " 'k', ARRAY['Torn.', :note, 'Worn.'] FROM project"
            ),
            {"note": note},
        )
    await migrate(empty_database)
    async with empty_database.transaction() as connection:
        assert await connection.scalar(text("SELECT warnings FROM document")) == ["Torn.", "Worn."]


async def test_vectors_are_stored_plain_in_every_partition(database: Database, make: Maker) -> None:
    generation = await make.generation()
    async with database.transaction() as connection:
        storage = await connection.scalar(
            text(
                "SELECT attstorage FROM pg_attribute WHERE attname = 'embedding'"
                f" AND attrelid = 'embedding_{generation.id}'::regclass"
            )
        )
    assert storage == b"p"


async def _pretend(database: Database, revision: int, min_compatible: int) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text("INSERT INTO compatibility VALUES (:revision, :min)"),
            {"revision": revision, "min": min_compatible},
        )
        assert (await schema_state(connection)).revision == revision
        await connection.execute(text("UPDATE alembic_version SET version_num = '9000'"))
