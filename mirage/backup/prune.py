"""Use case: delete old backups, and the originals that only they had."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from mirage.backup.encryption import Identity
from mirage.backup.errors import NothingToKeep, folder_errors
from mirage.backup.folder import BackupFolder, open_folder
from mirage.backup.originals import remove_unused
from mirage.backup.saved import open_backup
from mirage.backup.verify import Listed, list_backups
from mirage.errors import MirageError


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was deleted. `unread` is why no original was: a backup whose list cannot be read."""

    deleted: list[str]
    kept: list[str]
    originals: int
    bytes: int
    unread: str | None


def prune(root: Path, keep: int, passphrase: str | None = None, *, dry_run: bool = False) -> Pruned:
    """Delete all but the newest `keep` backups of all projects, and of each project.

    Before that it reads one of those back, the newest that is complete; without a complete one it
    deletes nothing. Backups that cannot be read are not deleted either, and do not count. Raises
    NothingToKeep, BackupInUse, WrongPassphrase, BackupFolderUnusable.
    """
    folder = open_folder(root)
    identity = folder.identity(passphrase)
    with folder.locked(alone=True):
        kept, deleted = _divide(list_backups(root), keep)
        if dry_run:
            return Pruned(deleted, kept, 0, 0, None)
        if deleted:
            _require_whole(folder, kept, deleted, identity)
        folder.clear()
        for name in deleted:
            _delete(folder, name)
        used: set[str] = set()
        for name in folder.names():
            try:
                used.update(digest for digest, _ in open_backup(folder, name).originals(identity))
            except MirageError as error:
                return Pruned(deleted, kept, 0, 0, f"{name}: {error}")
        removed, freed = remove_unused(folder, used)
    return Pruned(deleted, kept, removed, freed, None)


def _divide(listed: list[Listed], keep: int) -> tuple[list[str], list[str]]:
    """Return which backups are kept, and which are deleted."""
    kept: list[str] = []
    deleted: list[str] = []
    counted: dict[UUID | None, int] = {}
    for item in listed:
        if item.backup is None:
            kept.append(item.name)
            continue
        scope = item.backup.manifest.scope
        counted[scope] = counted.get(scope, 0) + 1
        (kept if counted[scope] <= keep else deleted).append(item.name)
    return kept, deleted


def _require_whole(
    folder: BackupFolder, kept: list[str], deleted: list[str], identity: Identity | None
) -> None:
    """Raise NothingToKeep unless a whole backup stays for each scope that loses one."""
    scopes = {open_backup(folder, name).manifest.scope for name in deleted}
    known: set[str] = set()
    for name in kept:
        try:
            backup = open_backup(folder, name)
            if backup.manifest.scope in scopes:
                backup.check(identity, known)
                scopes.discard(backup.manifest.scope)
        except MirageError:
            continue
    if scopes:
        raise NothingToKeep("none of the backups that would stay can be read back")


def _delete(folder: BackupFolder, name: str) -> None:
    """Delete a backup: it is gone at once, also if this is killed."""
    with folder_errors(folder.root):
        moved = folder.incomplete / uuid4().hex
        folder.backup(name).rename(moved)
        shutil.rmtree(moved)
