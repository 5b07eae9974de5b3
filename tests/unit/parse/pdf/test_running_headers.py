from collections.abc import Sequence

import pytest

from mirage.parse.pdf.page import Line, PageLines
from mirage.parse.pdf.running_headers import find_running_lines

Placed = tuple[str, float] | tuple[str, float, float]
"""A line, its baseline and the height of its letters (12 points if it is not given)."""


def kept(
    pages: Sequence[Sequence[Placed]],
    labels: Sequence[str | None] = (),
    titles: Sequence[str] = (),
) -> list[list[str]]:
    """What is left of each page, whose body is a block of prose."""
    packed = [page_of(lines) for lines in pages]
    running = find_running_lines(packed, labels or [None] * len(pages), titles)
    return [
        [
            line.text
            for at, line in enumerate(page.lines())
            if at not in running.get(index, set()) and not line.text.startswith("Prose")
        ]
        for index, page in enumerate(packed)
    ]


def page_of(placed: Sequence[Placed], top: float = 700, bottom: float = 140) -> PageLines:
    prose = [("Prose that fills the line of a page", y) for y in range(int(top), int(bottom), -14)]
    lines = [
        Line(text, 72.0, 72.0 + 6 * len(text), y, height[0] if height else 12.0)
        for text, y, *height in (*placed, *prose)
    ]
    return PageLines.pack(lines, (595.0, 842.0), unreadable=False, drawn=True)


@pytest.mark.parametrize(
    "line",
    ["Patient ID: {0}37", "Haemoglobin: 1{0}.4 g/dl", "Total: 1{0}0,00 EUR", "Date: 0{0}.03.2024"],
)
@pytest.mark.parametrize("y", [800, 40])
def test_lines_whose_numbers_are_data_are_kept(line: str, y: float) -> None:
    lines = [line.format(number) for number in (4, 1, 7, 3, 5)]
    assert kept([[(line, y)] for line in lines]) == [[line] for line in lines]


@pytest.mark.parametrize(
    "line", ["Lesson {0}", "Question {0}", "Dose: {0} mg", "Invoice No. 100{0}"]
)
@pytest.mark.parametrize("y", [800, 40])
def test_words_with_a_number_that_happens_to_count_the_pages_are_kept(line: str, y: float) -> None:
    lines = [line.format(number) for number in range(1, 6)]
    labels = [str(number) for number in range(1, 6)]
    assert kept([[(line, y)] for line in lines], labels) == [[line] for line in lines]


@pytest.mark.parametrize("line", ["Question {0} of 5", "Exercise {0}/5"])
def test_question_of_so_many_is_kept_above_its_page(line: str) -> None:
    lines = [line.format(number) for number in range(1, 6)]
    assert kept([[(line, 800)] for line in lines]) == [[line] for line in lines]


def test_small_field_of_a_form_that_counts_the_pages_is_kept() -> None:
    lines = [f"Visit {number}" for number in range(1, 6)]
    assert kept([[(line, 750, 9)] for line in lines]) == [[line] for line in lines]


def test_rows_of_a_table_that_reaches_to_the_edges_are_kept() -> None:
    pages = [
        [("Item Price", 728), (f"Bolt {at} {at}.50", 714), (f"Nut {at} 1.50", 126)]
        for at in range(1, 6)
    ]
    assert kept(pages) == [[line for line, *_ in page] for page in pages]


def test_amount_that_several_pages_have_in_common_is_kept() -> None:
    lines = ["Total: 130 EUR", "Total: 90 EUR", "Total: 130 EUR", "Total: 130 EUR", "Total: 70 EUR"]
    assert kept([[(line, 40)] for line in [*lines, "Total: 60 EUR"]])[:5] == [[x] for x in lines]


def test_field_that_has_another_value_on_other_pages_is_kept() -> None:
    lines = ["Result: negative", "Result: negative", "Result: positive", "Result: negative"]
    assert kept([[(line, 40)] for line in lines]) == [[line] for line in lines]


@pytest.mark.parametrize("lines", [["Revenue"] * 3, ["2015", "2016", "2017"], ["10", "11", "12"]])
def test_titles_are_set_larger_than_the_body_and_kept(lines: Sequence[str]) -> None:
    assert kept([[(line, 780, 24)] for line in lines]) == [[line] for line in lines]


def test_years_above_the_pages_are_no_page_numbers() -> None:
    assert kept([[(f"{year}", 780)] for year in (2015, 2016, 2017)]) == [
        ["2015"],
        ["2016"],
        ["2017"],
    ]


def test_roman_numbers_above_the_pages_are_those_of_chapters_unless_small() -> None:
    assert kept([[(number, 780)] for number in ("I", "II", "III")]) == [["I"], ["II"], ["III"]]
    assert kept([[(number, 780)] for number in ("i", "ii", "iii")]) == [[], [], []]


def test_heading_whose_number_is_the_page_label_is_kept() -> None:
    pages = [[("1 Introduction", 720), ("Body", 400)], [("Body", 400)], [("Body", 400)]]
    labels, titles = ["1", "2", "3"], ["1 Introduction"]
    assert kept(pages, labels, titles)[0] == ["1 Introduction", "Body"]


def test_answer_that_equals_the_page_label_is_kept() -> None:
    pages = [[("Answer", 120)], [("Answer", 120)], [("Sum", 120), ("3", 100)], [("Answer", 120)]]
    assert "3" in kept(pages, ["1", "2", "3", "4"])[2]


@pytest.mark.parametrize(
    "line",
    [
        "{0}",
        "- {0} -",
        "{0} / 5",
        "{0} of 5",
        "Page {0} of 5",
        "Seite {0}",
        "S. {0}",
        "第{0}頁",
        "2-{0}",
    ],
)
def test_page_numbers_are_left_out(line: str) -> None:
    lines = [line.format(number) for number in range(1, 6)]
    assert kept([[(line, 40)] for line in lines])[1:] == [[]] * 4


def test_number_inside_of_a_line_that_differs_is_kept() -> None:
    pages = [[(f"{at}", 100), (f"Footer {'xyz'[at]}", 80)] for at in range(3)]
    assert [len(left) for left in kept(pages, ["0", "1", "2"])] == [2, 2, 2]


@pytest.mark.parametrize("line", ["{0} | Annual Report", "Annual Report · {0}"])
def test_footer_with_the_page_number_beside_a_rule_is_left_out(line: str) -> None:
    lines = [line.format(number) for number in range(1, 6)]
    assert kept([[(line, 40)] for line in lines])[1:] == [[]] * 4


def test_small_header_with_the_page_number_is_left_out_but_for_the_first() -> None:
    pages = [[(f"Almanac {number}", 800, 9)] for number in range(11, 16)]
    assert kept(pages) == [["Almanac 11"], [], [], [], []]


def test_number_far_from_the_words_of_a_footer_is_that_of_the_page() -> None:
    pages = []
    for number in range(1, 5):
        page = page_of([])
        footer = Line(f"© 2024 {number}", 72.0, 520.0, 40.0, 12.0)
        size = (page.width, page.height)
        pages.append(PageLines.pack([*page.lines(), footer], size, unreadable=False, drawn=True))
    running = find_running_lines(pages, [None] * 4, ())
    assert sorted(running) == [1, 2, 3]


def test_headers_by_label_and_title_are_left_out_in_a_row_of_such() -> None:
    titles = ["1.1 Spaces", "1.2 Metrics"]
    lines = ["4 1.1. SPACES", "5 1.1. SPACES", "6 1.1. SPACES", "7 1.2. METRICS", "viii"]
    labels = ["4", "5", "6", "7", "viii"]
    assert kept([[(line, 800)] for line in lines], labels, titles) == [[]] * 5


def test_letterhead_of_three_lines_is_left_out_but_for_the_first() -> None:
    letterhead: list[Placed] = [("Mill & Sons", 812), ("1 River Road", 800), ("Tel. 555 1234", 788)]
    assert kept([letterhead] * 4) == [["Mill & Sons", "1 River Road", "Tel. 555 1234"], [], [], []]


@pytest.mark.parametrize(
    ("height", "left"),
    [(721.5, ["The Almanac"]), (720.5, ["The Almanac"] * 3)],
)
def test_header_is_parted_from_the_body_by_half_a_line_more_than_one(
    height: float, left: list[str]
) -> None:
    # The prose begins at 700, its lines are 14 points apart, so the border is at 721.
    found = [line for page in kept([[("The Almanac", height)]] * 3) for line in page]
    assert found == left


@pytest.mark.parametrize(("last", "left"), [(6, 1), (7, 3)])
def test_header_stands_on_two_pages_of_five_at_least(last: int, left: int) -> None:
    # Three pages of seven are 0.43 of them, three of eight are 0.38.
    pages: list[list[Placed]] = [[] for _ in range(8)]
    for page in (0, 3, last):
        pages[page] = [("The Almanac", 800)]
    assert sum(map(len, kept(pages))) == left


@pytest.mark.parametrize(("line", "left"), [("2024", 1), ("1.23", 3)])
def test_line_without_letters_runs_on_when_it_has_the_digits_of_a_year(
    line: str, left: int
) -> None:
    assert sum(map(len, kept([[(line, 40)]] * 3))) == left


@pytest.mark.parametrize(("right", "left"), [(182.0, 1), (178.0, 4)])
def test_gap_before_the_page_number_is_wide(right: float, left: int) -> None:
    # Ten characters of 12 points: a line of more than 0.9 * 10 * 12 = 108 points holds a gap.
    pages = []
    for number in range(11, 15):
        page = page_of([])
        footer = Line(f"Almanac {number}", 72.0, right, 40.0, 12.0)
        size = (page.width, page.height)
        pages.append(PageLines.pack([*page.lines(), footer], size, unreadable=False, drawn=True))
    assert 4 - len(find_running_lines(pages, [None] * 4, ())) == left
