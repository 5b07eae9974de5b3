"""Old backups are deleted, but never the only good one."""

from pathlib import Path

import pytest

from mirage.backup.errors import BackupInUse, NothingToKeep, WrongPassphrase
from mirage.backup.folder import open_folder
from mirage.backup.prune import prune
from mirage.backup.verify import list_backups, verify
from mirage.documents import delete_document
from mirage.model import Project
from tests.backup.conftest import Installation


@pytest.fixture
async def project(ours: Installation) -> Project:
    """A project with a document."""
    project = await ours.project("shelf")
    await ours.fill(project, {"a.txt": "The first text."})
    return project


def names(folder: Path) -> list[str]:
    """Of all backups, the newest first."""
    return [item.name for item in list_backups(folder)]


def damage(folder: Path, name: str) -> None:
    """Make a backup one that cannot be read back."""
    path = folder / "backups" / name / "chunk.gz"
    path.write_bytes(path.read_bytes()[:-1])


async def test_newest_stay_with_their_originals(
    ours: Installation, folder: Path, project: Project
) -> None:
    created = [(await ours.create(folder)).name]
    (found,) = await ours.answer(project, "text")
    await delete_document(ours.database, ours.store, project, found.document_id)
    await ours.fill(project, {"b.txt": "The second text."})
    created += [(await ours.create(folder)).name for _ in range(2)]
    planned = prune(folder, 2, dry_run=True)
    assert planned.deleted == created[:1]
    assert names(folder) == created[::-1]
    pruned = prune(folder, 2)
    assert (pruned.deleted, pruned.originals, pruned.unread) == (created[:1], 1, None)
    assert names(folder) == [created[2], created[1]]
    assert [item.error for item in verify(folder)] == [None, None]
    assert prune(folder, 2).deleted == []


async def test_only_good_backup_is_never_deleted(
    ours: Installation, folder: Path, project: Project
) -> None:
    good, bad = [(await ours.create(folder)).name for _ in range(2)]
    damage(folder, bad)
    with pytest.raises(NothingToKeep, match="none of the backups that would stay"):
        prune(folder, 1)
    assert names(folder) == [bad, good]
    newest = (await ours.create(folder)).name
    assert prune(folder, 1).deleted == [bad, good]
    assert names(folder) == [newest]


async def test_original_that_is_damaged_makes_no_backup_a_good_one(
    ours: Installation, folder: Path, project: Project
) -> None:
    for _ in range(2):
        await ours.create(folder)
    (original,) = [path for path in (folder / "originals").rglob("*") if path.is_file()]
    original.write_bytes(b"The other text.")
    with pytest.raises(NothingToKeep):
        prune(folder, 1)
    assert len(names(folder)) == 2


async def test_projects_are_counted_apart(
    ours: Installation, folder: Path, project: Project
) -> None:
    other = await ours.project("other")
    everything = (await ours.create(folder)).name
    first, second = [(await ours.create(folder, project)).name for _ in range(2)]
    third = (await ours.create(folder, other)).name
    assert prune(folder, 1).deleted == [first]
    assert set(names(folder)) == {everything, second, third}


async def test_originals_stay_while_a_backup_cannot_be_read(
    ours: Installation, folder: Path, project: Project
) -> None:
    unreadable, *_ = [(await ours.create(folder)).name for _ in range(3)]
    (folder / "backups" / unreadable / "manifest.json").write_text("{}")
    stray = folder / "originals" / "00" / ("0" * 64)
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"perhaps of the unreadable one")
    pruned = prune(folder, 1)
    assert len(pruned.deleted) == 1
    assert pruned.unread is not None
    assert pruned.unread.startswith(f"{unreadable}: manifest.json is damaged")
    assert stray.exists()
    assert unreadable in names(folder)


async def test_nothing_is_pruned_while_another_command_reads(
    ours: Installation, folder: Path, project: Project
) -> None:
    await ours.create(folder)
    with open_folder(folder).locked(alone=False), pytest.raises(BackupInUse):
        prune(folder, 1)


async def test_encrypted_folder_is_pruned_with_its_passphrase(
    ours: Installation, folder: Path, project: Project
) -> None:
    old = (await ours.create(folder, passphrase="hunter2")).name
    await ours.create(folder)
    with pytest.raises(WrongPassphrase, match="is encrypted"):
        prune(folder, 1)
    assert prune(folder, 1, "hunter2").deleted == [old]
