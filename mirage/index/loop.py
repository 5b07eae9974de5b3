"""The loop of every worker."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from mirage import config
from mirage.embed import Unsettled
from mirage.errors import MirageError
from mirage.index.blockers import Blockers
from mirage.index.leases import is_cancelled
from mirage.index.retries import backoff

_log = logging.getLogger(__name__)


class Loop:
    """Runs the steps of a worker, whatever errors they raise."""

    def __init__(self, blockers: Blockers, settings: config.Indexer) -> None:
        self._blockers = blockers
        self._settings = settings

    async def repeat(
        self, step: Callable[[], Awaitable[bool]], wake: asyncio.Event | None = None
    ) -> None:
        """Run a step forever; pause after a step without work or with an error, unless woken."""
        blocker: str | None = None
        failures = 0
        while True:
            busy = False
            try:
                busy = await step()
                if blocker is not None:
                    await self._blockers.clear()
                blocker, failures = None, 0
            except MirageError as error:
                if str(error) != blocker:
                    # At first start a new model is always watched; that needs no warning.
                    level = logging.INFO if isinstance(error, Unsettled) else logging.WARNING
                    _log.log(level, "waiting: %s", error, extra={"remedy": error.remedy()})
                blocker = str(error)
                await self._blockers.report(error)  # Raises nothing.
            except Exception:
                failures += 1
                _log.exception("unexpected failure")
            if is_cancelled():
                raise asyncio.CancelledError
            if not busy:
                await _wait(wake or asyncio.Event(), self._pause_seconds(failures))

    def _pause_seconds(self, failures: int) -> float:
        if failures:
            return backoff(self._settings, failures).total_seconds()
        return self._settings.poll_seconds


async def _wait(wake: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await wake.wait()
    wake.clear()
