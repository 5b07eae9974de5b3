"""Rewrites the words of indexed passages in the background, after an upgrade or a rename."""

import logging
from uuid import UUID

from mirage.db import Connection, Database
from mirage.db.queue import words
from mirage.db.queue.words import StaleWords
from mirage.errors import MirageError
from mirage.words import DocumentWords

_log = logging.getLogger(__name__)


class WordsRewriter:
    """Rewrites a document after the other, in batches, so that other work goes on.

    After a kill the document is rewritten from its beginning. A document whose words cannot be
    rewritten keeps its old words until the process restarts.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stale: StaleWords | None = None
        self._document: DocumentWords | None = None
        self._after: tuple[int, UUID] | None = None
        self._left_out: set[UUID] = set()

    async def step(self) -> bool:
        """Rewrite one batch; return False if all words are up to date."""
        try:
            async with self._database.transaction() as connection:
                if self._stale is None:
                    self._document = self._after = None
                    self._stale = await words.next_stale(connection, self._left_out)
                if self._stale is None:
                    return False
                self._after = await self._rewrite(connection, self._stale)
        except MirageError:  # The database is away or busy, which passes.
            self._stale = None
            raise
        except Exception:
            if self._stale is None:
                raise
            # A document that this release cannot analyse must not stop the work on the others.
            named = {"document": str(self._stale.document_id)}
            _log.exception("cannot rewrite the words of a document", extra=named)
            self._left_out.add(self._stale.document_id)
            self._stale = None
        else:
            if self._after is None:
                _log.info("words rewritten", extra={"document": str(self._stale.document_id)})
                self._stale = None
        return True

    async def _rewrite(self, connection: Connection, stale: StaleWords) -> tuple[int, UUID] | None:
        if self._document is None:
            self._document = await words.load_words(connection, stale.document_id)
        return await words.rewrite_batch(connection, stale, self._document, self._after)
