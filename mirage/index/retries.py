"""What happens to work after an error: whether and when it is tried again, and the reason shown."""

import random
from dataclasses import dataclass
from datetime import timedelta

from mirage import config
from mirage.errors import MirageError, Retry
from mirage.foreign import clean

_SENTENCE_CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The work is tried again after a pause; the attempt counts."""

    pause: timedelta


@dataclass(frozen=True, slots=True)
class Fail:
    """The work fails with a stable code and a sentence for people."""

    code: str
    sentence: str


def decide(error: Exception, attempts: int, settings: config.Indexer) -> TryAgain | Fail:
    """Decide what happens to work after an error; `attempts` are those that failed before.

    An error whose `retry` is WAIT is not decided here, because it uses up no attempt.
    """
    final = isinstance(error, MirageError) and error.retry is Retry.FINAL
    if not final and attempts + 1 < settings.max_attempts:
        return TryAgain(backoff(settings, attempts))
    return Fail(code_of(error), sentence_of(error))


def backoff(settings: config.Indexer, attempts: int) -> timedelta:
    """Return an exponential pause with full jitter (Brooker, AWS Architecture Blog, 2015)."""
    ceiling = min(
        settings.backoff_cap_seconds, settings.backoff_base_seconds * 2 ** min(attempts, 30)
    )
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311  not a secret


def code_of(error: Exception) -> str:
    """Return the error's stable name."""
    return error.code if isinstance(error, MirageError) else MirageError.code


def sentence_of(error: Exception) -> str:
    """Return what is wrong and the remedy; for a defect of this program, where to look."""
    if isinstance(error, MirageError):
        said = clean(str(error), _SENTENCE_CHARACTERS).rstrip(".")
        return f"{said}{'' if said.endswith(('?', '!')) else '.'} {error.remedy()}"
    return f"{type(error).__name__}: see the indexer's log"
