"""Backups and migrations."""

from pathlib import Path

import pytest
from sqlalchemy import text

import mirage.db.backup.snapshot
from mirage.backup.create import create_backup
from mirage.db import Database, migrate
from mirage.db.backup import NOT_SAVED, SAVED
from mirage.db.migrate import SchemaTooNew
from mirage.db.tables import Base
from mirage.files import VolumeStore
from tests.backup.conftest import Installation
from tests.db.revisions import migrate_to

PROJECT = "'00000000-0000-0000-0000-000000000001'"
DOCUMENT = "'00000000-0000-0000-0000-000000000002'"


def test_every_table_is_saved_or_has_a_reason() -> None:
    assert {*SAVED, *NOT_SAVED} == set(Base.metadata.tables)
    assert not set(SAVED) & set(NOT_SAVED)


@pytest.fixture
async def older(empty_database: Database) -> Database:
    """A database of the revision before, with a document in it."""
    await migrate_to(empty_database, "0010")
    async with empty_database.transaction() as connection:
        for statement in (
            "INSERT INTO generation (model, digest, dimensions, query_prompt, document_prompt,"
            " chunk_size, chunk_overlap, state) VALUES ('fake', 'fake', 2, '', '', 400, 100,"
            " 'active')",
            "CREATE TABLE embedding_1 PARTITION OF embedding FOR VALUES IN (1)",
            f"INSERT INTO project VALUES ({PROJECT}, 'shelf')",
            "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256, file_key,"
            f" status) VALUES ({DOCUMENT}, {PROJECT}, 'a.txt', 'text/plain', 1,"
            " decode(repeat('00', 32), 'hex'), repeat('0', 32), 'ready')",
            f"INSERT INTO section VALUES ({DOCUMENT}, 0, '{{}}', NULL, NULL, NULL, 0, 'Text.')",
            f"INSERT INTO chunked_document (document_id, generation_id) VALUES ({DOCUMENT}, 1)",
            "INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset,"
            " first_section, last_section, heading, text, tokens, status, lexemes)"
            f" VALUES ({DOCUMENT}, 1, {DOCUMENT}, 0, 5, 0, 0, '', 'Text.', 2, 'ready', 'text')",
            f"INSERT INTO embedding VALUES ({DOCUMENT}, 1, {DOCUMENT}, '[0.6,0.8]')",
        ):
            await connection.execute(text(statement))
    return empty_database


async def test_backup_of_an_older_release_is_migrated(
    older: Database, other: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = VolumeStore(tmp_path / "older")
    store.prepare()
    with monkeypatch.context() as patch:  # The release that made it knew no later revision.
        patch.setattr(migrate, "head_revision", lambda: 10)
        patch.setattr(mirage.db.backup.snapshot, "active_generation", _none)
        created = await create_backup(older, store, tmp_path / "backups", None)
    assert created.manifest.revision == 10
    restored = await other.restore(tmp_path / "backups")
    assert (restored.added.documents, restored.added.passages) == (1, 1)
    found = await other.value("SELECT CAST(embedding AS text) FROM embedding")
    assert found == "[0.60009766,0.7998047]"
    assert await other.value("SELECT floor_vectors FROM generation") is None
    assert await other.value("SELECT to_regnamespace('mirage_restore')") is None
    revision = "SELECT max(revision) FROM compatibility"
    assert await other.value(revision) == migrate.head_revision()


async def test_rest_of_a_killed_restore_of_an_older_backup_is_replaced(
    older: Database, other: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = VolumeStore(tmp_path / "older")
    store.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "head_revision", lambda: 10)
        patch.setattr(mirage.db.backup.snapshot, "active_generation", _none)
        await create_backup(older, store, tmp_path / "backups", None)
    await other.execute("CREATE SCHEMA mirage_restore")
    await other.execute("CREATE TABLE mirage_restore.document (id uuid)")
    assert (await other.restore(tmp_path / "backups")).added.documents == 1


async def test_database_of_a_newer_release_is_not_backed_up(
    ours: Installation, folder: Path
) -> None:
    newer = migrate.head_revision() + 1
    await ours.execute(f"INSERT INTO compatibility VALUES ({newer}, {newer - 1})")
    with pytest.raises(SchemaTooNew, match="it cannot back up what it does not know"):
        await ours.create(folder)


async def _none(connection: object) -> None:
    """The active generation has columns that came later."""
