"""The worker that parses other documents while a slow one is in progress."""

import asyncio
from datetime import timedelta

from mirage.db import Database
from mirage.db.queue import documents as document_queue
from mirage.db.queue.documents import ClaimedDocument
from mirage.errors import Unreadable
from mirage.files import Store
from mirage.index.claims import ClaimKeeper
from mirage.index.parse_worker import ParseWorker
from mirage.model import Parsed
from mirage.parse import Sandbox

OVERTAKE_AFTER_SECONDS = 10.0
"""Time after which others overtake a slow document, and their own time limit."""

# A document that is too much for this worker waits for the other one, after later documents.
_RETRY_AFTER = timedelta(seconds=30)  # guess


class OvertakingWorker(ParseWorker):
    """Works only while `other` is busy with one document for more than `overtake_after_seconds`.

    Its parser has little time and half the memory, so that both fit into one pod. A document that
    needs more does not fail: it is released, and `other` parses it in its turn.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        sandbox: Sandbox,
        keeper: ClaimKeeper,
        parsed: asyncio.Event,
        other: ParseWorker,
        overtake_after_seconds: float,
    ) -> None:
        super().__init__(database, store, sandbox, keeper, parsed)
        self._other = other
        self._overtake_after_seconds = overtake_after_seconds

    async def step(self) -> bool:
        """Parse one document; return False if there is none, or no need."""
        if self._other.busy_seconds <= self._overtake_after_seconds:
            await self._sandbox.aclose()  # An idle parser would waste memory.
            return False
        return await super().step()

    async def _read(self, claimed: ClaimedDocument) -> Parsed | None:
        try:
            return await super()._read(claimed)
        except Unreadable:  # Some parsers raise it when they lack memory.
            async with self._database.transaction() as connection:
                await document_queue.release_document(
                    connection, claimed, _RETRY_AFTER, counted=False
                )
            return None
