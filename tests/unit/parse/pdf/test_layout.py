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
