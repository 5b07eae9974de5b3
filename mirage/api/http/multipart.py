"""Streams one uploaded file from a multipart body into the store.

Starlette would write the whole body to a temporary file before the handler runs. This parses while
bytes arrive, so an upload needs one write and a constant amount of memory.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect

from mirage.api.http.errors import WrongContentType
from mirage.errors import InvalidName, InvalidRequest, UnknownField, UploadTooLarge
from mirage.names import decode_form_filename

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "file"
# Twice a name of 4,096 bytes (`filename` and `filename*`), each byte as `%22` in the worst case.
_MAX_HEADER_BYTES = 32 * 1024
# Bytes around the file in a body: the headers of its part, and boundaries.
_MAX_FORM_BYTES = _MAX_HEADER_BYTES + 4 * 1024
# Write this much at a time in a thread: for smaller pieces the thread switch costs more than the
# write, larger ones only need more memory.
_WRITE_BYTES = 1024 * 1024


class Sink(Protocol):
    """Receives the file's bytes."""

    def write(self, data: bytes) -> None:
        """Append the bytes."""


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    header_bytes: int = 0


class _Upload:
    """Collects the one part named `file` from the parser's callbacks."""

    def __init__(self) -> None:
        self.filename: str | None = None
        self.pending = bytearray()
        self.file_bytes = 0
        self.complete = False
        self._part = _Part()

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_end": self._end,
        }

    def _begin(self) -> None:
        self._part = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._part.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._part.value += data[start:end]

    def _header_end(self) -> None:
        self._part.headers[bytes(self._part.name).lower()] = bytes(self._part.value)
        self._part.name.clear()
        self._part.value.clear()

    def _headers_finished(self) -> None:
        disposition = self._part.headers.get(b"content-disposition", b"")
        try:
            _, options = parse_options_header(disposition)
            name = options.get(b"name", b"").decode()
            filename = decode_form_filename(options.get(b"filename", b"").decode())
        except (UnicodeDecodeError, ValueError, LookupError) as error:
            raise InvalidName("the file's name is not valid UTF-8") from error
        if name != FIELD:
            raise UnknownField(f"unknown form field {name!r}; send the file in {FIELD!r}")
        if self.filename is not None:
            raise InvalidRequest("the request has more than one file; send one file per request")
        if not filename:
            raise InvalidName("the form field 'file' has no file name")
        self.filename = filename

    def _data(self, data: bytes, start: int, end: int) -> None:
        self.pending += data[start:end]
        self.file_bytes += end - start

    def _end(self) -> None:
        self.complete = True

    def _count(self, size: int) -> None:
        self._part.header_bytes += size
        if self._part.header_bytes > _MAX_HEADER_BYTES:
            raise InvalidRequest("the headers of the form field are too long")


async def receive_file(request: Request, sink: Sink, max_bytes: int) -> str:
    """Stream the body's file, of at most `max_bytes`, into `sink`; return its name.

    Raises UploadTooLarge before reading anything if Content-Length is too large (`sink` counts the
    bytes that arrive), WrongContentType, UnknownField, InvalidName, InvalidRequest, and the errors
    of `sink`.
    """
    # The server has already checked that the header is a number.
    if int(request.headers.get("content-length", 0)) > max_bytes + _MAX_FORM_BYTES:
        raise UploadTooLarge(f"the file is larger than {max_bytes:,} bytes")
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise WrongContentType(
            "the body must be multipart/form-data with the file in the field 'file'"
        )
    upload = _Upload()
    try:
        parser = MultipartParser(boundary, upload.callbacks(), max_header_size=_MAX_HEADER_BYTES)
        received = 0
        async for data in _body(request):
            parser.write(data)
            received += len(data)
            # Bytes before the first part or after the last are discarded, and must be few.
            if received - upload.file_bytes > _MAX_FORM_BYTES:
                raise InvalidRequest("the multipart body has too many bytes outside the file")
            if len(upload.pending) >= _WRITE_BYTES:
                await _flush(upload, sink)
        parser.finalize()
    except ClientDisconnect as error:
        raise InvalidRequest("the client disconnected; nothing was stored") from error
    except FormParserError as error:
        raise InvalidRequest(f"the multipart body is malformed: {error}") from error
    await _flush(upload, sink)
    if not upload.complete:
        raise InvalidRequest("the multipart body ended early; nothing was stored")
    if upload.filename is None:
        raise InvalidRequest("the form has no field 'file'")
    return upload.filename


async def _flush(upload: _Upload, sink: Sink) -> None:
    data = bytes(upload.pending)
    upload.pending.clear()
    await asyncio.to_thread(sink.write, data)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for data in request.stream():
        if data:
            yield data
