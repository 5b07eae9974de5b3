"""Checks vectors and scales them to unit length."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mirage.errors import BadEmbedding

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (texts, dimensions)."""

Vector: TypeAlias = npt.NDArray[np.float32]
"""Shape (dimensions,)."""


def unit_vectors(answer: Any, texts: int, dimensions: int) -> Vectors:
    """Return one L2-normalised vector per text from an embedder's answer.

    Raises BadEmbedding unless there are `texts` finite vectors of `dimensions` numbers each, all
    longer than zero.
    """
    if not isinstance(answer, list | np.ndarray) or len(answer) != texts:
        count = len(answer) if isinstance(answer, list) else "no"
        raise BadEmbedding(f"the embedder returned {count} vectors for {texts} texts")
    if not all(_holds_numbers(row) for row in answer):
        raise BadEmbedding("the embedder returned vectors that are not rows of numbers")
    try:
        vectors = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadEmbedding("the embedder returned vectors that are not rows of numbers") from error
    if vectors.shape != (texts, dimensions):
        given = vectors.shape[1] if vectors.ndim == 2 else "no"
        raise BadEmbedding(f"the embedder returned {given} dimensions instead of {dimensions}")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise BadEmbedding("the embedder returned a vector with numbers that are not finite")
    if not lengths.all():
        raise BadEmbedding("the embedder returned a vector of zeros")
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit


def _holds_numbers(row: Any) -> bool:
    """Return whether a row has only numbers; numpy also accepts `"0.5"` and `true`."""
    return not isinstance(row, list) or set(map(type, row)) <= {int, float}
