"""The maintenance worker: partitions, HNSW indexes, noise floors, words, originals."""

import logging
import time

from mirage.db import Database
from mirage.db.generations import noise_floor, switch, vector_index
from mirage.embed import Embedder
from mirage.errors import DatabaseUnavailable, StorageUnavailable
from mirage.files import Store
from mirage.index.split_healer import SplitHealer
from mirage.index.words_rewriter import WordsRewriter
from mirage.originals import sweep

_SWEEP_EVERY_SECONDS = 3600.0  # guess: 100,000 originals take some seconds.

_log = logging.getLogger(__name__)


class MaintenanceWorker:
    """Maintains the vectors while other workers add more, and sweeps the store each hour."""

    def __init__(
        self, database: Database, store: Store, embedder: Embedder, orphan_days: int
    ) -> None:
        self._database = database
        self._store = store
        self._orphan_days = orphan_days
        self._healer = SplitHealer(database, embedder)
        self._words = WordsRewriter(database)
        self._sweep_due = time.monotonic()

    async def step(self) -> bool:
        """Do one step: sweep the store if due; free space of dropped generations, or build a vector
        index, or rewrite words, or retry a split text. Returns False if there is nothing to do.
        """
        if time.monotonic() >= self._sweep_due:
            self._sweep_due = time.monotonic() + _SWEEP_EVERY_SECONDS
            await self._sweep()
        try:
            async with self._database.transaction() as connection:
                freed = await switch.free_dropped(connection)
                await noise_floor.measure_next(connection)
            maintained = freed or await vector_index.build_next(self._database)
            return maintained or await self._words.step() or await self._healer.step()
        except DatabaseUnavailable as error:
            # The vectors are in use, for example by a search; this blocks no document.
            _log.info("cannot maintain the vectors now: %s", error)
            return False

    async def _sweep(self) -> None:
        try:
            await sweep(self._database, self._store, self._orphan_days)
        except (StorageUnavailable, DatabaseUnavailable) as error:
            _log.warning("cannot sweep the originals: %s", error)
