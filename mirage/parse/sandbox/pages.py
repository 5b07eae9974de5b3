"""Shows pages of PDFs in a child process of its own, which ends when nobody asks for pages."""

import asyncio
import base64
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from mirage.errors import Unavailable
from mirage.model import Box, PagePlaces, Span
from mirage.parse.sandbox import Sandbox
from mirage.parse.sandbox.frames import MAX_CHARACTERS, MIB

_WALL_SECONDS = 20.0  # A busy machine needs seconds to start a child; a page takes 0.1 s.
_CPU_SECONDS = 5
_MEMORY_BYTES = 256 * MIB
_IDLE_SECONDS = 60.0
_MAX_WAITING = 8
_MAX_FRAME_BYTES = 16 * MIB
_MAX_BOXES = 10_000

_T = TypeVar("_T")


class PagesBusy(Unavailable):
    """Ask for the page again in a few seconds, and for fewer pages at once."""

    code = "pages-busy"


class PageSandbox(Sandbox):
    """A child that draws pages, and finds text on them, one at a time."""

    _task = "pages"

    def __init__(self, idle_seconds: float = _IDLE_SECONDS) -> None:
        super().__init__(_WALL_SECONDS, _CPU_SECONDS, _MEMORY_BYTES)
        self._idle_seconds = idle_seconds
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def draw(self, path: Path, page: int, width: int) -> bytes:
        """Return a picture of a page as WebP. Raises PagesBusy, and what `parse` raises."""
        return await self._ask(_decode_picture, path, page=page, width=width)

    async def find(self, path: Path, page: int, text: str, span: Span) -> PagePlaces:
        """Return a page and the places of `text[span]` on it, where `text` is all of its text.

        Raises PagesBusy, and what `parse` raises.
        """
        return await self._ask(
            _decode_places, path, page=page, text=text, start=span[0], end=span[1]
        )

    async def aclose(self) -> None:
        """End the child, and the timer that would end it."""
        self._stop_timer()
        await super().aclose()

    async def _ask(self, decode: Callable[[dict[str, Any]], _T], path: Path, **asked: Any) -> _T:
        if self._waiting >= _MAX_WAITING:
            raise PagesBusy(f"{self._waiting} pages are waiting to be shown")
        self._waiting += 1
        self._stop_timer()

        async def ask() -> _T:
            message = await self._exchange(path, _MAX_FRAME_BYTES, **asked)
            async with self._sound_answer():
                return decode(message)

        try:
            return await self._limited(ask)
        finally:
            self._waiting -= 1
            if not self._waiting:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self._idle_seconds, self._end)

    def _end(self) -> None:
        self._ending = asyncio.create_task(super().aclose())

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()


def _decode_picture(message: dict[str, Any]) -> bytes:
    """Return the picture. Raises ValueError, TypeError or KeyError for anything else."""
    picture = base64.b64decode(message["picture"], validate=True)
    if picture[:4] != b"RIFF" or picture[8:12] != b"WEBP":
        raise ValueError("a picture is WebP")
    return picture


def _decode_places(message: dict[str, Any]) -> PagePlaces:
    """Return the places. Raises ValueError, TypeError or KeyError for anything else."""
    places = message["places"]
    label, share, boxes = places["label"], places["share"], places["boxes"]
    if not isinstance(boxes, list) or len(boxes) > _MAX_BOXES:
        raise ValueError("the boxes are a bounded list")
    if label is not None and not (isinstance(label, str) and len(label) <= MAX_CHARACTERS):
        raise ValueError("a label is a short text")
    return PagePlaces(
        _number(places["width"]),
        _number(places["height"]),
        label,
        tuple(_box(box) for box in boxes),
        None if share is None else _number(share),
    )


def _box(box: Any) -> Box:
    left, top, right, bottom = map(_number, box)
    return left, top, right, bottom


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise TypeError("the value is not a number")
    return float(value)
