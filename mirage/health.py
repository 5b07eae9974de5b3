"""What is wrong with each component, and since when as far as this process and indexers know."""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from mirage.db import Database
from mirage.db.generations import current_generations
from mirage.db.migrate import require_schema
from mirage.db.queue.blockers import list_obstacles
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
from mirage.files import VolumeStore
from mirage.files.probe import StoreProbe
from mirage.model import GenerationState
from mirage.originals import require_owner

DATABASE = "database"
STORAGE = "storage"
INDEX = "index"

_TIMEOUT_SECONDS = 5.0
# How far `since` may be behind when nobody asks. Two small requests each time.
_PAUSE_SECONDS = 30.0
# What keeps an index from growing, by the code of what an indexer met, and how it is said.
_STALE: dict[str, type[Unavailable]] = {
    GenerationMismatch.code: GenerationMismatch,
    GenerationRetired.code: GenerationRetired,
    ConfigError.code: GenerationMismatch,
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and since when."""

    error: MirageError
    since: datetime


class DatabaseCheckup:
    """Looks at the database with its schema, and remembers when a trouble began."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.known: dict[str, Trouble] = {}
        """What was wrong when it was looked at last, by component."""

    async def examine_database(self) -> Trouble | None:
        """What is wrong with it; None: nothing."""
        error = await ask(require_schema(self._database), DatabaseUnavailable)
        return self._remember(DATABASE, error, {})

    def _remember(
        self, component: str, error: MirageError | None, since: dict[str, datetime]
    ) -> Trouble | None:
        if error is None:
            self.known.pop(component, None)
            return None
        known = self.known.get(component)
        same = known is not None and known.error.code == error.code
        begun = known.since if known and same else datetime.now(UTC)
        trouble = Trouble(error, min(begun, since.get(error.code, begun)))
        self.known[component] = trouble
        return trouble


class Checkup(DatabaseCheckup):
    """Looks at store, embedder and index as well.

    `embedder_name` is what the embedder is called in answers.
    """

    def __init__(
        self, database: Database, store: VolumeStore, embedder: Embedder, embedder_name: str
    ) -> None:
        super().__init__(database)
        self._store = store
        self._probe = StoreProbe(store)
        self._embedder = embedder
        self._embedder_name = embedder_name

    async def examine(self) -> dict[str, Trouble | None]:
        """Every component, and what is wrong with it; None: nothing."""
        database, unusable, error = await asyncio.gather(
            self.examine_database(),
            ask(self._probe.check(), StorageUnavailable),
            ask(self._embedder.check(), EmbedderUnavailable),
        )
        obstacles: dict[str, datetime] = {}
        index = self.known.get(INDEX)  # Nobody knows better while the database is away.
        if database is None:
            found = await ask(self._examine_index(obstacles), DatabaseUnavailable)
            index = self._remember(INDEX, found, obstacles)
            unusable = unusable or await ask(self._examine_store(obstacles), StorageUnavailable)
        return {
            DATABASE: database,
            STORAGE: self._remember(STORAGE, unusable, obstacles),
            self._embedder_name: self._remember(self._embedder_name, error, obstacles),
            INDEX: index,
        }

    async def watch(self) -> NoReturn:
        """Look every now and then, so that a trouble is dated before anybody asks."""
        while True:
            try:
                await self.examine()
            except Exception:  # Whatever it is, the next look may succeed; the log has it.
                _log.exception("the components could not be looked at")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _examine_index(self, since: dict[str, datetime]) -> None:
        """Raise what keeps the index from growing; `since` takes what indexers know by its code."""
        async with self._database.transaction() as connection:
            found = await list_obstacles(connection)
            since.update({obstacle.kind: obstacle.since for obstacle in found})
            current = await current_generations(connection)
        if any(generation.state is GenerationState.BUILDING for generation in current):
            return
        for obstacle in found:
            if error := _STALE.get(obstacle.kind):
                since[error.code] = obstacle.since
                raise error(obstacle.detail)

    async def _examine_store(self, since: dict[str, datetime]) -> None:
        """Raise what keeps database and store from agreeing, as the sweep or this look finds it."""
        await require_owner(self._database, self._store)
        async with self._database.transaction() as connection:
            found = await list_obstacles(connection)
        for finding in found:
            if finding.kind == UnknownOriginals.code:
                since[finding.kind] = finding.since
                raise UnknownOriginals(finding.detail)
            if finding.kind == StoreOfAnotherDatabase.code:
                since[finding.kind] = finding.since
                raise StoreOfAnotherDatabase(finding.detail)


async def ask(question: Awaitable[object], silence: type[Unavailable]) -> MirageError | None:
    """The error that a question ends with, or `silence` when it takes too long."""
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await question
    except MirageError as error:
        return error
    except TimeoutError:
        return silence(f"no answer in {_TIMEOUT_SECONDS:g} s")
    return None
