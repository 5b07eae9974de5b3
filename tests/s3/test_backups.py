"""Backups and adoption of originals in a bucket."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from mirage.adoption import adopt, check, prune
from mirage.backup.create import create_backup
from mirage.backup.restore import Choices, restore
from mirage.db import Database
from mirage.files.s3.bucket import BucketStore
from mirage.postgres import Server
from mirage.projects import create_project
from mirage.testing import FakeEmbedder
from tests.conftest import TEMPLATE, database_settings, execute
from tests.s3.installation import Installation, make_old
from tests.s3.server import S3Server

CONTENTS = {"a.txt": b"The keeper lit the lamp.", "b.txt": b"y" * (9 * 2**20)}


@pytest.fixture
async def other(postgres: Server) -> AsyncIterator[Database]:
    """An empty database with an id of its own."""
    name = f"test_{uuid4().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    database = Database(database_settings(postgres, name))
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE identity SET id = gen_random_uuid()"))
    yield database
    await database.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


def contents(store: BucketStore) -> set[bytes]:
    """What the originals contain."""
    found = set()
    for key in store.list_keys():
        with store.open(key).content as file:
            found.add(file.read(2**24))
    return found


async def test_backup_of_a_bucket_restores_another_one(
    installation: Installation, other: Database, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    for name, content in CONTENTS.items():
        await installation.add(name, content)
    created = await create_backup(installation.database, installation.store, tmp_path, None)
    assert (created.manifest.originals, created.manifest.missing) == (2, 0)
    empty = BucketStore(s3.settings(bucket, prefix="restored"))
    restored = await restore(other, empty, FakeEmbedder(), tmp_path, None, Choices())
    assert (restored.files.stored, restored.files.missing) == (2, 0)
    assert contents(empty) == set(CONTENTS.values())
    assert set(empty.list_keys()) == set(installation.store.list_keys())
    again = await restore(other, empty, FakeEmbedder(), tmp_path, None, Choices())
    assert (again.files.stored, again.chosen.present) == (0, 2)


async def test_new_database_adopts_the_originals_of_a_bucket(
    installation: Installation, other: Database
) -> None:
    for name, content in CONTENTS.items():
        await installation.add(name, content)
    await create_project(other, "another")
    report = await check(other, installation.store)
    assert (len(report.survey.unknown), report.survey.agrees) == (2, False)
    assert {note.name for _, note in report.examples if note} == set(CONTENTS)
    adopted = await adopt(other, installation.store, "recovered")
    assert (adopted.documents, adopted.refused) == (2, [])
    after = await check(other, installation.store)
    assert (after.survey.unknown, after.missing, after.survey.agrees) == ([], [], True)


async def test_objects_that_were_set_aside_are_adopted_or_deleted(
    installation: Installation, folder: Path
) -> None:
    kept, gone = (folder / "team/mirage/3f" / ("3f" + digit * 30) for digit in "01")
    await installation.add("a.txt", b"The keeper lit the lamp.")
    kept.parent.mkdir(exist_ok=True)
    for path in (kept, gone):
        path.write_bytes(f"The text of {path.name}.".encode())
    make_old(folder)
    database, store = installation.database, installation.store
    assert await prune(database, store, delete=False) == (2, 0)
    (orphan, *_) = sorted(store.orphans(), key=lambda one: one.key)
    store.restore(orphan)
    assert (await adopt(database, store, "recovered")).documents == 2
    assert list(store.orphans()) == []
    gone.with_name("3f" + "2" * 30).write_bytes(b"of no document")
    make_old(folder)
    assert await prune(database, store, delete=True) == (1, 1)
    assert len(list(store.list_keys())) == 3
