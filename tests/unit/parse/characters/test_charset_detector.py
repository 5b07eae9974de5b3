"""The score of the detector: a change of its costs shows here."""

from collections import Counter

import pytest

from tests.bench.charset import stretches


@pytest.mark.parametrize(
    ("sentences", "tried", "wrong"),
    [
        (1, 292, {"hr": 6, "he": 4, "uk": 2, "sk": 1, "sl": 1}),
        (2, 237, {"he": 4, "hr": 1}),
        (5, 60, {}),
    ],
)
@pytest.mark.slow
def test_encodings_of_short_texts_are_told(
    sentences: int, tried: int, wrong: dict[str, int]
) -> None:
    all_of_them = list(stretches(sentences))
    assert len(all_of_them) == tried
    assert Counter(each.language for each in all_of_them if not each.is_read) == wrong
