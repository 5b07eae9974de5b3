"""Embedding the queued chunks, a claim at a time, and finding the one text that spoils a claim."""

import asyncio
import logging
import time
from collections.abc import Sequence
from uuid import UUID

from mirage import config, telemetry
from mirage.chunk import halve
from mirage.db import Database
from mirage.db.generations import Generation
from mirage.db.queue import chunks as chunk_queue
from mirage.db.queue import splits
from mirage.db.queue.chunks import ClaimedChunk
from mirage.db.sections import load_sections
from mirage.embed import Embedder, Vectors
from mirage.errors import MirageError, Retry, TextTooLong
from mirage.files import VolumeStore
from mirage.index.claims import ClaimKeeper
from mirage.index.leases import claim_uninterrupted
from mirage.index.retries import backoff, code_of, is_final, sentence_of
from mirage.model import ModelFacts, section_starts

_FIRST_CLAIM = 4
_LARGEST_CLAIM = 64
# A claim should take about this long: short enough for a progress bar that moves and for little
# work done twice after a kill, long enough that the round trips do not show.
_CLAIM_SECONDS = 4.0

_log = logging.getLogger(__name__)


class ChunkEmbedder:
    """Embeds claims whose size follows the embedder's speed."""

    def __init__(
        self, database: Database, store: VolumeStore, holder: ClaimKeeper, settings: config.Indexer
    ) -> None:
        self._database = database
        self._store = store
        self._holder = holder
        self._settings = settings
        self._claim_size = _FIRST_CLAIM
        self._turn = asyncio.Lock()

    @property
    def claim_size(self) -> int:
        """Chunks that the next claim takes at most."""
        return self._claim_size

    async def embed(self, embedder: Embedder, generation: Generation, facts: ModelFacts) -> bool:
        """Embed one claim; False when there is none."""

        async def claim() -> tuple[UUID, list[ClaimedChunk]]:
            async with self._database.transaction() as connection:
                return await chunk_queue.claim_chunks(
                    connection, generation.id, self._holder.lease, self._claim_size
                )

        token, claimed = await claim_uninterrupted(claim())
        if not claimed:
            return False
        async with self._holder.chunks(token, claimed):
            await self._embed(embedder, generation, facts, token, claimed)
            telemetry.EMBED_TEXTS.inc(len(claimed))
        return True

    async def _embed(
        self,
        embedder: Embedder,
        generation: Generation,
        facts: ModelFacts,
        token: UUID,
        claimed: Sequence[ClaimedChunk],
    ) -> None:
        """Embed a claim; when one text spoils it, find that text by halving the claim."""
        try:
            texts = [item.chunk.embedded_text for item in claimed]
            vectors = await self._ask(embedder, generation, texts)
            async with self._database.transaction() as connection:
                replaced = await chunk_queue.store_vectors(
                    connection,
                    generation.id,
                    token,
                    list(zip(claimed, vectors.tolist(), strict=True)),
                )
        except Exception as error:
            # Of any kind, also of the database, which takes no text of too many words: the one that
            # causes it has to be found.
            if isinstance(error, MirageError) and error.retry is Retry.WAIT:
                raise
            if len(claimed) > 1:
                for part in _around(claimed, error):
                    await self._embed(embedder, generation, facts, token, part)
            else:
                await self._settle(generation, facts, token, claimed[0], error)
            return
        await self._store.delete(replaced)

    async def _ask(
        self, embedder: Embedder, generation: Generation, texts: Sequence[str]
    ) -> Vectors:
        """One claim after the other; the time it takes sets the size of the next."""
        async with self._turn:
            # It may have waited, and the model may be another one before and after the request.
            generation.require(await embedder.facts())
            started = time.monotonic()
            with telemetry.timed(telemetry.EMBED_SECONDS):
                vectors = await embedder.embed_documents(texts)
            generation.require(await embedder.facts())
        seconds = time.monotonic() - started
        if seconds < _CLAIM_SECONDS / 2 and len(texts) == self._claim_size:
            self._claim_size = min(self._claim_size * 2, _LARGEST_CLAIM)
        elif seconds > _CLAIM_SECONDS:
            self._claim_size = max(self._claim_size // 2, 1)
        return vectors

    async def _settle(
        self,
        generation: Generation,
        facts: ModelFacts,
        token: UUID,
        item: ClaimedChunk,
        error: Exception,
    ) -> None:
        try:
            await self._give_up_whole(generation, facts, token, item, error)
        except MirageError:
            raise
        except Exception:
            # It is tried again when its lease has run out; the rest of the claim goes on.
            _log.exception("cannot record a failure", extra={"chunk": str(item.id)})

    async def _give_up_whole(
        self,
        generation: Generation,
        facts: ModelFacts,
        token: UUID,
        item: ClaimedChunk,
        error: Exception,
    ) -> None:
        """A single text that the model refuses: halve it, count an attempt, or fail it."""
        if not isinstance(error, MirageError):
            _log.error("unexpected failure", exc_info=error, extra={"chunk": str(item.id)})
        async with self._database.transaction() as connection:
            if isinstance(error, TextTooLong) and len(item.chunk.text) > 1:
                sections = await load_sections(connection, item.document_id)
                parts = halve(item.chunk, facts.tokenizer, section_starts(sections))
                if await chunk_queue.replace_chunk(connection, generation, token, item, parts):
                    await splits.record_split(connection, item.document_id, generation, item.chunk)
            elif not is_final(error) and item.attempts + 1 < self._settings.max_attempts:
                pause = backoff(self._settings, item.attempts)
                await chunk_queue.release_chunks(connection, token, [item.id], pause, counted=True)
            else:
                await chunk_queue.fail_chunk(
                    connection, generation, token, item, code_of(error), sentence_of(error)
                )


def _around(claimed: Sequence[ClaimedChunk], error: Exception) -> list[Sequence[ClaimedChunk]]:
    """The parts of a claim to try next: apart from the texts that were named, else its halves."""
    named = set(error.positions) if isinstance(error, TextTooLong) else set()
    if not named:
        middle = len(claimed) // 2
        return [claimed[:middle], claimed[middle:]]
    others = [item for at, item in enumerate(claimed) if at not in named]
    return [*([others] if others else []), *([claimed[at]] for at in sorted(named))]
