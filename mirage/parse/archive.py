"""Reads a ZIP archive from outside entry by entry, without unpacking it to disk."""

import posixpath
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import unquote, urlsplit

from mirage.errors import Damaged, Encrypted, UnsafeArchive

_MIB = 1024 * 1024
MAX_ENTRIES = 50_000
MAX_ENTRY_BYTES = 64 * _MIB
"""Unpacked size of one entry; a long novel in a single file takes 3 MiB."""
MAX_READ_BYTES = 512 * _MIB
MAX_RATIO = 100
"""Unpacked size per packed size of a large archive; markup reaches 30, a bomb 1,000."""

_ENCRYPTED_FLAG = 0x1
_LOCAL_SCHEMES = ("file", "jar")
_DRIVE = re.compile(r"[A-Za-z]:")


_UNPACKING = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What `zipfile` raises for a damaged entry."""


class _Stream:
    """An entry that is read piece by piece, up to a bound in bytes."""

    def __init__(self, file: IO[bytes], name: str, bound: int) -> None:
        self._file = file
        self._name = name
        self._bound = bound
        self.read_bytes = 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises Damaged or UnsafeArchive."""
        try:
            piece = self._file.read(size if size >= 0 else self._bound + 1)
        except _UNPACKING as error:
            raise _cannot_unpack(self._name) from error
        self.read_bytes += len(piece)
        if self.read_bytes > self._bound:
            raise _too_large(self._name, self._bound)
        return piece


class Archive:
    """An open archive.

    Raises Damaged, Encrypted or UnsafeArchive, and OSError if the file itself cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._read_bytes = 0
        try:
            self._zip = zipfile.ZipFile(self._file)
            self._entries = self._check_entries()
            self._loosely_named = _loosely_named(self._entries)
        except UnsafeArchive:
            self._file.close()
            raise
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            self._file.close()
            raise Damaged("The archive is damaged and cannot be opened.") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return self.name_of(name) in self._entries

    @property
    def names(self) -> list[str]:
        """Return the names of all entries, in their order; that of a folder ends with `/`."""
        return list(self._entries)

    def name_of(self, name: str) -> str:
        """Return how the archive spells the name of an entry; the name itself without an entry.

        Programs for Windows write other letter cases, and some write names as they are in links.
        """
        name = _normal(name)
        return name if name in self._entries else self._loosely_named.get(_loose(name), name)

    def read(self, name: str) -> bytes:
        """Return the unpacked entry. Raises KeyError if there is no such entry.

        The size is bounded whatever the entry's header claims.
        """
        entry = self._entries[self.name_of(name)]
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise Encrypted("The archive is encrypted and opens only with a password.")
        bound = min(MAX_ENTRY_BYTES, MAX_READ_BYTES - self._read_bytes)
        try:
            with self._zip.open(entry) as file:
                content = file.read(bound + 1)
        except _UNPACKING as error:
            raise _cannot_unpack(name) from error
        if len(content) > bound:
            raise _too_large(name, bound)
        self._read_bytes += len(content)
        return content

    @contextmanager
    def open(self, name: str, *, counts: bool = True) -> Iterator[_Stream]:
        """Open an entry, to read it piece by piece; it may be larger than what `read` returns.

        What is read does not count (`counts`) if the same entry is read once more.
        Raises KeyError if there is no such entry.
        """
        entry = self._entries[self.name_of(name)]
        if entry.flag_bits & _ENCRYPTED_FLAG:
            raise Encrypted("The archive is encrypted and opens only with a password.")
        try:
            file = self._zip.open(entry)
        except _UNPACKING as error:
            raise _cannot_unpack(entry.filename) from error
        with file:
            stream = _Stream(file, entry.filename, MAX_READ_BYTES - self._read_bytes)
            yield stream
        self._read_bytes += stream.read_bytes if counts else 0

    def _check_entries(self) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise UnsafeArchive(
                f"The archive has {len(entries):,} entries; at most {MAX_ENTRIES:,} are accepted."
            )
        for entry in entries:
            # `orig_filename` is the name before zipfile cuts it at a NUL and replaces backslashes.
            if "\0" in entry.orig_filename or _leads_out(entry.orig_filename):
                raise UnsafeArchive(
                    f"The archive points outside of its folder: it names {_shown(entry.filename)}."
                )
        unpacked = sum(entry.file_size for entry in entries)
        packed = sum(entry.compress_size for entry in entries)
        if unpacked > MAX_READ_BYTES and unpacked > MAX_RATIO * packed:
            raise UnsafeArchive(
                f"The archive unpacks to a suspicious size: {packed // _MIB} MiB would become "
                f"{unpacked // _MIB} MiB."
            )
        return {_normal(entry.filename): entry for entry in entries}


def resolve(base: str, reference: str) -> tuple[str, str] | None:
    """Return the entry and the fragment that a reference in the entry `base` names.

    None if the reference is to the web. Raises UnsafeArchive if it leads out of the archive.
    """
    reference = reference.strip()
    try:
        parts = urlsplit(reference)
    except ValueError:
        return None
    if parts.scheme in _LOCAL_SCHEMES or _DRIVE.match(reference):
        raise _leak(reference)
    if parts.scheme or parts.netloc:
        return None
    target = _slashed(unquote(parts.path))
    if "\0" in target or _leads_out(target, base):
        raise _leak(target)
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
    return (joined if target else base), unquote(parts.fragment)


def resolve_within(base: str, reference: str) -> tuple[str, str] | None:
    """Return what `resolve` returns for a link in the text, where one bad link spoils no document.

    A path from the root begins at the archive's root. None if the link leads out of it.
    """
    if reference.startswith("/") and not reference.startswith("//"):
        base, reference = "", reference.lstrip("/")
    try:
        return resolve(base, reference)
    except UnsafeArchive:
        return None


def _cannot_unpack(name: str) -> Damaged:
    return Damaged(f"The archive is damaged: {_shown(name)} cannot be unpacked.")


def _too_large(name: str, bound: int) -> UnsafeArchive:
    return UnsafeArchive(
        f"The archive unpacks to a suspicious size: {_shown(name)} takes more than "
        f"{bound // _MIB} MiB."
    )


def _leak(reference: str) -> UnsafeArchive:
    return UnsafeArchive(
        f"The document points outside of its archive: it refers to {_shown(reference)}."
    )


def _leads_out(name: str, base: str = "") -> bool:
    name = _slashed(name)
    if name.startswith("/") or _DRIVE.match(name):
        return True
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(base), name))
    return joined == ".." or joined.startswith("../")


def _normal(name: str) -> str:
    """Return the name as the entries are looked up: some systems write it in NFD, others in NFC."""
    return unicodedata.normalize("NFC", _slashed(name))


def _loosely_named(names: Iterable[str]) -> dict[str, str]:
    """Return names by their loose spelling, without those that several entries have."""
    found: dict[str, str] = {}
    shared: set[str] = set()
    for name in names:
        if found.setdefault(_loose(name), name) != name:
            shared.add(_loose(name))
    return {loose: name for loose, name in found.items() if loose not in shared}


def _loose(name: str) -> str:
    return unquote(name).casefold()


def _slashed(name: str) -> str:
    """Return the name with slashes; old programs for Windows write backslashes."""
    return name.replace("\\", "/")


def _shown(name: str) -> str:
    return ascii(name if len(name) <= 80 else f"{name[:77]}...")
