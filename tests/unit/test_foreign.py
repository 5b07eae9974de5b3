import pytest

from mirage.foreign import clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model not found", "model not found"),
        ("a\x00b", "a b"),
        ("half \ud800 of a pair", "half \ufffd of a pair"),
        ("whole \U0001f600 pair", "whole \U0001f600 pair"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("two\r\nlines\u2028and a third", "two lines and a third"),
        ("abc\u202etxt.exe\u2066\u200f", "abctxt.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("  a \t b  ", "a b"),
        ("модель 模型", "модель 模型"),
        ("", ""),
    ],
)
def test_what_harms_a_reader_is_removed(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert clean("x" * 301) == "x" * 299 + "…"
    assert clean("x" * 300) == "x" * 300
    assert clean("ab  " * 3, 8) == "ab ab ab"
    assert clean("word " * 10_000_000, 10) == "word word…"


def test_long_text_of_nothing_is_short() -> None:
    assert clean("\x00" * 5000, 10) == "…"
