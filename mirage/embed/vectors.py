"""The vectors themselves: checked and brought to unit length."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from mirage.errors import BadEmbedding

Vectors: TypeAlias = npt.NDArray[np.float32]
"""Shape (texts, dimensions)."""

Vector: TypeAlias = npt.NDArray[np.float32]
"""Shape (dimensions,)."""


def unit_vectors(answer: Any, texts: int, dimensions: int) -> Vectors:
    """One L2-normalised vector per text out of what an embedder gave.

    Raises BadEmbedding unless they are `texts` finite vectors of `dimensions` numbers each, none
    of length zero.
    """
    if not isinstance(answer, list | np.ndarray) or len(answer) != texts:
        count = len(answer) if isinstance(answer, list) else "no"
        raise BadEmbedding(f"the embedder gave {count} vectors for {texts} texts")
    if not all(_holds_numbers(row) for row in answer):
        raise BadEmbedding("the embedder gave vectors that are not rows of numbers")
    try:
        vectors = np.asarray(answer, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadEmbedding("the embedder gave vectors that are not rows of numbers") from error
    if vectors.shape != (texts, dimensions):
        given = vectors.shape[1] if vectors.ndim == 2 else "no"
        raise BadEmbedding(f"the embedder gave {given} dimensions instead of {dimensions}")
    with np.errstate(over="ignore", invalid="ignore"):
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.isfinite(lengths).all():
        raise BadEmbedding("the embedder gave a vector with numbers that are not finite")
    if not lengths.all():
        raise BadEmbedding("the embedder gave a vector of zeros")
    unit: Vectors = (vectors / lengths).astype(np.float32)
    return unit


def _holds_numbers(row: Any) -> bool:
    """Whether all of a row are numbers; numpy would also read `"0.5"` and `true` as numbers."""
    return not isinstance(row, list) or set(map(type, row)) <= {int, float}
