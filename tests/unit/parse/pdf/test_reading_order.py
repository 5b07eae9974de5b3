"""When the lines of a page are put in order, and when they stay as they came."""

from mirage.parse.pdf.page import Line
from mirage.parse.pdf.reading_order import in_reading_order


def _interleaved(runs: int) -> list[Line]:
    """Twenty rows of a column in so many runs from top to bottom: one step up less than runs."""
    rows = [row for run in range(runs) for row in range(run, 20, runs)]
    return [Line(f"row {row}", 72.0, 500.0, 700.0 - 14 * row, 12.0) for row in rows]


def test_page_with_three_steps_up_of_ten_is_put_in_order() -> None:
    found = [line.text for line in in_reading_order(_interleaved(runs=7))]  # 6 of 20
    assert found == [f"row {row}" for row in range(20)]


def test_page_with_fewer_steps_up_stays_as_it_came() -> None:
    lines = _interleaved(runs=6)  # 5 of 20
    assert in_reading_order(lines) == lines
