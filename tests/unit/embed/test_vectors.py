from typing import Any

import numpy as np
import pytest

from mirage.embed.vectors import unit_vectors
from mirage.errors import BadEmbedding


def test_vectors_get_unit_length() -> None:
    vectors = unit_vectors([[3, 4], [0, -2.5]], 2, 2)
    assert vectors.dtype == np.float32
    assert vectors.tolist() == [[np.float32(0.6), np.float32(0.8)], [0, -1]]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (None, "no vectors for 2 texts"),
        ({}, "no vectors for 2 texts"),
        ([[1, 2]], "1 vectors for 2 texts"),
        ([[1, 2, 3], [1, 2, 3]], "3 dimensions instead of 2"),
        ([1, 2], "no dimensions instead of 2"),
        ([[1, 2], [1]], "not rows of numbers"),
        ([[1, 2], [1, "x"]], "not rows of numbers"),
        ([[1, 2], [1, None]], "not rows of numbers"),
        ([[1, 2], ["0.5", 1]], "not rows of numbers"),
        ([[1, 2], [True, 0.5]], "not rows of numbers"),
        ([[1, 2], [[1], [2]]], "not rows of numbers"),
        (["12", "34"], "no dimensions instead of 2"),
        ([[1, 2], None], "not rows of numbers"),
        ([[1, 2], [1, float("nan")]], "not finite"),
        ([[1, 2], [1, float("inf")]], "not finite"),
        ([[1, 2], [1e300, 1e300]], "not finite"),
        ([[1, 2], [0, 0]], "zeros"),
        ([[1, 2], [10**400, 1]], "not rows of numbers"),
    ],
)
def test_unusable_answer_is_refused(answer: Any, sentence: str) -> None:
    with pytest.raises(BadEmbedding, match=sentence):
        unit_vectors(answer, 2, 2)
