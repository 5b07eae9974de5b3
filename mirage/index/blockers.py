"""Reports blockers: reasons why indexing waits."""

import logging

from mirage.db import Database
from mirage.db.queue import blockers as rows
from mirage.errors import DatabaseUnavailable, MirageError
from mirage.index.retries import sentence_of

_log = logging.getLogger(__name__)


class Blockers:
    """Shows on waiting documents and in `/health` why indexing waits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, error: MirageError) -> None:
        """Record a blocker, or that it still exists."""
        if isinstance(error, DatabaseUnavailable):
            return
        try:
            async with self._database.transaction() as connection:
                await rows.report_blocker(connection, error.code, sentence_of(error))
        except DatabaseUnavailable as unavailable:
            _log.warning("cannot record a blocker: %s", unavailable)
        except Exception:  # A worker must not end because it cannot report why it waits.
            _log.exception("cannot record a blocker")

    async def clear(self) -> None:
        """Remove all blockers. Raises DatabaseUnavailable."""
        try:
            async with self._database.transaction() as connection:
                await rows.clear_blockers(connection)
        except DatabaseUnavailable:
            raise
        except Exception:  # A blocker that is not reported again expires.
            _log.exception("cannot remove the blockers")
