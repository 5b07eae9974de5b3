"""Rewrites the words of indexed passages in the background, after an upgrade or a rename."""

import logging
from uuid import UUID

from mirage.db import Database
from mirage.db.queue import words
from mirage.db.queue.words import StaleWords

_log = logging.getLogger(__name__)


class WordsRewriter:
    """Rewrites a document after the other, in batches, so that other work goes on.

    After a kill the document is rewritten from its beginning.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stale: StaleWords | None = None
        self._after: tuple[int, UUID] | None = None

    async def step(self) -> bool:
        """Rewrite one batch; return False if all words are up to date."""
        async with self._database.transaction() as connection:
            if self._stale is None:
                self._stale, self._after = await words.next_stale(connection), None
            if self._stale is None:
                return False
            after = await words.rewrite_batch(connection, self._stale, self._after)
        if after is None:
            _log.info("words rewritten", extra={"document": str(self._stale.document_id)})
            self._stale = None
        self._after = after
        return True
