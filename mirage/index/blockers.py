"""What keeps the workers from their work just now, as people see it."""

import logging

from mirage.db import Database
from mirage.db.queue import blockers as rows
from mirage.errors import DatabaseUnavailable, MirageError
from mirage.index.retries import sentence_of

_log = logging.getLogger(__name__)


class Blockers:
    """Says on waiting documents and in `/health` what is in the way."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(self, error: MirageError) -> None:
        """Name an blocker, or say that it is still there."""
        if isinstance(error, DatabaseUnavailable):
            return
        try:
            async with self._database.transaction() as connection:
                await rows.report_blocker(connection, error.code, sentence_of(error))
        except DatabaseUnavailable as unavailable:
            _log.warning("cannot record what is in the way: %s", unavailable)
        except Exception:  # A worker must not end because it could not say why it waits.
            _log.exception("cannot record what is in the way")

    async def clear(self) -> None:
        """Nothing is in the way any more. Raises DatabaseUnavailable."""
        try:
            async with self._database.transaction() as connection:
                await rows.clear_blockers(connection)
        except DatabaseUnavailable:
            raise
        except Exception:  # What is not said again is over by itself.
            _log.exception("cannot record that nothing is in the way")
