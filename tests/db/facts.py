"""A model and a lease for tests of the database."""

from collections.abc import Sequence
from datetime import timedelta

from mirage.model import ModelFacts


class _Words:
    divisible = True

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        raise AssertionError("the database never counts tokens")


def facts(name: str = "tiny", digest: str = "d1", dimensions: int = 3) -> ModelFacts:
    """A model of three dimensions."""
    return ModelFacts(name, digest, dimensions, max_tokens=100, tokenizer=_Words())


def lease(seconds: float = 60) -> timedelta:
    """How long a claim holds."""
    return timedelta(seconds=seconds)
