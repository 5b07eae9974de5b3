"""Errors of backups."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirage.db.backup import BackupDamaged
from mirage.disk import describe_space
from mirage.errors import ConfigError, InvalidInput, MirageError, NotFound

__all__ = ["BackupDamaged"]

_FULL = {errno.ENOSPC, errno.EDQUOT}


class BackupFolderUnusable(MirageError):
    """Mount the folder of backups, or give this user the permission to write there."""

    code = "backup-folder-unusable"


class BackupFolderFull(BackupFolderUnusable):
    """Free space there, for example with `mirage backup prune`, then run the command again."""

    code = "backup-folder-full"


class BackupInUse(MirageError):
    """Wait until the other command has ended, then run this one again."""

    code = "backup-in-use"


class BackupNotFound(NotFound):
    """Run `mirage backup list` on the folder."""

    code = "backup-not-found"


class BackupTooNew(ConfigError):
    """Use the release of miRAGe that made the backup, or a newer one."""

    code = "backup-too-new"


class BackupOfAnotherModel(ConfigError):
    """Configure the model of the backup, or add `--reindex` to make vectors with this one."""

    code = "backup-of-another-model"


class WrongPassphrase(InvalidInput):
    """Name a file with the passphrase of this folder with `--passphrase-file`."""

    code = "wrong-passphrase"


class MachineTooSlow(MirageError):
    """Run the command again when the machine is less busy, or on a faster machine."""

    code = "machine-too-slow"


class NothingToKeep(MirageError):
    """Run `mirage backup verify`, then `mirage backup create`; nothing was deleted."""

    code = "nothing-to-keep"


@contextmanager
def folder_errors(root: Path) -> Iterator[None]:
    """Raise BackupFolderFull or BackupFolderUnusable for an OSError of the block."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise BackupFolderFull(
                f"the folder of backups is full: {describe_space(root)}"
            ) from error
        raise BackupFolderUnusable(
            f"{error.filename or root} cannot be used: {error.strerror or error}"
        ) from error
