"""What becomes of work after an error: whether and when it is tried again, and what people read."""

import random
from datetime import timedelta

from mirage import config
from mirage.errors import MirageError, Retry
from mirage.foreign import clean

_SENTENCE_CHARACTERS = 2000


def is_final(error: Exception) -> bool:
    """Whether trying again is for nothing."""
    return isinstance(error, MirageError) and error.retry is Retry.FINAL


def backoff(settings: config.Indexer, attempts: int) -> timedelta:
    """Exponential, with full jitter (Brooker, AWS Architecture Blog, 2015)."""
    ceiling = min(
        settings.backoff_cap_seconds, settings.backoff_base_seconds * 2 ** min(attempts, 30)
    )
    return timedelta(seconds=random.uniform(0, ceiling))  # noqa: S311  not a secret


def code_of(error: Exception) -> str:
    """The error's stable name."""
    return error.code if isinstance(error, MirageError) else MirageError.code


def sentence_of(error: Exception) -> str:
    """What is wrong and what can be done; of a defect of ours, where to look."""
    if isinstance(error, MirageError):
        return f"{clean(str(error), _SENTENCE_CHARACTERS).rstrip('.')}. {error.remedy()}"
    return f"{type(error).__name__}: see the indexer's log"
