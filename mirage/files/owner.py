"""The store's owner: the database that its originals belong to.

A store without an owner, or with another one, is never swept: for a database that is new, restored
or mistyped, every original looks like a file without a document.
"""

import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

UNREADABLE = UUID(int=0)
"""The owner in a damaged file; no database has this id."""

FILE = "store.json"
MAX_BYTES = 4096
"""A longer file is damaged."""


def read_owner(root: Path) -> UUID | None:
    """Return the id of the database that owns the store, or None without an owner.

    Raises OSError if the file exists but cannot be read.
    """
    try:
        content = b""
        if stat.S_ISREG((root / FILE).stat().st_mode):  # Opening a pipe would wait for ever.
            with (root / FILE).open("rb") as file:
                content = file.read(MAX_BYTES)
    except FileNotFoundError:
        return None
    return decode_owner(content)


def decode_owner(content: bytes) -> UUID:
    """Return the database that `store.json` names, or UNREADABLE."""
    try:
        return UUID(json.loads(content)["database"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return UNREADABLE


def encode_owner(database: UUID) -> bytes:
    """Return the content of `store.json`."""
    return json.dumps({"database": str(database)}).encode() + b"\n"


def write_owner(root: Path, database: UUID, *, replace: bool = False) -> UUID:
    """Make a database the owner, and return the owner: another one may have been faster.

    `replace` replaces the present owner. Raises OSError.
    """
    draft = root / f"{FILE}.{uuid4().hex}"
    try:
        with draft.open("xb") as file:
            file.write(encode_owner(database))
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(root / FILE)
        else:
            _link(draft, root / FILE)
    finally:
        draft.unlink(missing_ok=True)
    return read_owner(root) or database


def _link(draft: Path, target: Path) -> None:
    """Rename the file unless another process was faster."""
    with suppress(FileExistsError):
        try:
            target.hardlink_to(draft)
        except FileExistsError:
            raise
        except OSError:  # A file system without hard links.
            if not target.exists():
                draft.rename(target)
