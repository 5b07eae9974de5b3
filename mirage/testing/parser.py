"""A parser without a child process."""

import asyncio
import io
import threading
from asyncio.subprocess import Process
from typing import cast

from mirage.parse.sandbox import Sandbox, _Child
from mirage.parse.sandbox.child import answer
from mirage.parse.sandbox.frames import LENGTH, decode

# pdfium must not be called by two threads at once.
_turn = threading.Lock()


class InProcessParser(Sandbox):
    """A `Sandbox` that calls its child's `answer` in a thread of this process.

    It reads the same frames and raises the same errors, but starts no process (0.2 s of computing),
    so it can stop no parser that hangs, crashes or needs too much memory.
    """

    def __init__(self) -> None:
        super().__init__(timeout_seconds=60, cpu_seconds=60, memory_bytes=2**29)

    def for_small_documents(self, seconds: float) -> "InProcessParser":
        return InProcessParser()

    async def _begin(self, request: bytes) -> _Child:
        replies = asyncio.StreamReader()
        replies.feed_data(await asyncio.to_thread(self._answer, request))
        replies.feed_eof()
        return _Child(cast("Process", None), cast("asyncio.StreamWriter", None), replies)

    def _answer(self, request: bytes) -> bytes:
        asked = decode(request[LENGTH.size :])
        replies = io.BytesIO()
        with _turn:
            answer(replies, asked, self._memory_bytes)
        return replies.getvalue()
