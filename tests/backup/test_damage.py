"""Bad input and interrupted work: one sentence, and the next try works."""

import asyncio
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest

from mirage.backup.errors import (
    BackupDamaged,
    BackupFolderFull,
    BackupFolderUnusable,
    BackupInUse,
    BackupNotFound,
    BackupOfAnotherModel,
    BackupTooNew,
    WrongPassphrase,
    folder_errors,
)
from mirage.backup.folder import open_folder
from mirage.backup.manifest import FORMAT, encode_sums
from mirage.backup.restore import Choices
from mirage.backup.verify import list_backups, verify
from mirage.db import migrate
from mirage.db.backup.outcome import BackupOutcome, last_outcome
from mirage.errors import EmbedderUnavailable, MirageError, StorageFull
from mirage.files import VolumeStore
from mirage.model import Project
from mirage.testing import FakeEmbedder
from tests.backup.conftest import TEXTS, Installation

DESCRIPTION = "mirage-backups.json"


@pytest.fixture
async def project(ours: Installation) -> Project:
    """A project with documents that are ready."""
    project = await ours.project("shelf")
    await ours.fill(project)
    return project


@pytest.fixture
async def saved(ours: Installation, folder: Path, project: Project) -> Path:
    """The folder of the only backup."""
    return folder / "backups" / (await ours.create(folder)).name


def flip(path: Path) -> None:
    """Flip one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


async def outcome(installation: Installation) -> BackupOutcome:
    """Of the last backups."""
    async with installation.database.transaction() as connection:
        return await last_outcome(connection)


async def is_empty(installation: Installation) -> bool:
    """Whether nothing was restored."""
    counted = await installation.value(
        "SELECT (SELECT count(*) FROM document) + (SELECT count(*) FROM project)"
        " + (SELECT count(*) FROM generation)"
    )
    return bool(counted == 0)


def resign(saved: Path) -> None:
    """Make the digests right again, as somebody does who changes a backup on purpose."""
    sums = {
        path.name: sha256(path.read_bytes()).hexdigest()
        for path in saved.iterdir()
        if path.name != "SHA256SUMS"
    }
    (saved / "SHA256SUMS").write_bytes(encode_sums(sums))


@pytest.mark.parametrize(
    "name",
    [
        "SHA256SUMS", "manifest.json", "originals.gz", "generation.gz", "project.gz", "document.gz",
        "section.gz", "chunked_document.gz", "split.gz", "chunk.gz", "embedding.gz", "api_key.gz",
    ],
)  # fmt: skip
async def test_flipped_bit_is_found_and_nothing_is_restored(
    ours: Installation, other: Installation, folder: Path, saved: Path, name: str
) -> None:
    assert {path.name for path in saved.iterdir()} >= {name}
    intact = (saved / name).read_bytes()
    flip(saved / name)
    (checked,) = verify(folder)
    assert isinstance(checked.error, BackupDamaged)
    if name != "originals.gz":  # Which only `verify` and `prune` need.
        with pytest.raises(BackupDamaged):
            await other.restore(folder)
        assert await is_empty(other)
    (saved / name).write_bytes(intact)
    assert (await other.restore(folder)).added.documents == 3


async def test_flipped_bit_in_an_original_is_found_and_mended_by_the_next_backup(
    ours: Installation, other: Installation, folder: Path, saved: Path
) -> None:
    damaged = next(path for path in (folder / "originals").rglob("*") if path.is_file())
    flip(damaged)
    (checked,) = verify(folder)
    assert str(checked.error) == (
        f"the original {damaged.name} is damaged: its content has another SHA-256"
    )
    with pytest.raises(BackupDamaged, match=damaged.name):
        await other.restore(folder)
    assert await is_empty(other)
    assert (await ours.create(folder)).copied.originals == 0
    assert (await ours.create(folder, recheck=True)).copied.originals == 1
    assert [item.error for item in verify(folder)] == [None, None, None]
    assert (await other.restore(folder)).added.documents == 3


@pytest.mark.parametrize("name", ["chunk.gz", "originals.gz", "manifest.json", "SHA256SUMS"])
async def test_missing_and_cut_off_files_are_found(
    other: Installation, folder: Path, saved: Path, name: str
) -> None:
    content = (saved / name).read_bytes()
    (saved / name).write_bytes(content[:-9])
    assert verify(folder)[0].error is not None
    (saved / name).unlink()
    assert verify(folder)[0].error is not None


async def test_format_of_a_newer_release_is_named(
    other: Installation, folder: Path, saved: Path
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    (saved / "manifest.json").write_text(json.dumps({"format": FORMAT + 1, "else": []}))
    with pytest.raises(BackupTooNew, match=f"version {FORMAT + 1}, this program reads up to"):
        await other.restore(folder)
    assert isinstance(list_backups(folder)[0].error, BackupTooNew)
    manifest["revision"] = migrate.head_revision() + 1
    (saved / "manifest.json").write_text(json.dumps(manifest))
    resign(saved)
    with pytest.raises(BackupTooNew, match="has schema revision"):
        await other.restore(folder)
    (folder / DESCRIPTION).write_text(json.dumps({"format": FORMAT + 1, "recipient": None}))
    with pytest.raises(BackupTooNew):
        await other.create(folder)
    assert await is_empty(other)


async def test_backup_of_another_model_is_refused_or_reindexed(
    ours: Installation, other: Installation, folder: Path, saved: Path, project: Project
) -> None:
    other.embedder.digest = "another"
    with pytest.raises(BackupOfAnotherModel, match=r"fake \(fake\), and fake \(another\)"):
        await other.restore(folder)
    assert await is_empty(other)
    assert (await other.restore(folder, choices=Choices(reindex=True))).added.passages == 0
    await other.index()
    assert await other.value("SELECT array_agg(digest) FROM generation") == ["another"]
    assert await other.value("SELECT count(*) FROM document WHERE status = 'ready'") == 3
    assert {passage.text for passage in await other.answer(project)} == {
        passage.text for passage in await ours.answer(project)
    }


async def test_index_of_another_model_is_refused_or_gets_new_vectors(
    ours: Installation, other: Installation, folder: Path, saved: Path, project: Project
) -> None:
    other.embedder = FakeEmbedder("theirs", dimensions=32)
    pier = await other.project("pier")
    await other.fill(pier, {"lamp.txt": "A lamp burns at the pier."})
    before = await other.answer(pier, "lamp")
    with pytest.raises(BackupOfAnotherModel, match="and the index here with theirs"):
        await other.restore(folder)
    await other.restore(folder, choices=Choices(reindex=True))
    assert await other.answer(pier, "lamp") == before
    await other.index()
    assert await other.value("SELECT count(DISTINCT generation_id) FROM embedding") == 1
    assert len(await other.answer(project)) >= 3


async def test_model_that_is_away_holds_nothing_up(
    ours: Installation, other: Installation, folder: Path, saved: Path
) -> None:
    other.embedder.failure = EmbedderUnavailable("away")
    restored = await other.restore(folder)
    assert restored.added.documents == 3
    assert restored.note.startswith("It could not be checked whether fake is the configured model")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE document SET name = '../../etc/cron.d/x' WHERE name = 'fog.md'",
        "UPDATE document SET file_key = '../../../../tmp/x' WHERE name = 'fog.md'",
        "UPDATE project SET name = 'a/../../b'",
    ],
)
async def test_path_in_the_rows_that_leaves_the_folder_is_refused(
    ours: Installation, other: Installation, folder: Path, project: Project, change: str
) -> None:
    await ours.execute(change)
    await ours.create(folder)
    with pytest.raises(BackupDamaged, match=r"\.\."):
        await other.restore(folder)
    assert await is_empty(other)


@pytest.mark.parametrize("name", ["../../lock", "/etc/passwd", "..", "a/b"])
async def test_path_in_the_digests_that_leaves_the_folder_is_refused(
    other: Installation, folder: Path, saved: Path, name: str
) -> None:
    with (saved / "SHA256SUMS").open("a") as file:
        file.write(f"{'0' * 64}  {name}\n")
    with pytest.raises(BackupDamaged, match="names no file in here"):
        await other.restore(folder)
    with pytest.raises(BackupNotFound):
        await other.restore(folder, name)


async def test_link_that_leaves_the_folder_is_not_followed(
    other: Installation, folder: Path, saved: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "chunk.gz"
    (saved / "chunk.gz").rename(moved)
    (saved / "chunk.gz").symlink_to(moved)
    with pytest.raises(BackupDamaged, match="is a link"):
        await other.restore(folder)
    (saved / "chunk.gz").unlink()
    os.mkfifo(saved / "chunk.gz")
    with pytest.raises(BackupDamaged, match="is not a file"):
        await other.restore(folder)
    assert await is_empty(other)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("chunk", {"columns": ["id", "nothing"]}),
        ("chunk", {"name": "pg_class"}),
        ("chunk", {"name": "no_table"}),
        ("section", {"rows": 1}),
        ("section", {"columns": ["text"]}),
    ],
)
async def test_manifest_that_does_not_fit_its_tables_is_refused(
    other: Installation, folder: Path, saved: Path, table: str, change: dict[str, object]
) -> None:
    manifest = json.loads((saved / "manifest.json").read_text())
    (facts,) = [facts for facts in manifest["tables"] if facts["name"] == table]
    (saved / f"{change.get('name', table)}.gz").write_bytes((saved / f"{table}.gz").read_bytes())
    facts |= change
    (saved / "manifest.json").write_text(json.dumps(manifest))
    resign(saved)
    with pytest.raises(BackupDamaged):
        await other.restore(folder)
    assert await is_empty(other)


async def test_folder_with_other_files_is_not_used(ours: Installation, folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.odt").write_text("mine")
    with pytest.raises(BackupFolderUnusable, match=r"other files, such as 'thesis\.odt'"):
        await ours.create(folder)
    assert [path.name for path in folder.iterdir()] == ["thesis.odt"]
    with pytest.raises(BackupNotFound, match="is not a folder of backups"):
        list_backups(folder)


async def test_folder_that_cannot_be_written_is_named(
    ours: Installation, folder: Path, project: Project
) -> None:
    folder.write_text("a file")
    with pytest.raises(BackupFolderUnusable, match=r"backups cannot be used"):
        await ours.create(folder)
    assert (await outcome(ours)).failure == f"{folder} cannot be used: File exists"
    folder.unlink()
    await ours.create(folder)
    found = await outcome(ours)
    assert found.failure is None
    assert found.finished_at is not None


@contextmanager
def full_disk(max_bytes: int) -> Iterator[None]:
    """No file gets larger. Linux says EFBIG then; a full disk differs in its number alone."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("passphrase", [None, "hunter2"])
async def test_disk_that_takes_no_more_ends_the_backup_and_the_next_one_works(
    ours: Installation, other: Installation, folder: Path, project: Project, passphrase: str | None
) -> None:
    await ours.create(folder, passphrase=passphrase)
    await ours.add(project, "long.txt", b"A long text. " * 20_000)
    await ours.index()
    with full_disk(100_000), pytest.raises(BackupFolderUnusable, match="File too large"):
        await ours.create(folder)
    assert "File too large" in str((await outcome(ours)).failure)
    assert len(list_backups(folder)) == 1
    created = await ours.create(folder)
    assert (await other.restore(folder, created.name, passphrase=passphrase)).added.documents == 4


def test_full_folder_is_named() -> None:
    full = Path("/dev/full")
    with full.open("wb", buffering=0) as file, pytest.raises(BackupFolderFull), folder_errors(full):
        file.write(b"x")


async def test_full_store_ends_the_restore_and_the_next_one_works(
    ours: Installation, other: Installation, folder: Path, saved: Path
) -> None:
    small = Installation(other.database, VolumeStore(other.store.root, min_free_bytes=2**60))
    with pytest.raises(StorageFull):
        await small.restore(folder)
    assert await is_empty(other)
    assert (await other.restore(folder)).added.documents == 3


async def test_two_commands_at_once(
    ours: Installation, other: Installation, folder: Path, saved: Path
) -> None:
    with open_folder(folder).locked(alone=False):
        with pytest.raises(BackupInUse, match="another command is working on"):
            await ours.create(folder)
        assert (await outcome(ours)).failure is None, "the other one says how it ends"
        assert verify(folder)[0].error is None
        await other.restore(folder)
    await ours.create(folder)


async def test_two_first_backups_at_once_make_one_folder(
    ours: Installation, folder: Path, project: Project
) -> None:
    done = await asyncio.gather(
        *(ours.create(folder, passphrase="hunter2") for _ in range(3)), return_exceptions=True
    )
    errors = [error for error in done if isinstance(error, BaseException)]
    assert len(errors) == 2
    assert all(isinstance(error, BackupInUse) for error in errors)
    assert [item.error for item in verify(folder, passphrase="hunter2")] == [None]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from mirage import config
from mirage.backup.create import create_backup
from mirage.backup.restore import Choices, restore
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.testing import FakeEmbedder

host, user, name, store, folder, work, when = sys.argv[1:]

def said(what):
    if str(what) == when:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    database = Database(config.Database(host=host, user=user, name=name))
    files = VolumeStore(Path(store))
    if work == "create":
        await create_backup(database, files, Path(folder), None, said=said)
    else:
        await restore(
            database, files, FakeEmbedder(), Path(folder), None, Choices(), None, said
        )

asyncio.run(main())
"""


def kill(installation: Installation, folder: Path, work: str, when: str) -> None:
    """Run it in a process that is killed at a step."""
    url = installation.database.url
    arguments = [url.query["host"], url.username, url.database, installation.store.root, folder]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments), work, when], check=False, timeout=120
    )
    assert done.returncode == -signal.SIGKILL


async def test_killed_backup_goes_on_where_it_was(
    ours: Installation, other: Installation, folder: Path, project: Project
) -> None:
    kill(ours, folder, "create", "2")
    assert list_backups(folder) == []
    assert (await ours.create(folder)).copied.originals == 1
    assert [item.error for item in verify(folder)] == [None]
    assert list((folder / "incomplete").iterdir()) == []
    await other.restore(folder)
    assert await other.rows() == await ours.rows()


@pytest.mark.parametrize("when", ["Storing the originals …", "Adding documents …"])
async def test_killed_restore_has_added_nothing_and_goes_on(
    ours: Installation, other: Installation, folder: Path, saved: Path, when: str
) -> None:
    kill(other, folder, "restore", when)
    assert await is_empty(other)
    stored = len(list(other.store.list_keys()))
    restored = await other.restore(folder)
    assert restored.files.stored + stored == 3
    assert await other.rows() == await ours.rows()
    assert other.originals() == {content.encode() for content in TEXTS.values()}


async def test_damaged_description_is_named(ours: Installation, folder: Path, saved: Path) -> None:
    for content in ("", "{}", "[" * 100_000, '{"format": 1, "recipient": "age1qqqq"}'):
        (folder / DESCRIPTION).write_text(content)
        with pytest.raises(BackupDamaged, match=DESCRIPTION):
            await ours.create(folder)


async def test_passphrase_for_a_folder_without_one_is_refused(
    ours: Installation, folder: Path, saved: Path
) -> None:
    with pytest.raises(WrongPassphrase, match="is not encrypted"):
        await ours.create(folder, passphrase="hunter2")


async def test_every_error_has_a_sentence_and_a_remedy() -> None:
    kinds: list[type[MirageError]] = [
        BackupDamaged, BackupFolderFull, BackupFolderUnusable, BackupInUse, BackupNotFound,
        BackupOfAnotherModel, BackupTooNew, WrongPassphrase,
    ]  # fmt: skip
    assert all(kind("said").remedy().endswith(".") for kind in kinds)
