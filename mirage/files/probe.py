"""Checks whether the store can be written and read, and caches the result."""

import asyncio
import time

from mirage.errors import MirageError, StorageUnavailable
from mirage.files.store import Store

# Limits the load (one write of 16 kB, one sync), however often `/health` is requested.
_RESULT_TTL_SECONDS = 15.0
# A file system that hangs, such as a network one, must not use a thread for each request.
_TIMEOUT_SECONDS = 4.0


class StoreProbe:
    """Probes the store and remembers the result."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._probing: asyncio.Future[None] | None = None
        self._answer: MirageError | None = None
        self._answered_at = float("-inf")

    async def check(self) -> None:
        """Raise StorageUnavailable if a file cannot be written, read and removed."""
        if time.monotonic() - self._answered_at > _RESULT_TTL_SECONDS:
            await self._ask()
        if self._answer is not None:
            raise self._answer

    async def _ask(self) -> None:
        """Wait for the running probe, or start one."""
        if self._probing is None:
            self._probing = asyncio.ensure_future(asyncio.to_thread(self._store.probe))
            self._probing.add_done_callback(self._record)
        done, _ = await asyncio.wait([self._probing], timeout=_TIMEOUT_SECONDS)
        if not done:
            raise StorageUnavailable(
                f"{self._store.place} did not respond within {_TIMEOUT_SECONDS:g} s"
            )

    def _record(self, probe: "asyncio.Future[None]") -> None:
        self._probing = None
        if probe.cancelled():
            return
        error = probe.exception()
        if error is not None and not isinstance(error, MirageError):
            error = StorageUnavailable(f"cannot check {self._store.place}: {error}")
        self._answer = error
        self._answered_at = time.monotonic()
