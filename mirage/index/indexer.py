"""The indexer, with its workers and one step of each."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from mirage import config
from mirage.db import Database
from mirage.embed import Embedder
from mirage.errors import DatabaseUnavailable, MirageError, Retry
from mirage.files import Store
from mirage.index.blockers import Blockers
from mirage.index.claims import ClaimKeeper
from mirage.index.embed_worker import EmbedWorker
from mirage.index.loop import Loop
from mirage.index.maintenance import MaintenanceWorker
from mirage.index.overtaking_worker import OVERTAKE_AFTER_SECONDS, OvertakingWorker
from mirage.index.parse_worker import ParseWorker
from mirage.parse import Sandbox


class WorkerEnded(MirageError):
    """Restart the indexer (Kubernetes does so by itself), and send its log to the maintainers."""

    code = "worker-ended"
    retry = Retry.FINAL


class Indexer:
    """Runs until it is cancelled, and then releases its claims."""

    def __init__(
        self,
        database: Database,
        store: Store,
        embedder: Embedder,
        sandbox: Sandbox,
        settings: config.Indexer,
        chunk: config.Chunk,
        *,
        orphan_days: int = 14,
        require_space: Callable[[], None] | None = None,
        overtake_after_seconds: float = OVERTAKE_AFTER_SECONDS,
    ) -> None:
        self._sandbox = sandbox
        self._require_space = require_space or _do_nothing
        self._parsed = asyncio.Event()
        self._blockers = Blockers(database)
        self._loop = Loop(self._blockers, settings)
        keeper = ClaimKeeper(database, settings)
        self._parse = ParseWorker(database, store, sandbox, keeper, self._parsed)
        self._overtaking_sandbox = sandbox.for_small_documents(OVERTAKE_AFTER_SECONDS)
        self._overtake = OvertakingWorker(
            database,
            store,
            self._overtaking_sandbox,
            keeper,
            self._parsed,
            self._parse,
            overtake_after_seconds,
        )
        self._embed = EmbedWorker(
            database, store, embedder, keeper, self._blockers, settings, chunk
        )
        self._maintain = MaintenanceWorker(database, store, embedder, orphan_days)

    async def run(self) -> None:
        """Parse and embed until cancelled. Raises WorkerEnded if a worker ends."""
        with suppress(DatabaseUnavailable):
            await self._blockers.clear()  # Of an earlier process.
        try:
            async with asyncio.TaskGroup() as workers:
                started = [
                    workers.create_task(self._loop.repeat(self.parse_next)),
                    workers.create_task(self._loop.repeat(self._overtake.step)),
                    workers.create_task(self._loop.repeat(self.embed_next, wake=self._parsed)),
                    workers.create_task(self._loop.repeat(self.embed_beside)),
                    workers.create_task(self._loop.repeat(self.maintain_next)),
                ]
                await asyncio.wait(started, return_when=asyncio.FIRST_COMPLETED)
                # The group ignores a cancelled worker and would wait for the others.
                raise WorkerEnded("a worker of the indexer ended unexpectedly")
        except ExceptionGroup as group:
            raise group.exceptions[0] from group
        finally:
            await self._sandbox.aclose()
            await self._overtaking_sandbox.aclose()

    async def parse_next(self) -> bool:
        """Parse one document; return False if there is none."""
        self._require_space()
        return await self._parse.step()

    async def embed_next(self) -> bool:
        """Embed one claim of chunks while chunking for the next; return False without work."""
        self._require_space()
        return await self._embed.step()

    async def embed_beside(self) -> bool:
        """Embed one more claim while `embed_next` has work; return False if there is none."""
        return await self._embed.embed_next_claim()

    async def maintain_next(self) -> bool:
        """Do one step of maintenance; return False if there is nothing to do."""
        return await self._maintain.step()

    async def report(self, error: MirageError) -> None:
        """Show on waiting documents and in `/health` why indexing waits."""
        await self._blockers.report(error)


def _do_nothing() -> None:
    """Allow the indexer to write: it cannot check the disk of an external database."""
