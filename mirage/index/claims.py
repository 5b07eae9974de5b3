"""Keeping claims: leases are extended while work lasts, and errors settle what happens to it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from mirage import config
from mirage.db import Database
from mirage.db.generations import Generation
from mirage.db.queue import chunks as chunk_queue
from mirage.db.queue import documents as document_queue
from mirage.db.queue.chunks import ClaimedChunk
from mirage.db.queue.documents import ClaimedDocument
from mirage.errors import DatabaseUnavailable, MirageError, Retry
from mirage.index.leases import heartbeat, release_quietly
from mirage.index.retries import TryAgain, decide

_log = logging.getLogger(__name__)


class ClaimKeeper:
    """Keeps claims while a block runs."""

    def __init__(self, database: Database, settings: config.Indexer) -> None:
        self._database = database
        self._settings = settings
        self.lease = timedelta(seconds=settings.lease_seconds)
        """How long a claim lasts without a heartbeat."""

    @asynccontextmanager
    async def document(
        self, claimed: ClaimedDocument, generation: Generation | None = None
    ) -> AsyncIterator[None]:
        """Extend a document's lease while the block runs; on an error release, retry or fail it.

        `generation` is the one that it is chunked for; None while it is parsed.
        """

        async def extend() -> None:
            async with self._database.transaction() as connection:
                await document_queue.extend_document_lease(connection, claimed, self.lease)

        async def release(pause: timedelta, *, counted: bool) -> None:
            async with self._database.transaction() as connection:
                await document_queue.release_document(connection, claimed, pause, counted=counted)

        try:
            async with heartbeat(self._settings.lease_seconds, extend):
                yield
        except (asyncio.CancelledError, DatabaseUnavailable):
            # A broken connection is no reason to wait until the lease runs out.
            await release_quietly(lambda: release(timedelta(0), counted=False))
            raise
        except MirageError as error:
            if error.retry is Retry.WAIT:
                pause = timedelta(seconds=self._settings.poll_seconds)
                await release_quietly(lambda: release(pause, counted=False))
                raise
            await self._settle(claimed, generation, error, release)
        except Exception as error:  # A defect fails this one document, and the worker goes on.
            _log.exception("unexpected failure", extra={"document": str(claimed.id)})
            await self._settle(claimed, generation, error, release)

    @asynccontextmanager
    async def chunks(self, token: UUID, claimed: Sequence[ClaimedChunk]) -> AsyncIterator[None]:
        """Extend the leases of chunks while the block runs; on an error release the chunks."""
        ids = [item.id for item in claimed]

        async def extend() -> None:
            async with self._database.transaction() as connection:
                await chunk_queue.extend_chunk_leases(connection, token, ids, self.lease)

        async def release() -> None:
            async with self._database.transaction() as connection:
                await chunk_queue.release_chunks(
                    connection, token, ids, timedelta(0), counted=False
                )

        try:
            async with heartbeat(self._settings.lease_seconds, extend):
                yield
        except (asyncio.CancelledError, DatabaseUnavailable):
            await release_quietly(release)
            raise
        except Exception:
            await release_quietly(release)
            raise

    async def _settle(
        self,
        claimed: ClaimedDocument,
        generation: Generation | None,
        error: Exception,
        release: Callable[..., Awaitable[None]],
    ) -> None:
        decision = decide(error, claimed.attempts, self._settings)
        if isinstance(decision, TryAgain):
            pause = decision.pause
            await release_quietly(lambda: release(pause, counted=True))
            return
        code, sentence = decision.code, decision.sentence
        _log.warning("failed", extra={"document": str(claimed.id), "reason": sentence})
        try:
            async with self._database.transaction() as connection:
                if generation is None:
                    await document_queue.fail_document(connection, claimed, code, sentence)
                else:
                    await document_queue.fail_chunking(
                        connection, claimed, generation, code, sentence
                    )
        except DatabaseUnavailable:
            raise
        except (
            Exception
        ):  # The document is tried again when its lease has run out, as after a kill.
            _log.exception("cannot record a failure", extra={"document": str(claimed.id)})
