"""Use case: turn `pending` documents into searchable ones. The states are drawn in db/queue.py.

Workers run side by side and are the same however many processes there are: one parses, one cuts
and embeds, one builds indexes. The first two claim, work without an open transaction, and store the
result in one.
What goes wrong is of one of three kinds (`errors.Retry`): *wait* gives the work back untouched and
says so in `obstacle`; *counted* uses up an attempt; *final* is kept as the document's reason.
"""

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from mirage import config, telemetry
from mirage.chunk import halve, split
from mirage.db import Database, chunk_queue, obstacles, queue, switching, vector_index
from mirage.db import documents as rows
from mirage.db.chunk_queue import ClaimedChunk
from mirage.db.generations import (
    Generation,
    current_generations,
    ensure_generation,
    lock_state,
    record_languages,
)
from mirage.db.queue import ClaimedDocument
from mirage.embed import Embedder, effective_chunk_size
from mirage.errors import DatabaseUnavailable, MirageError, NoText, Retry, TextTooLong
from mirage.files import VolumeStore
from mirage.leases import claim_whole, give_back, heartbeat, is_cancelled
from mirage.model import Chunk, GenerationState, ModelFacts, section_starts
from mirage.parse import Sandbox

_FIRST_CLAIM = 4
_LARGEST_CLAIM = 64
# A claim should take about this long: short enough for a progress bar that moves and for little
# work done twice after a kill, long enough that the round trips do not show.
_CLAIM_SECONDS = 4.0
_ORPHAN_AGE_SECONDS = 3600.0

_log = logging.getLogger(__name__)


class Indexer:
    """Runs until it is cancelled; what it had claimed is then given back."""

    def __init__(
        self,
        database: Database,
        store: VolumeStore,
        embedder: Embedder,
        sandbox: Sandbox,
        settings: config.Indexer,
        chunk: config.Chunk,
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._sandbox = sandbox
        self._settings = settings
        self._chunk = chunk
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._claim_size = _FIRST_CLAIM
        self._parsed = asyncio.Event()

    async def run(self) -> None:
        """Parse and embed for ever."""
        await self._sweep()
        try:
            async with asyncio.TaskGroup() as workers:
                workers.create_task(self._repeat(self.parse_next))
                workers.create_task(self._repeat(self.embed_next, wake=self._parsed))
                workers.create_task(self._repeat(self.tend_next))
        finally:
            await self._sandbox.aclose()

    async def parse_next(self) -> bool:
        """Parse one document; False when there is none."""

        async def claim() -> ClaimedDocument | None:
            async with self._database.transaction() as connection:
                return await queue.claim_unparsed(connection, self._lease)

        claimed = await claim_whole(claim())
        if claimed is None:
            return False
        async with self._holding(claimed):
            started = time.monotonic()
            with telemetry.timed(telemetry.PARSE_SECONDS.labels(claimed.media_type.value)):
                parsed = await self._sandbox.parse(
                    self._store.path(claimed.file_key), claimed.media_type
                )
            async with self._database.transaction() as connection:
                if await queue.lock_claim(connection, claimed):
                    await rows.replace_sections(connection, claimed.id, parsed.sections)
                    await queue.finish_parsing(connection, claimed, parsed)
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

    async def embed_next(self) -> bool:
        """Work for the active generation, else for the one that is being built.

        Embeds one claim of chunks, while documents are cut for the next; False when there is
        nothing to do. What is in the way of one generation holds up no other; it is raised when
        there is no other work.
        """
        obstacle: MirageError | None = None
        note: str | None = None
        try:
            note, current = await self._ask_for_generation()
        except DatabaseUnavailable:
            raise
        except MirageError as error:
            obstacle = error
            async with self._database.transaction() as connection:
                current = await current_generations(connection)
        for generation in current:
            if obstacle is not None:
                await self.report(obstacle)
            try:
                busy = await self._work_for(generation, note)
            except DatabaseUnavailable:
                raise
            except MirageError as error:
                obstacle = obstacle or error
                continue
            if busy:
                return True
        if obstacle is not None:
            raise obstacle
        return False

    async def tend_next(self) -> bool:
        """Free a part of what dropped generations left, else build an index over vectors that have
        become many; False when there is nothing to do.
        """
        try:
            async with self._database.transaction() as connection:
                freed = await switching.free_dropped(connection)
            return freed or await vector_index.build_next(self._database)
        except DatabaseUnavailable as error:
            # The vectors are in use just now, as by a search; that holds up no document.
            _log.info("cannot tend to the vectors now: %s", error)
            return False

    async def _ask_for_generation(self) -> tuple[str | None, list[Generation]]:
        """Begin the generation of the settings, if it is new; gives a note on its chunk size, and
        the generations to work for.
        """
        facts = await self._embedder.facts()
        size, overlap, note = effective_chunk_size(facts, self._chunk.size, self._chunk.overlap)
        async with self._database.transaction() as connection:
            await ensure_generation(connection, facts, size, overlap)
            return note, await current_generations(connection)

    async def _work_for(self, generation: Generation, note: str | None) -> bool:
        embedder = self._embedder.for_model(generation.model)
        facts = await embedder.facts()
        generation.require(facts)
        if generation.languages != tuple(facts.languages):
            async with self._database.transaction() as connection:
                await record_languages(connection, generation, facts)
        cut, embedded = await _side_by_side(
            self._cut_for_claim(generation, facts, note),
            self._embed_claim(embedder, generation, facts),
        )
        if embedded or (cut and await self._embed_claim(embedder, generation, facts)) or cut:
            return True
        if generation.state is GenerationState.ACTIVE:
            return False
        async with self._database.transaction() as connection:
            replaced = await switching.switch_when_built(connection, generation.id)
        if replaced is None:
            return False
        _log.info("switched to a new index", extra={"generation": generation.id})
        await self._clear_obstacles()  # What was in the way of the old one matters no more.
        await self._store.delete(replaced)
        return True

    async def _cut_for_claim(
        self, generation: Generation, facts: ModelFacts, note: str | None
    ) -> bool:
        """Cut documents for one claim of chunks; False when there is none."""
        cut = 0
        while cut < self._claim_size and (more := await self._cut_next(generation, facts, note)):
            cut += more
        return cut > 0

    async def _cut_next(self, generation: Generation, facts: ModelFacts, note: str | None) -> int:
        """Cut one document; gives its chunks, or 1 when it failed, and 0 when there is none."""

        async def claim() -> ClaimedDocument | None:
            async with self._database.transaction() as connection:
                return await queue.claim_unchunked(connection, generation, self._lease)

        claimed = await claim_whole(claim())
        if claimed is None:
            return 0
        chunks: list[Chunk] = []
        async with self._holding(claimed, generation):
            async with self._database.transaction() as connection:
                sections = await rows.load_sections(connection, claimed.id)
            chunks = await asyncio.to_thread(
                split,
                sections,
                facts.tokenizer,
                size=generation.chunk_size,
                overlap=generation.chunk_overlap,
            )
            if not chunks:  # It would stay `embedding` for ever.
                raise NoText("the document holds nothing but space")
            async with self._database.transaction() as connection:
                await lock_state(connection, generation.id)
                if await queue.lock_claim(connection, claimed):
                    await queue.store_chunks(
                        connection, claimed, generation, chunks, [note] if note else []
                    )
        return len(chunks) or 1

    async def _embed_claim(
        self, embedder: Embedder, generation: Generation, facts: ModelFacts
    ) -> bool:
        async def claim() -> tuple[UUID, list[ClaimedChunk]]:
            async with self._database.transaction() as connection:
                return await chunk_queue.claim_chunks(
                    connection, generation.id, self._lease, self._claim_size
                )

        token, claimed = await claim_whole(claim())
        if not claimed:
            return False
        started = time.monotonic()
        async with self._holding_chunks(token, claimed):
            with telemetry.timed(telemetry.EMBED_SECONDS):
                await self._embed(embedder, generation, facts, token, claimed)
            telemetry.EMBED_TEXTS.inc(len(claimed))
        seconds = time.monotonic() - started
        if seconds < _CLAIM_SECONDS / 2 and len(claimed) == self._claim_size:
            self._claim_size = min(self._claim_size * 2, _LARGEST_CLAIM)
        elif seconds > _CLAIM_SECONDS:
            self._claim_size = max(self._claim_size // 2, 1)
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
            vectors = await embedder.embed_documents([item.chunk.embedded_text for item in claimed])
        except Exception as error:  # Of any kind: the text that causes it has to be found.
            if isinstance(error, MirageError) and error.retry is Retry.WAIT:
                raise
            if len(claimed) > 1:
                for part in _around(claimed, error):
                    await self._embed(embedder, generation, facts, token, part)
            else:
                await self._give_up_whole(generation, facts, token, claimed[0], error)
            return
        async with self._database.transaction() as connection:
            replaced = await chunk_queue.store_vectors(
                connection, generation.id, token, list(zip(claimed, vectors.tolist(), strict=True))
            )
        await self._store.delete(replaced)

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
        final = isinstance(error, MirageError) and error.retry is Retry.FINAL
        async with self._database.transaction() as connection:
            if isinstance(error, TextTooLong) and len(item.chunk.text) > 1:
                sections = await rows.load_sections(connection, item.document_id)
                parts = halve(item.chunk, facts.tokenizer, section_starts(sections))
                await chunk_queue.replace_chunk(connection, generation, token, item, parts)
            elif not final and item.attempts + 1 < self._settings.max_attempts:
                pause = self._backoff(item.attempts)
                await chunk_queue.release_chunks(connection, token, [item.id], pause, counted=True)
            else:
                await chunk_queue.fail_chunk(
                    connection, generation, token, item, _code(error), _sentence(error)
                )

    @asynccontextmanager
    async def _holding(
        self, claimed: ClaimedDocument, generation: Generation | None = None
    ) -> AsyncIterator[None]:
        """Keep a document's lease alive, and settle what goes wrong with it.

        `generation` is that for which it is cut; None while it is parsed.
        """

        async def extend() -> None:
            async with self._database.transaction() as connection:
                await queue.extend_document_lease(connection, claimed, self._lease)

        async def release(pause: timedelta, *, counted: bool) -> None:
            async with self._database.transaction() as connection:
                await queue.release_document(connection, claimed, pause, counted=counted)

        try:
            async with heartbeat(self._settings.lease_seconds, extend):
                yield
        except (asyncio.CancelledError, DatabaseUnavailable):
            # One connection that broke is no reason to wait until the lease runs out.
            await give_back(lambda: release(timedelta(0), counted=False))
            raise
        except MirageError as error:
            if error.retry is Retry.WAIT:
                await release(timedelta(seconds=self._settings.poll_seconds), counted=False)
                raise
            await self._settle(claimed, generation, error, release)
        except Exception as error:  # A defect of ours costs this one document, not the worker.
            _log.exception("unexpected failure", extra={"document": str(claimed.id)})
            await self._settle(claimed, generation, error, release)

    async def _settle(
        self,
        claimed: ClaimedDocument,
        generation: Generation | None,
        error: Exception,
        release: Callable[..., Awaitable[None]],
    ) -> None:
        final = isinstance(error, MirageError) and error.retry is Retry.FINAL
        if not final and claimed.attempts + 1 < self._settings.max_attempts:
            await release(self._backoff(claimed.attempts), counted=True)
            return
        _log.warning("failed", extra={"document": str(claimed.id), "reason": str(error)})
        async with self._database.transaction() as connection:
            if generation is None:
                await queue.fail_document(connection, claimed, _code(error), _sentence(error))
            else:
                await queue.fail_cutting(
                    connection, claimed, generation, _code(error), _sentence(error)
                )

    @asynccontextmanager
    async def _holding_chunks(
        self, token: UUID, claimed: Sequence[ClaimedChunk]
    ) -> AsyncIterator[None]:
        ids = [item.id for item in claimed]

        async def extend() -> None:
            async with self._database.transaction() as connection:
                await chunk_queue.extend_chunk_leases(connection, token, ids, self._lease)

        async def release() -> None:
            async with self._database.transaction() as connection:
                await chunk_queue.release_chunks(
                    connection, token, ids, timedelta(0), counted=False
                )

        try:
            async with heartbeat(self._settings.lease_seconds, extend):
                yield
        except (asyncio.CancelledError, DatabaseUnavailable):
            await give_back(release)
            raise
        except Exception:
            await release()
            raise

    async def _repeat(
        self, step: Callable[[], Awaitable[bool]], wake: asyncio.Event | None = None
    ) -> None:
        """Run a step for ever; it pauses when there was nothing to do or something is away, and at
        most until it is woken.
        """
        obstacle: str | None = None
        failures = 0
        while True:
            busy = False
            try:
                busy = await step()
                if obstacle is not None:
                    await self._clear_obstacles()
                obstacle, failures = None, 0
            except MirageError as error:
                if str(error) != obstacle:
                    _log.warning("waiting: %s", error, extra={"remedy": error.remedy()})
                obstacle = str(error)
                await self.report(error)
            except Exception:
                failures += 1
                _log.exception("unexpected failure")
            if is_cancelled():
                raise asyncio.CancelledError
            if not busy:
                pause = self._backoff(failures) if failures else self._poll()
                await _wait(wake or asyncio.Event(), pause.total_seconds())

    async def report(self, error: MirageError) -> None:
        """Say on waiting documents and in `/health` what is in the way."""
        if isinstance(error, DatabaseUnavailable):
            return
        try:
            async with self._database.transaction() as connection:
                await obstacles.report_obstacle(connection, error.code, _sentence(error))
        except DatabaseUnavailable as unavailable:
            _log.warning("cannot record what is in the way: %s", unavailable)

    async def _clear_obstacles(self) -> None:
        async with self._database.transaction() as connection:
            await obstacles.clear_obstacles(connection)

    async def _sweep(self) -> None:
        """Tidy up after an earlier process: its obstacles, and files that no document names."""
        try:
            await self._clear_obstacles()
            keys = await asyncio.to_thread(
                lambda: list(self._store.older_than(_ORPHAN_AGE_SECONDS))
            )
            async with self._database.transaction() as connection:
                known = await rows.known_file_keys(connection, keys)
            await self._store.delete([key for key in keys if key not in known])
        except (OSError, DatabaseUnavailable) as error:
            _log.warning("left things of an earlier process where they are: %s", error)

    def _poll(self) -> timedelta:
        return timedelta(seconds=self._settings.poll_seconds)

    def _backoff(self, attempts: int) -> timedelta:
        """Exponential, with full jitter (Brooker, AWS Architecture Blog, 2015)."""
        ceiling = min(
            self._settings.backoff_cap_seconds,
            self._settings.backoff_base_seconds * 2 ** min(attempts, 30),
        )
        return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311  not a secret


async def _side_by_side(*steps: Coroutine[Any, Any, bool]) -> list[bool]:
    """What the steps give. When one fails the others are cancelled, and its error is raised.

    Not by a TaskGroup: before Python 3.13 it leaves this task marked as cancelled after an error,
    and a worker that is so marked ends.
    """
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    return [task.result() for task in tasks]


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
    wake.clear()


def _around(claimed: Sequence[ClaimedChunk], error: Exception) -> list[Sequence[ClaimedChunk]]:
    """The parts of a claim to try next: apart from the texts that were named, else its halves."""
    named = set(error.positions) if isinstance(error, TextTooLong) else set()
    if not named:
        middle = len(claimed) // 2
        return [claimed[:middle], claimed[middle:]]
    others = [item for at, item in enumerate(claimed) if at not in named]
    return [*([others] if others else []), *([claimed[at]] for at in sorted(named))]


def _code(error: Exception) -> str:
    return error.code if isinstance(error, MirageError) else MirageError.code


def _sentence(error: Exception) -> str:
    if isinstance(error, MirageError):
        return f"{str(error).rstrip('.')}. {error.remedy()}"
    return f"{type(error).__name__}: see the indexer's log"
