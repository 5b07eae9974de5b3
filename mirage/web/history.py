"""How much waited, and how much was done, in the last hour, as this process saw it."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import NoReturn

from mirage.db import Database
from mirage.db.queue.backlog import Backlog, measure_backlog
from mirage.errors import DatabaseUnavailable

# Counting costs what a scrape of /metrics costs.
_PAUSE_SECONDS = 60.0
_SAMPLES = 61
# Samples for the rate: long enough for a book between many small texts.
_RATE_SAMPLES = 11
WIDTH, HEIGHT = 600, 140
"""Size of a chart, in the units of its coordinates."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sample:
    """Passages that wait for their vector, and those that have it."""

    at: datetime
    waiting: int
    ready: int


def sample_of(backlog: Backlog, at: datetime) -> Sample:
    """Return what the history keeps of a measurement."""
    return Sample(at, backlog.chunks["pending"], backlog.chunks["ready"])


class History:
    """The samples of the last hour, oldest first."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=_SAMPLES)

    async def watch(self, database: Database) -> NoReturn:
        """Take a sample now and then every minute."""
        while True:
            try:
                await self._measure(database)
            except DatabaseUnavailable:
                pass  # The health check logs it.
            except Exception:  # Log it; the next sample may succeed.
                _log.exception("the backlog could not be measured")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _measure(self, database: Database) -> None:
        async with database.transaction() as connection:
            backlog = await measure_backlog(connection)
        self.samples.append(sample_of(backlog, datetime.now(UTC)))

    @property
    def per_minute(self) -> list[float]:
        """Return the passages per minute between samples; deleted ones do not count."""
        return [
            max(later.ready - earlier.ready, 0) * 60 / _seconds(earlier, later)
            for earlier, later in pairwise(self.samples)
        ]

    @property
    def minutes_left(self) -> int | None:
        """Return the minutes until nothing waits, by the last minutes' rate; None if unknown."""
        recent = self.per_minute[-(_RATE_SAMPLES - 1) :]
        rate = sum(recent) / len(recent) if recent else 0.0
        if not rate or not self.samples[-1].waiting:
            return None
        return max(round(self.samples[-1].waiting / rate), 1)


def line(values: Sequence[float]) -> str:
    """Return the points of an SVG polyline that fills the chart; its largest value is at the top.

    A single value, or none, is no line.
    """
    if len(values) < 2:
        return ""
    top = max(*values, 1)
    step = WIDTH / (len(values) - 1)
    return " ".join(
        f"{at * step:.1f},{HEIGHT - value / top * HEIGHT:.1f}" for at, value in enumerate(values)
    )


def _seconds(earlier: Sample, later: Sample) -> float:
    return max((later.at - earlier.at).total_seconds(), 1.0)
