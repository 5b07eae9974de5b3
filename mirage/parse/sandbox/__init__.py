"""Parses documents in a child process, which a time limit, a memory limit or a crash may end.

The child stays warm between documents, because a new one must import the parsers again.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, TypeVar, cast

import mirage
from mirage.errors import MirageError, ParserKilled, StorageUnavailable, Unreadable
from mirage.foreign import clean
from mirage.model import MediaType, Parsed, Section
from mirage.parse.sandbox.frames import (
    LENGTH,
    MAX_FRAME_BYTES,
    MIB,
    decode,
    decode_parsed,
    decode_refusal,
    decode_section,
    encode,
    read_text,
)

DOCUMENTS_PER_CHILD = 100  # guess: bounds the memory that leaks and fragmentation take
_EXIT_GRACE_SECONDS = 5
_PIPE_BYTES = MIB
_BEGUN_BYTES = 64
_MIN_MEMORY_BYTES = 128 * MIB  # A warm child takes half of it.
_LOGGED_CHARACTERS = 20_000  # guess: the innermost 20 calls of a trace take a tenth of it
# Some systems find the interpreter's own libraries by these; the child gets no other variable.
_PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


class Sandbox:
    """A parser child that takes one document at a time; further calls wait for their turn."""

    _task = "documents"

    def __init__(self, timeout_seconds: float, cpu_seconds: int, memory_bytes: int) -> None:
        self._timeout_seconds = timeout_seconds
        self._cpu_seconds = cpu_seconds
        self._memory_bytes = memory_bytes
        self._turn = asyncio.Lock()
        self._child: _Child | None = None
        self._documents = 0

    def for_small_documents(self, seconds: float) -> "Sandbox":
        """Return a second sandbox for small documents, with half the memory."""
        return Sandbox(seconds, ceil(seconds), max(self._memory_bytes // 2, _MIN_MEMORY_BYTES))

    async def parse(self, path: Path, media_type: MediaType) -> Parsed:
        """Parse the document in the child.

        Raises a subclass of Unreadable; ParserKilled names the limit that the document exceeded.
        Raises StorageUnavailable if the file cannot be read and MirageError if no child starts;
        both may pass.
        """
        return await self._limited(lambda: self._parse(path, media_type))

    async def aclose(self) -> None:
        """End the child."""
        async with self._turn:
            await self._kill()

    async def _limited(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Wait for the turn of some work of the child, and end the child if it takes too long."""
        async with self._turn:
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    return await work()
            except TimeoutError as error:
                await self._kill()
                raise ParserKilled(
                    f"The parser was stopped after {self._timeout_seconds:g} seconds."
                ) from error
            except MirageError:
                raise
            except BaseException:  # Cancelled within an answer: the child is of no more use.
                await self._kill()
                raise

    async def _parse(self, path: Path, media_type: MediaType) -> Parsed:
        child = await self._begin(_request(path, media_type=media_type))
        sections: list[Section] = []
        left = MAX_FRAME_BYTES
        async with self._sound_answer():
            while True:
                message, length = await _receive(child, left)
                left -= length
                if "section" not in message:
                    _raise_verdict(message)
                    return decode_parsed(message["parsed"], sections)
                sections.append(decode_section(message["section"]))

    async def _exchange(self, path: Path, bound: int, **asked: Any) -> dict[str, Any]:
        """Return the answer to a request, if it has a single frame. Raises what `parse` raises."""
        child = await self._begin(_request(path, **asked))
        async with self._sound_answer():
            message, _ = await _receive(child, bound)
            _raise_verdict(message)
        return message

    @contextlib.asynccontextmanager
    async def _sound_answer(self) -> AsyncIterator[None]:
        """Read an answer in the block. Raises ParserKilled if it ends early or makes no sense."""
        try:
            yield
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ParserKilled(self._exit_reason(await self._reap())) from error
        except (ValueError, TypeError, KeyError) as error:
            await self._kill()
            raise ParserKilled(
                "The parser was stopped because its answer makes no sense."
            ) from error

    async def _begin(self, request: bytes) -> "_Child":
        """Hand the request to the child, replacing a child that has died or gone astray."""
        if self._documents >= DOCUMENTS_PER_CHILD:
            await self._kill()
        for fresh in (self._child is None, True):
            if self._child is None:
                self._child = await self._start()
                self._documents = 0
            try:
                self._child.requests.write(request)
                await self._child.requests.drain()
                begun, _ = await _receive(self._child, _BEGUN_BYTES)
                if begun != {"begun": True}:
                    raise ValueError("the child does not begin")
            except (asyncio.IncompleteReadError, ConnectionError):
                status = await self._reap()
                if fresh:
                    raise MirageError(f"The parser does not start (status {status}).") from None
            except ValueError as error:  # Left over by a document that took the child over.
                await self._kill()
                if fresh:
                    raise MirageError("The parser does not start properly.") from error
            else:
                self._documents += 1
                return self._child
        raise AssertionError("a fresh child either begins or raises")

    async def _start(self) -> "_Child":
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "PYTHONPATH": str(Path(mirage.__file__).parents[1]),
            "PYTHONUTF8": "1",
            # One arena per thread would count as memory without being used.
            "MALLOC_ARENA_MAX": "1",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            # Neither the user's site-packages nor the working directory.
            *("-s", "-P", "-m", "mirage.parse.sandbox.child"),
            *(str(self._cpu_seconds), str(self._memory_bytes), self._task),
            stdin=PIPE,
            stdout=PIPE,
            limit=_PIPE_BYTES,
            env=environment,
            cwd="/",
            start_new_session=True,  # An interrupt from the terminal is the parent's to handle.
        )
        requests = cast("asyncio.StreamWriter", process.stdin)
        return _Child(process, requests, cast("asyncio.StreamReader", process.stdout))

    def _exit_reason(self, status: int) -> str:
        if status == -signal.SIGXCPU:
            return f"The parser was stopped after {self._cpu_seconds} seconds of CPU time."
        if status >= 0:
            return f"The parser exited (status {status})."
        name = signal.Signals(-status).name
        limit = f"{self._memory_bytes // MIB} MiB"
        if status == -signal.SIGKILL:
            return f"The system killed the parser ({name}), probably because memory was short."
        return (
            f"The parser crashed ({name}): the file is damaged or needs more memory than {limit}."
        )

    async def _reap(self) -> int:
        """Return the exit status of a child that has closed its output and so is about to end."""
        child = self._child
        if child is None:
            return 0
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(child.process.wait(), _EXIT_GRACE_SECONDS)
        await self._kill()
        return child.process.returncode or 0

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
        child.requests.close()
        # Bytes left in the pipe would keep its transport open.
        while await child.replies.read(_PIPE_BYTES):
            pass
        await child.process.wait()


@dataclass(frozen=True, slots=True)
class _Child:
    process: Process
    requests: asyncio.StreamWriter
    replies: asyncio.StreamReader


def _raise_verdict(message: dict[str, Any]) -> None:
    """Raise what a message says instead of a result; do nothing if it holds a result."""
    if "failed" in message:
        kind = clean(read_text(message["failed"], "kind"))
        trace = read_text(message["failed"], "trace")[-_LOGGED_CHARACTERS:]
        _log.error("a parser failed", extra={"trace": trace})
        raise Unreadable(f"The parser failed on this document ({kind}).")
    if "unread" in message:
        reason = clean(read_text(message["unread"], "reason"))
        raise StorageUnavailable(f"the document's file cannot be read: {reason}")
    if "refused" in message:
        raise decode_refusal(message["refused"])


def _request(path: Path, **asked: Any) -> bytes:
    return encode({"path": str(path.absolute()), **asked})


async def _receive(child: _Child, bound: int) -> tuple[dict[str, Any], int]:
    """Return a message and the length of its frame. Raises ValueError if it exceeds `bound`."""
    (length,) = LENGTH.unpack(await child.replies.readexactly(LENGTH.size))
    if length > bound:
        raise ValueError("the answer exceeds its bound")
    return decode(await child.replies.readexactly(length)), length
