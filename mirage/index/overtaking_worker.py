"""The worker that parses beside a slow document, so that one does not hold up all others."""

import asyncio
from datetime import timedelta

from mirage.db import Database
from mirage.db.queue import documents as document_queue
from mirage.db.queue.documents import ClaimedDocument
from mirage.errors import Unreadable
from mirage.files import VolumeStore
from mirage.index.claims import ClaimKeeper
from mirage.index.parse_worker import ParseWorker
from mirage.model import Parsed
from mirage.parse import Sandbox

OVERTAKE_AFTER_SECONDS = 10.0
"""How long a document may take before others pass it, and as long they themselves may take."""

# A document that is too much for this worker waits for the other one, behind those that came later.
_SET_ASIDE = timedelta(seconds=30)  # guess


class OvertakingWorker(ParseWorker):
    """Works only while `other` is busy for longer than `overtake_after_seconds` with one document.

    Its parser has little time and half the memory, so that both fit into one pod. What needs more
    is no verdict here: the document is given back, and `other` reads it when its turn comes.
    """

    def __init__(
        self,
        database: Database,
        store: VolumeStore,
        sandbox: Sandbox,
        holder: ClaimKeeper,
        parsed: asyncio.Event,
        other: ParseWorker,
        overtake_after_seconds: float,
    ) -> None:
        super().__init__(database, store, sandbox, holder, parsed)
        self._other = other
        self._patience_seconds = overtake_after_seconds

    async def step(self) -> bool:
        """Parse one document; False when there is none, or no need."""
        if self._other.busy_seconds <= self._patience_seconds:
            await self._sandbox.aclose()  # An idle parser would take memory for nothing.
            return False
        return await super().step()

    async def _read(self, claimed: ClaimedDocument) -> Parsed | None:
        try:
            return await super()._read(claimed)
        except Unreadable:  # Also what some parsers make of a lack of memory.
            async with self._database.transaction() as connection:
                await document_queue.release_document(
                    connection, claimed, _SET_ASIDE, counted=False
                )
            return None
