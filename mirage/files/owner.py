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

_FILE = "store.json"
_MAX_BYTES = 4096


def read_owner(root: Path) -> UUID | None:
    """Return the id of the database that owns the store, or None without an owner.

    Raises OSError if the file exists but cannot be read.
    """
    try:
        content = b""
        if stat.S_ISREG((root / _FILE).stat().st_mode):  # Opening a pipe would wait for ever.
            with (root / _FILE).open("rb") as file:
                content = file.read(_MAX_BYTES)
    except FileNotFoundError:
        return None
    try:
        return UUID(json.loads(content)["database"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return UNREADABLE


def write_owner(root: Path, database: UUID, *, replace: bool = False) -> UUID:
    """Make a database the owner, and return the owner: another one may have been faster.

    `replace` replaces the present owner. Raises OSError.
    """
    draft = root / f"{_FILE}.{uuid4().hex}"
    try:
        with draft.open("xb") as file:
            file.write(json.dumps({"database": str(database)}).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        if replace:
            draft.replace(root / _FILE)
        else:
            _link(draft, root / _FILE)
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
