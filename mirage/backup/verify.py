"""Use cases: list backups, and read them back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mirage.backup.errors import BackupNotFound
from mirage.backup.folder import open_folder
from mirage.backup.saved import SavedBackup, open_backup
from mirage.errors import MirageError


@dataclass(frozen=True, slots=True)
class Listed:
    """A backup, or the reason why it cannot be used."""

    name: str
    backup: SavedBackup | None
    stored_bytes: int
    error: MirageError | None


def list_backups(root: Path) -> list[Listed]:
    """Return all backups, the newest first; reads only their manifests.

    Raises BackupNotFound, BackupTooNew, BackupDamaged, BackupFolderUnusable.
    """
    folder = open_folder(root)
    found = []
    for name in folder.names():
        try:
            backup = open_backup(folder, name)
            found.append(Listed(name, backup, backup.stored_bytes(), None))
        except BackupNotFound:
            continue  # It was pruned meanwhile.
        except MirageError as error:
            found.append(Listed(name, None, 0, error))
    return found


def verify(
    root: Path,
    names: Sequence[str] = (),
    passphrase: str | None = None,
    said: Callable[[str], None] = lambda name: None,
) -> list[Listed]:
    """Read backups back, all if none is named, with their originals.

    Calls `said` with the name of each before it is read. Raises BackupNotFound, BackupInUse,
    WrongPassphrase, BackupTooNew, BackupDamaged, BackupFolderUnusable.
    """
    folder = open_folder(root)
    identity = folder.identity(passphrase)
    known: set[str] = set()
    checked = []
    with folder.locked(alone=False):
        for name in names or folder.names():
            said(name)
            folder.backup(name)  # A wrong name is no damage.
            try:
                backup = open_backup(folder, name)
                backup.check(identity, known)
                checked.append(Listed(name, backup, backup.stored_bytes(), None))
            except MirageError as error:
                checked.append(Listed(name, None, 0, error))
    return checked
