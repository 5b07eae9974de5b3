"""Turns file system errors into errors that name the volume and its free space."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mirage.disk import describe_space
from mirage.errors import StorageFull, StorageUnavailable

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def storage_errors(root: Path, *, missing: bool = False) -> Iterator[None]:
    """Raise StorageFull or StorageUnavailable for an OSError of the block.

    With `missing`, a FileNotFoundError passes.
    """
    try:
        yield
    except OSError as error:
        if missing and isinstance(error, FileNotFoundError):
            raise
        if error.errno in _FULL:
            raise StorageFull(
                f"the volume of the originals is full: {describe_space(root)}"
            ) from error
        raise StorageUnavailable(
            f"the volume of the originals ({root}) cannot be used: {error.strerror or error}"
        ) from error
