"""`mirage files copy`: an installation moves from a folder to a bucket, and back."""

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from mirage.adoption import FilesInUse
from mirage.cli.files import app
from mirage.copying import CopiedFiles, NoOriginals, copy_files
from mirage.db import Database
from mirage.documents import ingest_file
from mirage.errors import StoreOfAnotherDatabase
from mirage.files import Store, VolumeStore
from mirage.files.s3.bucket import BucketStore
from mirage.model import Project
from mirage.originals import sole_keeper
from mirage.postgres import Server
from mirage.projects import create_project
from tests.s3.server import ACCESS_KEY, REGION, SECRET_KEY, S3Server

CONTENTS = {"a.txt": b"The keeper lit the lamp.", "b.txt": b"x" * (9 * 2**20)}


@pytest.fixture
def volume(tmp_path: Path) -> VolumeStore:
    """An empty store in a folder."""
    volume = VolumeStore(tmp_path / "volume")
    volume.prepare()
    return volume


async def fill(database: Database, store: Store) -> Project:
    """A project with two documents."""
    project = await create_project(database, "shelf")
    for name, content in CONTENTS.items():
        incoming = store.incoming(2**30)
        incoming.write(content)
        await ingest_file(database, store, project, name, incoming)
    return project


def content_of(store: Store) -> dict[str, tuple[bytes, str]]:
    """Content and name of each original."""
    found = {}
    for key in store.list_keys():
        note = store.read_note(key)
        assert note is not None
        with store.open(key).content as file:
            found[key] = file.read(), note.name
    return found


async def test_originals_move_to_a_bucket_and_back(
    database: Database, volume: VolumeStore, store: BucketStore, tmp_path: Path
) -> None:
    await fill(database, volume)
    before = content_of(volume)
    assert await copy_files(database, volume, store) == CopiedFiles(copied=2)
    assert content_of(store) == before == content_of(volume)
    assert store.owner() == volume.owner()
    assert await copy_files(database, volume, store) == CopiedFiles(present=2)
    back = VolumeStore(tmp_path / "back")
    back.prepare()
    assert await copy_files(database, store, back) == CopiedFiles(copied=2)
    assert content_of(back) == before


async def test_copy_goes_on_after_a_break(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)

    def stop(originals: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await copy_files(database, volume, store, stop)
    # Until all are there, the bucket is not this database's, and so nothing fails.
    assert store.owner() is None
    assert await copy_files(database, volume, store) == CopiedFiles(copied=1, present=1)
    assert store.owner() == volume.owner()


async def test_damaged_original_is_named_and_not_copied(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)
    damaged, empty = sorted(volume.list_keys())
    volume.path(damaged).write_bytes(b"other bytes")
    volume.path(empty).write_bytes(b"")
    done = await copy_files(database, volume, store)
    assert (done.copied, sorted(done.damaged)) == (0, [damaged, empty])
    assert list(store.list_keys()) == []


async def test_file_without_a_document_is_copied_too(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)
    (volume.root / "3f").mkdir(exist_ok=True)
    (volume.root / "3f" / ("3f" + "0" * 30)).write_bytes(b"of no document")
    assert await copy_files(database, volume, store) == CopiedFiles(copied=3)
    assert "3f" + "0" * 30 in set(store.list_keys())


async def test_wrong_folder_is_refused(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    with pytest.raises(NoOriginals, match=r"has no store\.json"):
        await copy_files(database, volume, store)
    volume.claim(uuid4())
    with pytest.raises(StoreOfAnotherDatabase, match=f"the originals in {volume.place} belong"):
        await copy_files(database, volume, store)


async def test_bucket_of_another_database_is_refused(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)
    store.claim(uuid4())
    with pytest.raises(StoreOfAnotherDatabase, match="the originals in s3://"):
        await copy_files(database, volume, store)
    assert list(store.list_keys()) == []


async def test_only_one_command_moves_originals(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)
    async with sole_keeper(database) as is_sole:
        assert is_sole
        with pytest.raises(FilesInUse):
            await copy_files(database, volume, store)


async def test_document_that_is_deleted_meanwhile_is_left_out(
    database: Database, volume: VolumeStore, store: BucketStore
) -> None:
    await fill(database, volume)
    keys = sorted(volume.list_keys())

    def delete_the_other(originals: int) -> None:
        if originals == 1:
            for key in set(keys) - set(store.list_keys()):
                volume.path(key).unlink(missing_ok=True)

    assert (await copy_files(database, volume, store, delete_the_other)).copied == 1


def mirage(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command with these settings and no others."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MIRAGE_")}
    return subprocess.run(
        [sys.executable, "-m", "mirage", "files", *arguments],
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_command_moves_an_installation(
    postgres: Server, database_name: str, database: Database, volume: VolumeStore,
    s3: S3Server, bucket: str,
) -> None:  # fmt: skip
    await fill(database, volume)
    settings = {
        "MIRAGE_DATABASE_HOST": str(postgres.socket_folder),
        "MIRAGE_DATABASE_USER": postgres.user,
        "MIRAGE_DATABASE_NAME": database_name,
        "MIRAGE_DOCUMENTS_STORAGE": "s3",
        "MIRAGE_S3_BUCKET": bucket,
        "MIRAGE_S3_ENDPOINT": s3.endpoint,
        "MIRAGE_S3_REGION": REGION,
        "MIRAGE_S3_ACCESS_KEY": ACCESS_KEY,
        "MIRAGE_S3_SECRET_KEY": SECRET_KEY,
    }
    before = mirage(settings, "check")
    assert (before.returncode, "missing         2" in before.stdout) == (1, True)
    copied = mirage(settings, "copy", "--from", str(volume.root))
    assert (copied.returncode, copied.stdout) == (0, "2 files copied, 0 were there\n")
    after = mirage(settings, "check")
    assert after.returncode == 0, after.stdout
    assert after.stdout.startswith("store of        this database\noriginals       2\n")
    back = mirage(settings, "copy", "--to", str(volume.root.with_name("back")), "--json")
    assert json.loads(back.stdout) == {"copied": 2, "present": 0, "damaged": []}


@pytest.mark.parametrize("arguments", [[], ["--from", "/a", "--to", "/b"]])
def test_command_takes_one_folder(arguments: list[str]) -> None:
    refused = CliRunner().invoke(app, ["copy", *arguments])
    assert refused.exit_code == 2
    assert "name one folder, by --from or by --to" in refused.output
