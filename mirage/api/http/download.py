"""Answers with a stored file, whole or in ranges (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import FileResponse
from starlette.types import Message, Receive, Scope, Send

from mirage.api.http.answers import HEAD_ONLY
from mirage.api.http.errors import RangeNotSatisfiable
from mirage.api.http.problems import problem
from mirage.files import OpenedFile

_RANGES = re.compile(r"bytes=(.*)", re.IGNORECASE | re.ASCII)
_RANGE = re.compile(r"(\d*)-(\d*)", re.ASCII)
# No file is that large; and Python refuses to parse numbers with more than 4,300 digits.
_MANY_DIGITS = 18


class Download(FileResponse):
    """Starlette's file response, with ranges as in the RFC.

    Takes an open file and closes it, because a path may be deleted after the headers were sent.
    """

    def __init__(
        self, file: OpenedFile, status_code: int = 200, *, filename: str, headers: Mapping[str, str]
    ) -> None:
        super().__init__(filename, status_code, headers, filename=filename, stat_result=file.stat)
        self._file = file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal: Message | None = None

        async def watch(message: Message) -> None:
            nonlocal refusal
            if message["type"] == "http.response.start" and message["status"] == 416:
                refusal = message
            if refusal is None:
                await send(message)

        size = self._file.stat.st_size
        with self._file.content:
            await super().__call__(_understood(scope, size), receive, watch)
        if refusal is None:
            return
        asked = Headers(scope=scope).get("range")
        error = RangeNotSatisfiable(f"Range: {asked!r} is outside the file's {size:,} bytes")
        await problem(error, {"Content-Range": f"bytes */{size}"})(scope, receive, send)

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        """Yield the open file, instead of opening a path as Starlette does."""
        yield anyio.wrap_file(self._file.content)


def parse_ranges(header: str, size: int) -> list[tuple[int, int]] | None:
    """Return first and last byte of each range within a file of `size` bytes.

    Returns None for a header to ignore: another unit, or malformed (section 14.2).
    """
    ranges = _RANGES.fullmatch(header.strip())
    if ranges is None:
        return None
    found = []
    parts = [part.strip(" \t") for part in ranges[1].split(",")]
    for part in filter(None, parts):
        range_ = _RANGE.fullmatch(part)
        if range_ is None or part == "-":
            return None
        first, last = (_number(digits) if digits else None for digits in range_.groups())
        if first is None:
            first, last = max(size - (last or 0), 0), size - 1
        elif last is not None and last < first:
            return None
        if first < size:
            found.append((first, size - 1 if last is None else min(last, size - 1)))
    return found if any(parts) else None


def _understood(scope: Scope, size: int) -> Scope:
    """Return the request with a range that Starlette handles as in the RFC.

    Starlette refuses all ranges if one is outside the file, and answers 400 to what is to be
    ignored.
    """
    headers = MutableHeaders(raw=list(scope["headers"]))
    head = bool(scope.get(HEAD_ONLY))
    asked = headers.get("range")
    # Ranges apply to GET only.
    ranges = None if asked is None or head else parse_ranges(asked, size)
    del headers["range"]
    if ranges is not None:
        # If no range is left, send one that Starlette answers with 416.
        wanted = ", ".join(f"{first}-{last}" for first, last in ranges) or f"{size}-"
        headers["range"] = f"bytes={wanted}"
    return {**scope, "method": "HEAD" if head else "GET", "headers": headers.raw}


def _number(digits: str) -> int:
    return int(digits) if len(digits) <= _MANY_DIGITS else 10**_MANY_DIGITS
