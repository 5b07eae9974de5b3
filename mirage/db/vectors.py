"""How vectors are written in SQL."""

from collections.abc import Iterable


def vector_literal(vector: Iterable[float]) -> str:
    """Return a vector as pgvector reads it; seven digits are more than `halfvec` keeps."""
    numbers = tuple(vector)
    return f"[{','.join(['%.7g'] * len(numbers))}]" % numbers
