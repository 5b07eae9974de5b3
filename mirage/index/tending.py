"""The worker that tends to what is stored: freed space, vector indexes, files of nobody."""

import asyncio
import logging

from mirage.db import Database, switching, vector_index
from mirage.db import documents as rows
from mirage.embed import Embedder
from mirage.errors import DatabaseUnavailable
from mirage.files import VolumeStore
from mirage.index.healing import SplitHealer
from mirage.index.obstacles import Obstacles

_ORPHAN_AGE_SECONDS = 3600.0

_log = logging.getLogger(__name__)


class TendWorker:
    """Tends to the vectors while others make more of them."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._healer = SplitHealer(database, embedder)

    async def step(self) -> bool:
        """Free a part of what dropped generations left, else build an index over vectors that have
        become many, else heal what was split; False when there is nothing to do.
        """
        try:
            async with self._database.transaction() as connection:
                freed = await switching.free_dropped(connection)
            tended = freed or await vector_index.build_next(self._database)
            return tended or await self._healer.step()
        except DatabaseUnavailable as error:
            # The vectors are in use just now, as by a search; that holds up no document.
            _log.info("cannot tend to the vectors now: %s", error)
            return False


async def sweep(database: Database, store: VolumeStore, obstacles: Obstacles) -> None:
    """Tidy up after an earlier process: its obstacles, and files that no document names."""
    try:
        await obstacles.clear()
        keys = await asyncio.to_thread(lambda: list(store.older_than(_ORPHAN_AGE_SECONDS)))
        async with database.transaction() as connection:
            known = await rows.known_file_keys(connection, keys)
        await store.delete([key for key in keys if key not in known])
    except (OSError, DatabaseUnavailable) as error:
        _log.warning("left things of an earlier process where they are: %s", error)
