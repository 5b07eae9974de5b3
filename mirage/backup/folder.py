"""A folder of backups: its format, its lock, and the backups in it."""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from mirage.backup.encryption import Identity, is_key, make_key, open_key
from mirage.backup.errors import (
    BackupDamaged,
    BackupFolderUnusable,
    BackupInUse,
    BackupNotFound,
    WrongPassphrase,
    folder_errors,
)
from mirage.backup.manifest import FORMAT, MAX_BYTES, check_format
from mirage.backup.streams import read_whole

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
ORIGINALS = "originals"

_DESCRIPTION = "mirage-backups.json"
_KEY = "key.age"
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{6}Z(-\d{1,3})?")
_MODE = 0o700  # Backups have the texts of all documents.


@dataclass(frozen=True, slots=True)
class BackupFolder:
    """A folder with backups. `recipient` is its public key, or None if it is not encrypted."""

    root: Path
    recipient: str | None

    @property
    def suffix(self) -> str:
        """Return what the names of encrypted files end with."""
        return ".age" if self.recipient else ""

    @property
    def incomplete(self) -> Path:
        """Return the folder of what is being written or deleted."""
        return self.root / "incomplete"

    def backup(self, name: str) -> Path:
        """Return the folder of a backup. Raises BackupNotFound."""
        path = self.root / "backups" / name
        if not _NAME.fullmatch(name) or path.is_symlink() or not path.is_dir():
            raise BackupNotFound(f"{self.root} has no backup {name[:100]!r}")
        return path

    def names(self) -> list[str]:
        """Return the names of all backups, the newest first."""
        with folder_errors(self.root):
            found = [path.name for path in (self.root / "backups").iterdir() if path.is_dir()]
        return sorted(filter(_NAME.fullmatch, found), key=_by_age, reverse=True)

    def latest(self) -> str:
        """Return the name of the newest backup. Raises BackupNotFound."""
        names = self.names()
        if not names:
            raise BackupNotFound(f"{self.root} has no finished backup")
        return names[0]

    def original(self, sha256: str) -> Path:
        """Return the path of an original by its SHA-256 in hexadecimal."""
        return self.root / ORIGINALS / sha256[:2] / f"{sha256}{self.suffix}"

    def identity(self, passphrase: str | None) -> Identity | None:
        """Return the private key of an encrypted folder, None for another one.

        Raises WrongPassphrase, also without a passphrase.
        """
        if self.recipient is None:
            return None
        if passphrase is None:
            raise WrongPassphrase(f"{self.root} is encrypted")
        with folder_errors(self.root):
            return open_key(read_whole(self.root / _KEY, MAX_BYTES), passphrase, self.recipient)

    @contextmanager
    def locked(self, *, alone: bool) -> Iterator[None]:
        """Hold the lock while the block runs: `alone` to write, else with other readers.

        A process that is killed loses it. Raises BackupInUse, BackupFolderUnusable.
        """
        path = self.root / "lock"
        with folder_errors(self.root):
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                if alone:
                    raise
                descriptor = None  # A read-only medium needs no lock.
        if descriptor is None:
            yield
            return
        try:
            with folder_errors(self.root):
                fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BackupFolderUnusable as error:
            if isinstance(error.__cause__, BlockingIOError):
                raise BackupInUse(f"another command is working on {self.root}") from error
            raise
        else:
            yield
        finally:
            os.close(descriptor)

    def clear(self) -> None:
        """Remove what killed commands left. The caller holds the lock alone."""
        with folder_errors(self.root):
            shutil.rmtree(self.incomplete, ignore_errors=True)
            self.incomplete.mkdir(mode=_MODE)


def open_folder(root: Path) -> BackupFolder:
    """Return a folder that has backups. Raises BackupNotFound, BackupTooNew, BackupDamaged."""
    with folder_errors(root):
        try:
            is_there = (root / _DESCRIPTION).is_file()
            content = read_whole(root / _DESCRIPTION, MAX_BYTES) if is_there else b""
        except NotADirectoryError:
            is_there = False
    if not is_there:
        raise BackupNotFound(f"{root} is not a folder of backups: it has no {_DESCRIPTION}")
    try:
        found = json.loads(content)
        version, recipient = found["format"], found["recipient"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BackupDamaged(f"{_DESCRIPTION} is damaged") from error
    check_format(version)
    if recipient is not None and not (isinstance(recipient, str) and is_key(recipient)):
        raise BackupDamaged(f"{_DESCRIPTION} is damaged: it has no public key")
    return BackupFolder(root, recipient)


@contextmanager
def made_folder(root: Path, passphrase: str | None) -> Iterator[BackupFolder]:
    """Yield a folder to write to, locked; make it one of backups if it is empty or missing.

    With a passphrase a new folder is encrypted. Raises WrongPassphrase for an existing folder with
    another one, or without encryption; BackupInUse, BackupFolderUnusable, BackupTooNew,
    BackupDamaged.
    """
    with folder_errors(root):
        root.mkdir(mode=_MODE, parents=True, exist_ok=True)
        is_new = not (root / _DESCRIPTION).exists()
        others = {path.name for path in root.iterdir()} - {"lost+found", "lock", _KEY, *_PARTS}
    # Of a first try that was killed there are parts, but no description.
    if is_new and (
        others := {name for name in others if not name.startswith((_DESCRIPTION, _KEY))}
    ):
        raise BackupFolderUnusable(
            f"{root} has other files, such as {min(others)!r}; name an empty or a new folder"
        )
    with BackupFolder(root, None).locked(alone=True):
        is_new = not (root / _DESCRIPTION).exists()
        if is_new:
            _describe(root, passphrase)
        folder = open_folder(root)
        if passphrase is not None and not is_new:
            if folder.recipient is None:
                raise WrongPassphrase(f"{root} is not encrypted; use another folder")
            folder.identity(passphrase)
        yield folder


def _describe(root: Path, passphrase: str | None) -> None:
    recipient, key = make_key(passphrase) if passphrase is not None else (None, b"")
    with folder_errors(root):
        for part in _PARTS:
            (root / part).mkdir(mode=_MODE, exist_ok=True)
        if key:
            write_small(root / _KEY, key)
        description = {"format": FORMAT, "recipient": recipient}
        write_small(root / _DESCRIPTION, json.dumps(description).encode() + b"\n")


_PARTS = (ORIGINALS, "backups", "incomplete")


def write_small(path: Path, content: bytes) -> None:
    """Write a file safely: whole or not at all. Raises OSError."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _by_age(name: str) -> tuple[str, int]:
    moment, _, number = name.partition("Z-")
    return moment.rstrip("Z"), int(number or 0)
