"""Health of each component: its failure, and since when, as far as API and indexers know."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from mirage.db import Database
from mirage.db.backup.outcome import last_outcome
from mirage.db.generations import current_generations
from mirage.db.migrate import require_schema
from mirage.db.model_notes import foreign_languages
from mirage.db.queue.blockers import Blocker, list_blockers
from mirage.db.queue.words import count_stale
from mirage.embed import Embedder
from mirage.errors import (
    ConfigError,
    DatabaseUnavailable,
    EmbedderUnavailable,
    GenerationMismatch,
    GenerationRetired,
    MirageError,
    StorageUnavailable,
    StoreOfAnotherDatabase,
    Unavailable,
    UnknownOriginals,
)
from mirage.files import Store
from mirage.files.probe import StoreProbe
from mirage.model import GenerationState
from mirage.originals import require_owner

DATABASE = "database"
STORAGE = "storage"
INDEX = "index"

_TIMEOUT_SECONDS = 5.0
# How far `since` may lag behind without requests. Embedder and store cache their results, so they
# are checked less often.
_PAUSE_SECONDS = 30.0
_ASK_AGAIN_SECONDS = 0.5
# Errors that prevent indexing, by the code of an indexer's blocker.
_STALE: dict[str, type[Unavailable]] = {
    GenerationMismatch.code: GenerationMismatch,
    GenerationRetired.code: GenerationRetired,
    ConfigError.code: GenerationMismatch,
}
# Findings of the sweep of originals, by code.
_FINDINGS: dict[str, type[StorageUnavailable]] = {
    kind.code: kind for kind in (StoreOfAnotherDatabase, UnknownOriginals)
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """The error of a component, and since when it lasts."""

    error: MirageError
    since: datetime


class DatabaseHealth:
    """Checks the database and its schema, and remembers when a failure began."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.last_seen: dict[str, Failure] = {}
        """Failures at the last check, by component."""

    async def examine_database(self) -> Failure | None:
        """Return the failure of the database, or None."""
        return self._remember(
            DATABASE, await probe(require_schema(self._database), DatabaseUnavailable)
        )

    async def await_database(self, seconds: float, stopping: Callable[[], bool]) -> Failure | None:
        """Return what `examine_database` returns; while that is a failure, ask again for `seconds`,
        or until `stopping`.
        """
        deadline = time.monotonic() + seconds
        while True:
            failure = await self.examine_database()
            if failure is None or stopping() or time.monotonic() >= deadline:
                return failure
            await asyncio.sleep(_ASK_AGAIN_SECONDS)

    def _remember(
        self, component: str, error: MirageError | None, since: datetime | None = None
    ) -> Failure | None:
        """Date a failure: by `since` from an indexer, or by when it was first seen."""
        if error is None:
            self.last_seen.pop(component, None)
            return None
        before = self.last_seen.get(component)
        is_same = before is not None and before.error.code == error.code
        begun = before.since if before and is_same else datetime.now(UTC)
        failure = Failure(error, min(begun, since) if since else begun)
        self.last_seen[component] = failure
        return failure


class HealthChecks(DatabaseHealth):
    """Also checks store, embedder and index.

    `embedder_name` is the embedder's name in answers.
    """

    def __init__(
        self, database: Database, store: Store, embedder: Embedder, embedder_name: str
    ) -> None:
        super().__init__(database)
        self._store = store
        self._store_probe = StoreProbe(store)
        self._embedder = embedder
        self._embedder_name = embedder_name

    async def examine(self) -> dict[str, Failure | None]:
        """Return the failure of each component, or None."""
        database, unusable, embedder = await asyncio.gather(
            self.examine_database(),
            probe(self._store_probe.check(), StorageUnavailable),
            probe(self._embedder.check(), EmbedderUnavailable),
        )
        blockers: list[Blocker] = []
        stale: MirageError | None = None
        if database is None:
            blockers, stale = await self._examine_index()
            unusable = unusable or await self._examine_store(blockers)
        since = {blocker.kind: blocker.since for blocker in blockers}
        if database is None:
            index = self._remember(INDEX, stale, _since(stale, since))
        else:
            index = self.last_seen.get(INDEX)  # Without the database, the last state is used.
        return {
            DATABASE: database,
            STORAGE: self._remember(STORAGE, unusable, _since(unusable, since)),
            self._embedder_name: self._remember(
                self._embedder_name, embedder, _since(embedder, since)
            ),
            INDEX: index,
        }

    async def notes(self) -> list[str]:
        """Return sentences about what works, but not as well as it could."""
        async with self._database.transaction() as connection:
            stale = await count_stale(connection)
            foreign = await foreign_languages(connection)
            backup = await last_outcome(connection)
        notes = [foreign] if foreign else []
        if backup.failure is not None:
            notes.append(f"The backup of {backup.failed_at:%F %H:%M} UTC failed: {backup.failure}.")
        if stale:
            notes.append(
                f"The words of {stale:,} document{'s' * (stale > 1)} are being written"
                " again in the background, after an upgrade or a rename. Searches find the old"
                " ones."
            )
        return notes

    async def watch(self) -> NoReturn:
        """Check periodically, so that a failure has a date even without requests."""
        while True:
            try:
                await self.examine()
            except Exception:  # Log it; the next check may succeed.
                _log.exception("the health check failed")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _examine_index(self) -> tuple[list[Blocker], MirageError | None]:
        """Return the indexers' blockers, and the error that prevents indexing."""
        try:
            async with (
                asyncio.timeout(_TIMEOUT_SECONDS),
                self._database.transaction() as connection,
            ):
                blockers = await list_blockers(connection)
                current = await current_generations(connection)
        except (MirageError, TimeoutError) as error:
            return [], error if isinstance(error, MirageError) else _silence(DatabaseUnavailable)
        if any(generation.state is GenerationState.BUILDING for generation in current):
            return blockers, None
        stale = (_STALE[item.kind](item.detail) for item in blockers if item.kind in _STALE)
        return blockers, next(stale, None)

    async def _examine_store(self, blockers: Iterable[Blocker]) -> MirageError | None:
        """Return the mismatch of database and store, found now or by the last sweep."""
        error = await probe(require_owner(self._database, self._store), StorageUnavailable)
        findings = (
            _FINDINGS[item.kind](item.detail) for item in blockers if item.kind in _FINDINGS
        )
        return error or next(findings, None)


async def probe(check: Awaitable[object], timeout_error: type[Unavailable]) -> MirageError | None:
    """Return the error of a check, a `timeout_error` if it takes too long, or None."""
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await check
    except MirageError as error:
        return error
    except TimeoutError:
        return _silence(timeout_error)
    return None


def _silence(kind: type[Unavailable]) -> Unavailable:
    return kind(f"no answer within {_TIMEOUT_SECONDS:g} s")


def _since(error: MirageError | None, since: Mapping[str, datetime]) -> datetime | None:
    """Return when indexers first met the blocker behind this error."""
    if error is None:
        return None
    codes = [error.code, *(code for code, kind in _STALE.items() if kind.code == error.code)]
    return min((since[code] for code in codes if code in since), default=None)
