"""Reindexes documents whose texts were split, once the embedder accepts the whole text."""

import logging

from mirage.db import Database
from mirage.db.generations import Generation, active_generation
from mirage.db.queue import splits
from mirage.db.queue.requeue import requeue_document
from mirage.db.queue.splits import Split
from mirage.embed import Embedder
from mirage.errors import DatabaseUnavailable, MirageError

_log = logging.getLogger(__name__)


class SplitHealer:
    """Tries texts of split chunks again, each less and less often (db/queue/splits.py)."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def step(self) -> bool:
        """Try one text; requeue its document if the embedder accepts it, or return False.

        Searches find the parts until the document is reindexed.
        """
        async with self._database.transaction() as connection:
            generation = await active_generation(connection)
            if generation is None:
                return False
            split = await splits.claim_split(connection, generation)
        if split is None or not await self._is_taken(generation, split):
            return False
        async with self._database.transaction() as connection:
            requeued = await requeue_document(connection, split.project_id, split.document_id)
        _log.info(
            "the embedder accepts a text that was too long before; its document is reindexed",
            extra={"document": str(split.document_id)},
        )
        return requeued

    async def _is_taken(self, generation: Generation, split: Split) -> bool:
        embedder = self._embedder.for_model(generation.model)
        try:
            generation.require(await embedder.facts())
            await embedder.embed_documents([split.text])
        except DatabaseUnavailable:
            raise
        except MirageError as error:
            _log.info("a chunk stays split: %s", error)
            return False
        return True
