"""Whether the store can be written and read, asked as seldom as an answer stays true."""

import asyncio
import time

from mirage.errors import MirageError, StorageUnavailable
from mirage.files.volume import VolumeStore

# One write of 16 kB and one sync, however often `/health` is asked.
_FACTS_TTL_SECONDS = 15.0
# A file system that hangs, such as one of a network, must not take a thread for each question.
_SILENCE_SECONDS = 4.0


class StoreProbe:
    """Tries the store and remembers the answer."""

    def __init__(self, store: VolumeStore) -> None:
        self._store = store
        self._probing: asyncio.Future[None] | None = None
        self._answer: MirageError | None = None
        self._answered_at = float("-inf")

    async def check(self) -> None:
        """Raise StorageUnavailable when a file cannot be written, read and removed."""
        if time.monotonic() - self._answered_at > _FACTS_TTL_SECONDS:
            await self._ask()
        if self._answer is not None:
            raise self._answer

    async def _ask(self) -> None:
        """Wait for the probe under way, or begin one."""
        if self._probing is None:
            self._probing = asyncio.ensure_future(asyncio.to_thread(self._store.probe))
            self._probing.add_done_callback(self._record)
        done, _ = await asyncio.wait([self._probing], timeout=_SILENCE_SECONDS)
        if not done:
            raise StorageUnavailable(
                f"{self._store.root} has not answered for {_SILENCE_SECONDS:g} s"
            )

    def _record(self, probe: "asyncio.Future[None]") -> None:
        self._probing = None
        if probe.cancelled():
            return
        error = probe.exception()
        if error is not None and not isinstance(error, MirageError):
            error = StorageUnavailable(f"{self._store.root} cannot be tried: {error}")
        self._answer = error
        self._answered_at = time.monotonic()
