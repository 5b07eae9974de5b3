"""What a backup holds is there again, and nothing that was there changes."""

import asyncio
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from mirage.backup.create import _Work, create_backup
from mirage.backup.errors import BackupNotFound
from mirage.backup.folder import made_folder
from mirage.backup.restore import Choices
from mirage.db import documents as rows
from mirage.db.backup.snapshot import open_snapshot
from mirage.db.keys import insert_key, list_keys
from mirage.documents import delete_document, reindex_document
from mirage.errors import OriginalsAway, StoreOfAnotherDatabase
from mirage.model import DocumentStatus, Project, Scope
from mirage.testing import FakeEmbedder
from tests.backup.conftest import TEXTS, Installation

MORE = {"lamp.txt": "A lamp burns at the end of the pier, and a bell hangs below it."}


@pytest.fixture
async def project(ours: Installation) -> Project:
    """A project with documents that are ready."""
    project = await ours.project("shelf")
    await ours.fill(project)
    return project


async def status(installation: Installation, name: str) -> DocumentStatus:
    """Of the document with that name."""
    found = await installation.value(f"SELECT status FROM document WHERE name = '{name}'")
    return DocumentStatus(found)


async def test_empty_installation_has_the_same_passages_ids_and_scores(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    restored = await other.restore(folder)
    assert (restored.added.documents, restored.added.projects) == (3, 1)
    assert await other.rows() == await ours.rows()
    assert len(await ours.answer(project)) >= 3
    assert await other.answer(project) == await ours.answer(project)
    assert other.originals() == {content.encode() for content in TEXTS.values()}


async def test_second_restore_adds_nothing(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    await other.restore(folder)
    before = await other.rows()
    again = await other.restore(folder)
    assert (again.added.documents, again.chosen.present, again.files.stored) == (0, 3, 0)
    assert await other.rows() == before
    assert len(list(other.store.list_keys())) == 3


async def test_fuller_installation_gets_only_what_is_missing(
    ours: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    answer = await ours.answer(project)
    (fog,) = [passage.document_id for passage in answer if passage.document_name == "fog.md"][:1]
    await delete_document(ours.database, ours.store, project, fog)
    await ours.fill(project, MORE)
    kept = await ours.rows()
    restored = await ours.restore(folder)
    assert (restored.added.documents, restored.chosen.present) == (1, 2)
    found = await ours.rows()
    for table, before in kept.items():
        assert all(row in found[table] for row in before), table
    assert await ours.names() == {("shelf", name) for name in (*TEXTS, *MORE)}
    await delete_document(
        ours.database,
        ours.store,
        project,
        rows.document_id(project.id, sha256(MORE["lamp.txt"].encode()).digest()),
    )
    assert await ours.answer(project) == answer


async def test_other_version_that_is_there_stays_the_only_one(
    ours: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    await ours.add(project, "fog.md", b"# Fog\n\nThe fog is gone.")
    await ours.index()
    restored = await ours.restore(folder)
    assert (restored.added.documents, restored.chosen.other_versions) == (0, 1)
    assert len(await ours.names()) == 3
    assert b"# Fog\n\nThe fog is gone." in ours.originals()


async def test_name_of_another_project_is_not_taken(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    theirs = await other.project("shelf")
    await other.fill(theirs, MORE)
    restored = await other.restore(folder)
    assert restored.chosen.renamed == [("shelf", "shelf (restored)")]
    assert await other.names() == {
        ("shelf", "lamp.txt"),
        *(("shelf (restored)", name) for name in TEXTS),
    }


async def test_same_model_has_another_id_there(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    pier = await other.project("pier")
    await other.fill(pier, MORE, size=200)  # This generation takes the first id.
    (gone,) = [passage.document_id for passage in await other.answer(pier, "lamp")]
    await delete_document(other.database, other.store, pier, gone)
    await other.fill(pier, MORE)
    active = "SELECT id FROM generation WHERE state = 'active'"
    assert (await ours.value(active), await other.value(active)) == (1, 2)
    assert (await other.restore(folder)).added.documents == 3
    assert await other.answer(project) == await ours.answer(project)
    assert len(await other.answer(pier, "lamp")) == 1


async def test_half_indexed_documents_go_on(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.add(project, "lamp.txt", MORE["lamp.txt"].encode())
    indexer = ours.indexer()
    await ours.add(project, "salt.txt", b"Salt is white, and grain is not.")
    await indexer.parse_next()
    await ours.execute(
        "UPDATE document SET status = 'parsing', lease_token = gen_random_uuid(),"
        " leased_until = now() + interval '1 hour' WHERE status = 'pending'"
    )
    await ours.execute(
        "UPDATE chunk SET lease_token = gen_random_uuid(),"
        " leased_until = now() + interval '1 hour' WHERE status = 'pending'"
    )
    before = {await status(ours, name) for name in ("lamp.txt", "salt.txt")}
    assert before == {DocumentStatus.PARSING, DocumentStatus.EMBEDDING}
    await ours.create(folder)
    await other.restore(folder)
    await other.index()
    assert {await status(other, name) for name in ("lamp.txt", "salt.txt")} == {
        DocumentStatus.READY
    }


async def test_draft_of_a_reindexed_document_goes_on(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    before = await ours.answer(project)
    await reindex_document(ours.database, ours.store, project, before[0].document_id)
    await ours.create(folder)
    await other.restore(folder)
    assert await other.value("SELECT count(*) FROM document WHERE draft_of IS NOT NULL") == 1
    assert await other.answer(project) == before
    await other.index()
    assert await other.value("SELECT count(*) FROM document WHERE draft_of IS NOT NULL") == 0
    assert await other.answer(project) == before


async def test_generation_that_is_being_built_and_an_older_one_come_along(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.index(size=200)  # Built and activated; the first one is retired.
    newest = FakeEmbedder("newer")
    indexer = ours.indexer(newest)
    await ours.add(project, "lamp.txt", MORE["lamp.txt"].encode())
    await indexer.parse_next()
    await indexer.embed_next()
    states = "SELECT array_agg(state ORDER BY id) FROM generation"
    assert await ours.value(states) == ["retired", "active", "building"]
    await ours.create(folder)
    await other.restore(folder)
    assert await other.rows() == await ours.rows()
    next_id = "SELECT nextval(pg_get_serial_sequence('generation', 'id'))"
    assert await other.value(next_id) == 4


async def test_keys_come_along_as_hashes_and_open_an_empty_installation_only(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    async with ours.database.transaction() as connection:
        digest = sha256(b"mirage_the-token").digest()
        await insert_key(connection, "agent", digest, Scope.READ, [project.id], None)
    await ours.create(folder)
    stored = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"the-token" not in stored
    assert (await other.restore(folder)).added.keys == 1
    async with other.database.transaction() as connection:
        (key,) = await list_keys(connection)
    assert (key.name, key.project_ids) == ("agent", (project.id,))
    # Revoked since: a restore must not let it in again unasked.
    await ours.execute("DELETE FROM api_key")
    assert (await ours.restore(folder)).added.keys == 0
    assert (await ours.restore(folder, choices=Choices(keys=True))).added.keys == 1


async def test_backup_of_one_project_has_nothing_of_others(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    pier = await ours.project("pier")
    await ours.fill(pier, MORE)
    async with ours.database.transaction() as connection:
        for name, projects in (("own", [pier.id]), ("both", [pier.id, project.id]), ("all", None)):
            await insert_key(connection, name, name.encode(), Scope.READ, projects, None)
    created = await ours.create(folder, pier)
    assert (created.manifest.documents, created.copied.originals) == (1, 1)
    assert (await other.restore(folder)).added.keys == 1
    assert await other.names() == {("pier", "lamp.txt")}
    assert other.originals() == {MORE["lamp.txt"].encode()}


async def test_one_project_of_a_backup_of_all(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    pier = await ours.project("pier")
    await ours.fill(pier, MORE)
    await ours.create(folder)
    await other.restore(folder, choices=Choices(project="pier"))
    assert await other.names() == {("pier", "lamp.txt")}
    with pytest.raises(BackupNotFound, match="no project 'quay'"):
        await other.restore(folder, choices=Choices(project="quay"))


async def test_second_backup_copies_only_new_originals(
    ours: Installation, folder: Path, project: Project
) -> None:
    assert (await ours.create(folder)).copied.originals == 3
    assert (await ours.create(folder)).copied.originals == 0
    twin = await ours.project("twin")
    await ours.fill(twin, {"copy.txt": TEXTS["harbour.txt"]} | MORE)
    assert (await ours.create(folder)).copied.originals == 1


async def test_document_that_is_deleted_after_the_snapshot_is_left_out_with_its_draft(
    ours: Installation, folder: Path, project: Project
) -> None:
    first, *_ = await ours.answer(project)
    await reindex_document(ours.database, ours.store, project, first.document_id)
    with made_folder(folder, None) as made:
        work = _Work(ours.database, ours.store, made, None, False, None, lambda originals: None)
        async with open_snapshot(ours.database, None) as snapshot:
            await delete_document(ours.database, ours.store, project, first.document_id)
            wanted = await work._settle_originals(snapshot)
            assert (await snapshot.facts()).documents == len(wanted) == 2

            async def ignore(data: bytes) -> None:
                """The rows are counted by the server."""

            counts = [await snapshot.copy(name, ["id"], ignore) for name in ("document", "project")]
            assert counts == [2, 1]
            assert await snapshot.copy("section", ["text"], ignore) == 2


async def test_lost_original_of_a_document_is_stored_again(
    ours: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    kept = ours.originals()
    lost = min(ours.store.list_keys())
    ours.store.path(lost).unlink()
    before = await ours.answer(project)
    assert (await ours.restore(folder)).files.repaired == 1
    assert ours.originals() == kept
    assert await ours.answer(project) == before


async def test_document_without_its_original_is_backed_up_and_said(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    lost, damaged = sorted(ours.store.list_keys())[:2]
    ours.store.path(lost).unlink()
    ours.store.path(damaged).write_bytes(b"other bytes")
    created = await ours.create(folder)
    assert (created.manifest.missing, created.manifest.originals) == (2, 1)
    restored = await other.restore(folder)
    assert (restored.added.documents, restored.files.missing) == (3, 2)
    assert await other.answer(project) == await ours.answer(project)


async def test_store_that_outlived_its_database_is_used_again(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    await ours.add(project, "lamp.txt", MORE["lamp.txt"].encode())  # Newer than the backup.
    kept = set(ours.store.list_keys())
    survivor = Installation(other.database, ours.store)
    restored = await survivor.restore(folder)
    assert (restored.added.documents, restored.files.stored) == (3, 0)
    assert set(ours.store.list_keys()) == kept
    identity = "SELECT id FROM identity"
    assert await other.value(identity) == await ours.value(identity) == ours.store.owner()


async def test_store_of_a_third_database_is_not_touched(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    (other.store.root / "store.json").write_text(
        '{"database": "01234567-89ab-cdef-0123-456789abcdef"}'
    )
    with pytest.raises(StoreOfAnotherDatabase):
        await other.restore(folder)
    assert await other.value("SELECT count(*) FROM document") == 0
    (ours.store.root / "store.json").unlink()
    for key in list(ours.store.list_keys()):
        ours.store.path(key).unlink()
    with pytest.raises(OriginalsAway):
        await ours.restore(folder)


async def test_backup_of_an_empty_installation(
    ours: Installation, other: Installation, folder: Path
) -> None:
    created = await ours.create(folder)
    assert created.manifest.created_at <= datetime.now(UTC)
    assert (await other.restore(folder)).added.documents == 0


async def test_searches_and_uploads_go_on_while_a_backup_is_made(
    ours: Installation, folder: Path, project: Project
) -> None:
    before = await ours.answer(project)
    backup = asyncio.create_task(create_backup(ours.database, ours.store, folder, None))
    answers = 0
    while not backup.done():
        assert await ours.answer(project) == before
        answers += 1
    assert answers
    assert (await backup).manifest.documents == 3
