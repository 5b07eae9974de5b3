"""How the lines of a page go together."""

from collections.abc import Iterable

from mirage.parse.pdf.layout import compose
from mirage.parse.pdf.page import Line


def _composed(short: Iterable[int]) -> str:
    """Seven lines, of which these end far from the margin: the next word had room behind them."""
    lines = [
        Line(
            f"line {number} of a text that is set in a column",
            72.0,
            300.0 if number in short else 500.0,
            700.0 - 14 * number,
            12.0,
        )
        for number in range(7)
    ]
    return compose(lines, set())


def test_full_line_is_one_of_a_list_when_most_of_five_are() -> None:
    # Lines 1, 2 and 4 follow short ones; of the five around line 3 these are three.
    assert "\nline 3" in _composed((0, 1, 3))


def test_full_line_goes_on_when_fewer_than_most_of_five_are_of_a_list() -> None:
    # Lines 1 and 2 alone.
    assert " line 3" in _composed((0, 1))


def _typed(lines: int, prose: int) -> str:
    """So many lines in a font of one width that fill their column, below others of any width."""
    texts = [f"{'some words of a text that is set ' * 2}{'i' * at}" for at in range(prose)]
    rows = [Line(text, 72.0, 500.0, 900.0 - 14 * at, 12.0) for at, text in enumerate(texts)]
    for at in range(lines):
        text = f"call number {at} " + "x" * (60 - at % 2)
        right = 72.0 + 5.5 * len(text)
        rows.append(Line(text, 72.0, right, 900.0 - 14 * (prose + at), 12.0))
    return compose(rows, set())


def test_lines_of_a_listing_stay_lines() -> None:
    text = _typed(lines=4, prose=8)
    assert "\ncall number 2" in text
    assert "\ncall number 3" in text


def test_lines_of_a_typewriter_are_joined() -> None:
    assert " call number 2" in _typed(lines=8, prose=2)
