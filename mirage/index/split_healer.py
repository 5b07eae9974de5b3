"""Puts documents together again that were split while the embedder found their texts too long."""

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
    """Asks the embedder for the texts of split chunks, each less and less often (splits.py)."""

    def __init__(self, database: Database, embedder: Embedder) -> None:
        self._database = database
        self._embedder = embedder

    async def step(self) -> bool:
        """Ask for one text, and requeue its document if the embedder takes it; False otherwise.

        The document is found with its parts until it is indexed again.
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
            "the embedder takes a text that it found too long; its document is indexed again",
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
