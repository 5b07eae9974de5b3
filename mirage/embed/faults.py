"""Decides whether an unusable answer is a fault of the server or of one of the texts."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from mirage.embed.proof import UnusableAnswers
from mirage.embed.server import NoAnswer, Refused, StrangeAnswer
from mirage.embed.vectors import unit_vectors
from mirage.errors import BadEmbedding, EmbedderUnavailable, TextTooLong
from mirage.model import ModelFacts

MAX_DIMENSIONS = 65_536
"""The most dimensions that a server may report; the largest models have some 8,000."""

Fault = BadEmbedding | TextTooLong | EmbedderUnavailable
FAULTS = (BadEmbedding, TextTooLong, EmbedderUnavailable)


class BatchTooLarge(Exception):
    """The server takes fewer texts or bytes per request; never raised for a single text."""


def may_mean_a_text(error: Fault, statuses: frozenset[int]) -> bool:
    """Return whether one of the texts may have caused the error of a request.

    `statuses` are the HTTP statuses by which a text may be refused.
    """
    if isinstance(error, EmbedderUnavailable):
        return isinstance(error, NoAnswer | StrangeAnswer) or _is_refusal(error, statuses)
    return True


@contextmanager
def no_fault_of_a_text(server: str, statuses: frozenset[int]) -> Iterator[None]:
    """Turn errors that blame a text into UnusableAnswers, because no text is at fault here."""
    try:
        yield
    except (BadEmbedding, TextTooLong, BatchTooLarge, EmbedderUnavailable) as error:
        if isinstance(error, EmbedderUnavailable) and not _is_refusal(error, statuses):
            raise
        raise UnusableAnswers(f"{server} returns unusable answers: {error}") from error


def spoilt(error: Fault) -> BadEmbedding:
    """Return the error of a text that the server does not embed, though it embeds others."""
    return BadEmbedding(f"{error}; it embeds other texts")


def vector_length(rows: object) -> int:
    """Return the number of dimensions, from the answer for one text. Raises BadEmbedding."""
    row = rows[0] if isinstance(rows, list) and rows else None
    length = len(row) if isinstance(row, list | np.ndarray) else 0
    unit_vectors(rows, 1, length)
    return length


def require_possible(facts: ModelFacts) -> ModelFacts:
    """Return the facts. Raises BadEmbedding for a number of dimensions that no model has."""
    if not 0 < facts.dimensions <= MAX_DIMENSIONS:
        raise BadEmbedding(f"{facts.name} has {facts.dimensions} dimensions")
    return facts


def _is_refusal(error: EmbedderUnavailable, statuses: frozenset[int]) -> bool:
    return isinstance(error.__cause__, Refused) and error.__cause__.status in statuses
