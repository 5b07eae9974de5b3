"""Streams one uploaded file from a multipart body straight into the store.

Starlette would write the whole body to a temporary file before the handler runs; this parses while
bytes arrive, so an upload costs one write and a constant amount of memory.
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
# Twice a name of 4,096 bytes, each byte of it as `%22` at worst, for `filename` and `filename*`.
_MAX_HEADER_BYTES = 32 * 1024
# What surrounds the file in a body: the headers of its part and boundaries. More is certainly file.
_MAX_FORM_BYTES = _MAX_HEADER_BYTES + 4 * 1024
# Written in a thread when this much has gathered: smaller pieces pay more for the switch than for
# the write, larger ones only cost memory.
_WRITE_BYTES = 1024 * 1024


class Sink(Protocol):
    """Takes the file's bytes."""

    def write(self, data: bytes) -> None:
        """Append."""


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)
    header_bytes: int = 0


class _Upload:
    """Collects what the parser calls out: the one part named `file`."""

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
            raise UnknownField(f"unknown form field {name!r}; the file goes in {FIELD!r}")
        if self.filename is not None:
            raise InvalidRequest("one request carries one file")
        if not filename:
            raise InvalidName("the form field 'file' carries no file name")
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
    """Stream the body's file, of at most `max_bytes`, into `sink` and give its name.

    Raises UploadTooLarge before anything is read where the request's headers say so already (`sink`
    counts what comes), WrongContentType, UnknownField, InvalidName, InvalidRequest, and whatever
    `sink` raises.
    """
    # The server has made sure that the header is a number.
    if int(request.headers.get("content-length", 0)) > max_bytes + _MAX_FORM_BYTES:
        raise UploadTooLarge(f"the file is larger than {max_bytes:,} bytes")
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise WrongContentType("an upload is multipart/form-data with the file in the field 'file'")
    upload = _Upload()
    try:
        parser = MultipartParser(boundary, upload.callbacks(), max_header_size=_MAX_HEADER_BYTES)
        received = 0
        async for data in _body(request):
            parser.write(data)
            received += len(data)
            # What stands before the first part or behind the last is thrown away, and may not last.
            if received - upload.file_bytes > _MAX_FORM_BYTES:
                raise InvalidRequest("what surrounds the file in the multipart body is too long")
            if len(upload.pending) >= _WRITE_BYTES:
                await _flush(upload, sink)
        parser.finalize()
    except ClientDisconnect as error:
        raise InvalidRequest("the client went away; nothing was stored") from error
    except FormParserError as error:
        raise InvalidRequest(f"the multipart body is malformed: {error}") from error
    await _flush(upload, sink)
    if not upload.complete:
        raise InvalidRequest("the multipart body ended early; nothing was stored")
    if upload.filename is None:
        raise InvalidRequest("the form carries no field 'file'")
    return upload.filename


async def _flush(upload: _Upload, sink: Sink) -> None:
    data = bytes(upload.pending)
    upload.pending.clear()
    await asyncio.to_thread(sink.write, data)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for data in request.stream():
        if data:
            yield data
