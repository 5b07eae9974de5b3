"""Use case: follow changes of the documents of a project.

One feed per watched project polls the database once per second, however many streams watch it, and
holds no connection in between.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from mirage.db import Database
from mirage.db import keys as key_rows
from mirage.db import listing as rows
from mirage.db.projects import lock_project
from mirage.errors import DatabaseUnavailable, ShuttingDown, TooManyStreams
from mirage.model import Document, DocumentStatus, Project

MAX_STREAMS = 100
"""Open streams per process: each is a connection and at most MAX_WAITING events."""
MAX_OF_KEY = 20
"""Streams per key, so that it leaves some for others."""
MAX_OF_MAIN_KEY = 80
"""Streams of the key in the settings, which several programs may share."""
MAX_WAITING = 1000
"""Unread events per stream."""

_POLL_SECONDS = 1.0
# Pause after a poll, as a multiple of its time: polling thousands of documents is slow, and may use
# a tenth of the time.
_PAUSE_SHARE = 9
_SETTLED = {DocumentStatus.READY, DocumentStatus.FAILED}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A document was deleted."""

    id: UUID


Event = Document | Deleted


class Stream:
    """Unread events of one watcher, oldest first.

    `key_id` is the watcher's key, None for the key in the settings.
    """

    def __init__(self, key_id: UUID | None = None) -> None:
        self.key_id = key_id
        self.ended = False
        """True if no events follow those that `read` returns next."""
        self._events: list[Event] = []
        self._news = asyncio.Event()

    def begin(self, events: Iterable[Event]) -> None:
        """Start with these events; discard earlier ones."""
        self._events = list(events)
        self._news.set()

    def put(self, events: list[Event]) -> None:
        """Append events. End the stream of a slow watcher, which gets the state again later."""
        if len(self._events) > MAX_WAITING:
            self._events = []
            self.end()
        elif events and not self.ended:
            self._events += events
            self._news.set()

    def end(self) -> None:
        """End the stream once the watcher has read all events."""
        self.ended = True
        self._news.set()

    async def read(self, timeout_seconds: float) -> list[Event]:
        """Wait for events and return all of them; empty if no event arrives in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._news.wait()
        self._news.clear()
        events, self._events = self._events, []
        return events


class Feeds:
    """The feeds of all watched projects."""

    def __init__(self, database: Database, *, max_streams: int = MAX_STREAMS) -> None:
        self._database = database
        self._max_streams = max_streams
        self._feeds: dict[UUID, _Feed] = {}
        self._streams = 0
        self._by_key: Counter[UUID | None] = Counter()
        self._closed = False

    @asynccontextmanager
    async def open(self, project: Project, key_id: UUID | None = None) -> AsyncIterator[Stream]:
        """Watch a project while the block runs, beginning with its unfinished documents.

        The stream ends soon after its key was revoked or has expired; `key_id` is None for the key
        in the settings. Raises TooManyStreams, ShuttingDown, DatabaseUnavailable.
        """
        if self._closed:
            raise ShuttingDown("this process is stopping")
        if self._streams >= self._max_streams:
            raise TooManyStreams(f"{self._max_streams} streams are open, which is the limit")
        most = MAX_OF_MAIN_KEY if key_id is None else MAX_OF_KEY
        if self._by_key[key_id] >= most:
            raise TooManyStreams(f"this key has {most} streams open, which is the limit per key")
        self._streams += 1
        self._by_key[key_id] += 1
        feed = self._feeds.setdefault(project.id, _Feed(self._database, project.id))
        stream = Stream(key_id)
        feed.streams.add(stream)
        try:
            stream.begin(await feed.start())
            yield stream
        finally:
            self._streams -= 1
            self._by_key -= Counter([key_id])  # Drops a key at 0.
            feed.streams.discard(stream)
            if not feed.streams:
                del self._feeds[project.id]
                await feed.stop()

    def close(self) -> None:
        """End all streams and refuse new ones."""
        self._closed = True
        for feed in self._feeds.values():
            feed.end_streams()


class _Feed:
    """Compares a project with its state at the previous poll."""

    def __init__(self, database: Database, project_id: UUID) -> None:
        self.streams: set[Stream] = set()
        self._database = database
        self._project_id = project_id
        self._versions: dict[UUID, datetime] | None = None
        self._open: dict[UUID, Document] = {}
        self._starting = asyncio.Lock()
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> list[Document]:
        """Start the feed unless it runs; return the unfinished documents."""
        async with self._starting:
            if self._task is None or self._task.done():
                await self._poll()
                self._task = asyncio.create_task(self._run())
        return list(self._open.values())

    async def stop(self) -> None:
        """Stop without cancelling, because a cancelled statement costs its connection."""
        self._stopping.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    def end_streams(self) -> None:
        """End the streams of all watchers."""
        for stream in self.streams:
            stream.end()

    async def _run(self) -> None:
        took = 0.0
        try:
            while not await self._stops_within(max(_POLL_SECONDS, _PAUSE_SHARE * took)):
                began = time.monotonic()
                try:
                    await self._end_invalid()
                    events = await self._poll()
                    took = time.monotonic() - began
                except DatabaseUnavailable as error:
                    _log.warning("events are delayed: %s", error)
                    continue
                for stream in self.streams:
                    stream.put(events)
                if not self._versions and await self._is_gone():
                    break
        except Exception:
            _log.exception("an event feed failed")
        self.end_streams()

    async def _poll(self) -> list[Event]:
        before = self._versions
        async with self._database.transaction() as connection:
            versions = await rows.list_versions(connection, self._project_id)
            changed = []
            if before is not None:
                changed = [key for key, value in versions.items() if before.get(key) != value]
            documents = await rows.list_open(connection, self._project_id, and_these=changed)
        events: list[Event] = [Deleted(key) for key in (before or {}).keys() - versions.keys()]
        events += [item for item in documents if self._open.get(item.id) != item]
        self._versions = versions
        self._open = {item.id: item for item in documents if item.status not in _SETTLED}
        return events

    async def _end_invalid(self) -> None:
        """End streams whose key was revoked or has expired."""
        keys = {stream.key_id for stream in self.streams if stream.key_id is not None}
        if not keys:
            return
        async with self._database.statements() as connection:
            valid = await key_rows.list_valid(connection, keys)
        for stream in self.streams:
            if stream.key_id in keys - valid:
                stream.end()

    async def _is_gone(self) -> bool:
        async with self._database.transaction() as connection:
            return not await lock_project(connection, self._project_id)

    async def _stops_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        return self._stopping.is_set()
