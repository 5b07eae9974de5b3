"""Embedding queued chunks, one claim after the other, and finding the text that fails a claim."""

import asyncio
import logging
import time
from collections.abc import Sequence
from uuid import UUID

from mirage import config, telemetry
from mirage.chunk import split_in_two
from mirage.db import Connection, Database
from mirage.db.generations import Generation
from mirage.db.queue import chunks as chunk_queue
from mirage.db.queue import splits
from mirage.db.queue.chunks import ClaimedChunk
from mirage.db.queue.words import describe
from mirage.db.search.bm25_document import passage_words
from mirage.db.sections import load_sections
from mirage.embed import Embedder, Vectors
from mirage.errors import MirageError, Retry, TextTooLong
from mirage.files import Store
from mirage.index.claims import ClaimKeeper
from mirage.index.leases import claim_uninterrupted
from mirage.index.retries import TryAgain, decide
from mirage.model import GenerationState, ModelFacts, join_sections, section_starts
from mirage.words import DocumentWords

_FIRST_CLAIM = 4
_LARGEST_CLAIM = 64
# A claim should take about this long: short enough that a progress bar moves and that a kill costs
# little work, long enough that round trips do not matter.
_CLAIM_SECONDS = 4.0

_log = logging.getLogger(__name__)


class ChunkEmbedder:
    """Embeds claims whose size follows the embedder's speed."""

    def __init__(
        self, database: Database, store: Store, holder: ClaimKeeper, settings: config.Indexer
    ) -> None:
        self._database = database
        self._store = store
        self._holder = holder
        self._settings = settings
        self._claim_size = _FIRST_CLAIM
        self._turn = asyncio.Lock()
        self._served: dict[UUID, int] = {}

    @property
    def claim_size(self) -> int:
        """Return how many chunks the next claim takes at most."""
        return self._claim_size

    async def embed(self, embedder: Embedder, generation: Generation, facts: ModelFacts) -> bool:
        """Embed one claim; return False when no chunk is pending."""

        async def claim() -> tuple[UUID, list[ClaimedChunk]]:
            async with self._database.transaction() as connection:
                project = await self._next_project(connection, generation)
                token, claimed = await chunk_queue.claim_chunks(
                    connection, generation.id, self._holder.lease, self._claim_size, project
                )
            if project in self._served:
                self._served[project] += len(claimed)
            return token, claimed

        token, claimed = await claim_uninterrupted(claim())
        if not claimed:
            return False
        async with self._holder.chunks(token, claimed):
            await self._embed(embedder, generation, facts, token, claimed)
            telemetry.EMBED_TEXTS.inc(len(claimed))
        return True

    async def _next_project(self, connection: Connection, generation: Generation) -> UUID | None:
        """Return the project that got the fewest of this indexer's claims; None if all may go.

        A project that comes, or comes back, begins where the last one is: it gets its share from
        now on, and nothing for the time before.
        """
        if generation.state is not GenerationState.ACTIVE:
            return None
        waiting = await chunk_queue.projects_in_turn(connection, generation)
        if len(waiting) < 2:
            self._served.clear()
            return None
        least = min((self._served[one] for one in waiting if one in self._served), default=0)
        self._served = {one: max(self._served.get(one, least), least) for one in waiting}
        return min(waiting, key=lambda one: (self._served[one], one))

    async def _embed(
        self,
        embedder: Embedder,
        generation: Generation,
        facts: ModelFacts,
        token: UUID,
        claimed: Sequence[ClaimedChunk],
    ) -> None:
        """Embed a claim; when one text fails it, find that text by halving the claim."""
        try:
            texts = [item.chunk.embedded_text for item in claimed]
            vectors = await self._ask(embedder, generation, texts)
            async with self._database.transaction() as connection:
                replaced = await chunk_queue.store_vectors(
                    connection,
                    generation,
                    token,
                    list(zip(claimed, vectors.tolist(), strict=True)),
                )
        except Exception as error:
            # Any error may come from one text, also an error of the database, which takes no text
            # with too many words. So that text has to be found.
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
        """Embed one claim at a time; the time that it takes sets the size of the next claim."""
        async with self._turn:
            # The model may have changed while this waited, and may change during the request.
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
            # The chunk is tried again when its lease has run out; the rest of the claim goes on.
            _log.exception("cannot record a failure", extra={"chunk": str(item.id)})

    async def _give_up_whole(
        self,
        generation: Generation,
        facts: ModelFacts,
        token: UUID,
        item: ClaimedChunk,
        error: Exception,
    ) -> None:
        """Halve a chunk that the model refuses, count an attempt, or fail it."""
        if not isinstance(error, MirageError):
            _log.error("unexpected failure", exc_info=error, extra={"chunk": str(item.id)})
        async with self._database.transaction() as connection:
            if isinstance(error, TextTooLong) and len(item.chunk.text) > 1:
                sections = await load_sections(connection, item.document_id)
                parts = split_in_two(item.chunk, facts.tokenizer, section_starts(sections))
                description = await describe(connection, item.document_id)
                document = DocumentWords(join_sections(sections), description)
                words = passage_words(document, parts, generation.chunk_size)
                if await chunk_queue.replace_chunk(
                    connection, generation, token, item, parts, words
                ):
                    await splits.record_split(connection, item.document_id, generation, item.chunk)
                return
            decision = decide(error, item.attempts, self._settings)
            if isinstance(decision, TryAgain):
                await chunk_queue.release_chunks(
                    connection, token, [item.id], decision.pause, counted=True
                )
            else:
                await chunk_queue.fail_chunk(
                    connection, generation, token, item, decision.code, decision.sentence
                )


def _around(claimed: Sequence[ClaimedChunk], error: Exception) -> list[Sequence[ClaimedChunk]]:
    """Return the parts of a claim to try next: each text that the error names apart, or halves."""
    named = set(error.positions) if isinstance(error, TextTooLong) else set()
    if not named:
        middle = len(claimed) // 2
        return [claimed[:middle], claimed[middle:]]
    others = [item for at, item in enumerate(claimed) if at not in named]
    return [*([others] if others else []), *([claimed[at]] for at in sorted(named))]
