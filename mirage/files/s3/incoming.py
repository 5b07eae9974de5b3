"""Receives a file into a bucket, in parts: it is there after the last one, or not at all."""

from contextlib import suppress

import obstore
from obstore.store import S3Store

from mirage.errors import StorageUnavailable
from mirage.files.incoming import IncomingFile
from mirage.files.s3.faults import bucket_errors
from mirage.files.s3.reading import Place

PART_BYTES = 8 * 1024 * 1024
"""A smaller file is one request. S3 takes 10,000 parts, more than an upload may have."""

# A part is sent while the next one arrives.
_PARTS_UNDER_WAY = 2


class _Abandoned(Exception):
    """Tells the writer to abort the upload of parts."""


class IncomingObject(IncomingFile):
    """A file being received, to become the object `name` with the key of an original."""

    def __init__(self, client: S3Store, name: str, key: str, max_bytes: int, place: Place) -> None:
        super().__init__(max_bytes)
        self._key = key
        self._place = place
        self._ended = False
        self._writer = obstore.open_writer(
            client, name, buffer_size=PART_BYTES, max_concurrency=_PARTS_UNDER_WAY
        )

    def abort(self) -> None:
        """Delete the parts that were sent; does nothing after `commit`."""
        if self._ended:
            return
        self._ended = True
        with (
            suppress(_Abandoned, StorageUnavailable),
            bucket_errors(*self._place.names),
            self._writer,
        ):
            raise _Abandoned

    def _append(self, data: bytes) -> None:
        with bucket_errors(*self._place.names):
            self._writer.write(data)

    def _commit(self) -> str:
        self._ended = True  # The client aborts what it cannot complete.
        with bucket_errors(*self._place.names):
            self._writer.close()
        return self._key
