"""The worker that parses files into extracted text."""

import asyncio
import logging
import time
from typing import NoReturn

from mirage import telemetry
from mirage.db import Database
from mirage.db.queue import documents as document_queue
from mirage.db.queue.documents import ClaimedDocument
from mirage.db.sections import replace_sections
from mirage.errors import OriginalMissing, StorageUnavailable
from mirage.files import Store
from mirage.index.claims import ClaimKeeper
from mirage.index.leases import claim_uninterrupted
from mirage.model import Parsed
from mirage.parse import Sandbox

_log = logging.getLogger(__name__)


class ParseWorker:
    """Parses one document per step; sets `parsed` when there is text to chunk."""

    def __init__(
        self,
        database: Database,
        store: Store,
        sandbox: Sandbox,
        keeper: ClaimKeeper,
        parsed: asyncio.Event,
    ) -> None:
        self._database = database
        self._store = store
        self._sandbox = sandbox
        self._keeper = keeper
        self._parsed = parsed
        self._begun: float | None = None

    @property
    def busy_seconds(self) -> float:
        """Return how long the present document has been parsed; 0 without one."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    async def step(self) -> bool:
        """Parse one document; return False if there is none."""

        async def claim() -> ClaimedDocument | None:
            async with self._database.transaction() as connection:
                return await document_queue.claim_unparsed(connection, self._keeper.lease)

        claimed = await claim_uninterrupted(claim())
        if claimed is None:
            return False
        async with self._keeper.document(claimed):
            started = self._begun = time.monotonic()
            try:
                parsed = await self._read(claimed)
            finally:
                self._begun = None
            if parsed is None:
                return True
            async with self._database.transaction() as connection:
                if await document_queue.lock_claim(connection, claimed):
                    await replace_sections(connection, claimed.id, parsed.sections)
                    await document_queue.finish_parsing(connection, claimed, parsed)
            _log.info(
                "parsed",
                extra={
                    "document": str(claimed.id),
                    "sections": len(parsed.sections),
                    "seconds": round(time.monotonic() - started, 2),
                },
            )
            self._parsed.set()
        return True

    async def _read(self, claimed: ClaimedDocument) -> Parsed | None:
        """Return the parsed text, or None if the claim was released."""
        try:
            file = await asyncio.to_thread(self._store.fetch, claimed.file_key)
            try:
                with telemetry.timed(telemetry.PARSE_SECONDS.labels(claimed.media_type.value)):
                    return await self._sandbox.parse(file.path, claimed.media_type)
            finally:
                file.close()
        except (FileNotFoundError, StorageUnavailable) as error:
            await self._raise_missing(claimed, error)

    async def _raise_missing(self, claimed: ClaimedDocument, error: Exception) -> NoReturn:
        """Raise OriginalMissing if that is the reason of the error, or StorageUnavailable."""
        missing = OriginalMissing(f"the original of {claimed.name!r} is missing in the store")
        # Without an owner, it is probably another store: wait for the right one.
        if await asyncio.to_thread(self._store.owner) is None:
            raise StorageUnavailable(str(missing)) from error
        if not await asyncio.to_thread(self._store.exists, claimed.file_key):
            raise missing from None
        raise error
