"""How tables of a PDF are read: a row per line, and a tab between two cells."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from mirage.model import MediaType
from mirage.parse import parse

Placed = tuple[str, float, float]
"""Text, left, and the height of its baseline."""

X = (72.0, 200.0, 280.0, 360.0)
ROWS = (
    ("Boat", "Day", "Week", "Season"),
    ("up to 6 m", "5", "30", "210"),
    ("up to 9 m", "", "45", "320"),
    ("up to 12 m", "11", "60", ""),
)
READ = "Boat\tDay\tWeek\tSeason\nup to 6 m\t5\t30\t210\nup to 9 m\t\t45\t320\nup to 12 m\t11\t60\t"


def drawn(path: Path, texts: Iterable[Placed], size: float = 11) -> str:
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.setFont("Helvetica", size)
    for text, x, y in texts:
        canvas.drawString(x, y, text)
    canvas.save()
    return read(path)


def read(path: Path) -> str:
    return "\n\n".join(section.text for section in parse(path, MediaType.PDF).sections)


def cells(rows: Sequence[Sequence[str]], x: Sequence[float] = X) -> list[list[Placed]]:
    return [
        [(text, left, 700.0 - 16 * at) for text, left in zip(row, x, strict=True) if text]
        for at, row in enumerate(rows)
    ]


def flat(rows: Iterable[Iterable[Placed]]) -> list[Placed]:
    return [cell for row in rows for cell in row]


def test_row_is_a_line_and_an_empty_cell_keeps_its_place(tmp_path: Path) -> None:
    assert drawn(tmp_path / "a.pdf", flat(cells(ROWS))) == READ


def test_table_that_is_drawn_column_by_column_is_read_by_rows(tmp_path: Path) -> None:
    by_column = sorted(flat(cells(ROWS)), key=lambda cell: cell[1])
    assert drawn(tmp_path / "a.pdf", by_column) == READ


def test_text_around_a_table_stays_apart_from_it(tmp_path: Path) -> None:
    above: Placed = (
        "What a berth costs in the harbour for guests, in euros with all taxes",
        72,
        740,
    )
    below: Placed = (
        "Dogs and children stay for free, and so do boats of the harbour's club.",
        72,
        600,
    )
    text = drawn(tmp_path / "a.pdf", [above, *flat(cells(ROWS)), below])
    assert text == f"{above[0]}\n\n{READ}\n\n{below[0]}"


def test_numbers_are_aligned_at_the_right(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), invariant=True)
    rows = [
        ("Year", "Ships", "Tons"),
        ("2019", "7", "1,250"),
        ("2020", "12", "980"),
        ("2021", "104", "12"),
    ]
    for at, row in enumerate(rows):
        for text, right in zip(row, (120, 180, 240), strict=True):
            canvas.drawRightString(right, 700 - 14 * at, text)
    canvas.save()
    assert read(path) == "Year\tShips\tTons\n2019\t7\t1,250\n2020\t12\t980\n2021\t104\t12"


def test_numbers_that_nearly_touch_stay_in_their_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), invariant=True)
    rows = [
        ("Rye", "5", "7"),
        ("Oats", "1,250,000", "8,100,000"),
        ("Wheat", "12", "40"),
        ("Corn", "3", "9"),
    ]
    for at, (name, one, other) in enumerate(rows):
        canvas.drawString(72, 700 - 14 * at, name)
        canvas.drawRightString(200, 700 - 14 * at, one)
        canvas.drawRightString(259, 700 - 14 * at, other)  # As wide as a blank, next to the widest.
    canvas.save()
    assert "Oats\t1,250,000\t8,100,000" in read(path).splitlines()


@pytest.mark.parametrize(
    ("spacing", "expected"), [(40, "Oak trees 12 3 0 7"), (1, "Oak trees 12 30 7")]
)
def test_digits_that_stand_far_apart_are_no_number(
    tmp_path: Path, spacing: float, expected: str
) -> None:
    canvas = Canvas(str(tmp_path / "a.pdf"), invariant=True)
    for text, x, space in (
        ("Oak trees", 50, 0),
        ("12", 150, 0),
        ("30", 200, spacing),
        ("7", 300, 0),
    ):
        canvas.drawString(x, 700, text, charSpace=space)
    canvas.save()
    assert read(tmp_path / "a.pdf") == expected


def test_lines_of_a_cell_are_joined(tmp_path: Path) -> None:
    style = getSampleStyleSheet()["BodyText"]
    rows = [
        ("Case", "What to do", "Who"),
        (
            "A line is caught in the screw",
            "Stop the engine and call the diver on channel 12",
            "skipper",
        ),
        (
            "Oil is seen on the water",
            "Lay the boom and tell the office at once",
            "whoever sees it first",
        ),
    ]
    table = Table([[Paragraph(cell, style) for cell in row] for row in rows], (90, 130, 70))
    SimpleDocTemplate(str(tmp_path / "a.pdf"), invariant=True).build([table])
    assert read(tmp_path / "a.pdf").split("\n") == ["\t".join(row) for row in rows]


# As a browser prints it: headers are centred, and a cell of two lines is next to the middle.
STATEMENT = (
    ("Date", 41, 700), ("Text", 234, 700), ("Debit", 423, 700), ("Credit", 474, 700),
    ("01.05.", 39, 678), ("Opening balance", 83, 678), ("800.00", 474, 678),
    ("03.05.", 39, 648), ("Rent for the flat in Elm Street 12, third floor, in May, paid", 83, 656),
    ("by standing order as agreed in the lease", 83, 640), ("800.00", 421, 648),
    ("07.05.", 39, 618), ("Salary", 83, 618), ("2,900.00", 468, 618),
)  # fmt: skip


def test_statement_with_narrow_gaps_and_centred_cells_is_read(tmp_path: Path) -> None:
    assert drawn(tmp_path / "a.pdf", STATEMENT, size=12.5).split("\n") == [
        "Date\tText\tDebit\tCredit",
        "01.05.\tOpening balance\t\t800.00",
        "03.05.\tRent for the flat in Elm Street 12, third floor, in May, paid by standing order "
        "as agreed in the lease\t800.00\t",
        "07.05.\tSalary\t\t2,900.00",
    ]


def test_table_below_columns_of_text_is_read(tmp_path: Path) -> None:
    table = [[(text, x, y - 160) for text, x, y in row] for row in cells(ROWS)]
    text = drawn(tmp_path / "a.pdf", [*side_by_side(LEFT, RIGHT), *flat(table)])
    assert text == f"{' '.join(LEFT)}\n\n{' '.join(RIGHT)}\n\n{READ}"


def test_header_over_two_columns_leaves_them_apart(tmp_path: Path) -> None:
    rows = [
        ("Rye", "5", "6", "7"),
        ("Oats", "50", "60", "70"),
        ("Corn", "500", "600", "700"),
        ("Rice", "1", "2", "3"),
    ]
    header: Placed = ("in thousands of tons", 210, 716)
    lines = drawn(tmp_path / "a.pdf", [("Grain", 72, 716), header, *flat(cells(rows))]).split("\n")
    assert lines[1:] == ["\t".join(row) for row in rows]
    assert lines[0].split("\t")[0] == "Grain"
    assert lines[0].split("\t")[1:] != ["", "", ""]


def test_items_of_a_list_are_no_cells(tmp_path: Path) -> None:
    items = ["clean the lamp;", "trim the wick;", "fill the oil;", "wind the clock."]
    placed = [
        cell
        for at, item in enumerate(items)
        for cell in ((f"{at + 1}.", 72.0, 700.0 - 14 * at), (item, 100.0, 700.0 - 14 * at))
    ]
    assert drawn(tmp_path / "a.pdf", placed).split("\n") == [
        f"{at}. {item}" for at, item in enumerate(items, 1)
    ]


LEFT = (
    "The northern quay is for", "fishing boats alone. They", "land from four to seven",
    "in the morning and keep", "the crane for that time.", "Nets are mended on the",
    "grass behind the shed.",
)  # fmt: skip
RIGHT = (
    "The southern quay is for", "guests. They pay by the", "night at the red hut and",
    "get a key for the shower.", "Dogs stay on board after", "sunset. Fires are not",
    "allowed on the jetty.",
)  # fmt: skip


def side_by_side(left: Sequence[str], right: Sequence[str]) -> list[Placed]:
    pairs = zip(left, right, strict=True)
    return [
        (text, x, 700.0 - 14 * at)
        for at, pair in enumerate(pairs)
        for text, x in zip(pair, (72.0, 230.0), strict=True)
    ]


def test_columns_of_text_that_are_drawn_row_by_row_are_read_one_after_the_other(
    tmp_path: Path,
) -> None:
    text = drawn(tmp_path / "a.pdf", side_by_side(LEFT, RIGHT))
    assert text == f"{' '.join(LEFT)}\n\n{' '.join(RIGHT)}"


def test_few_lines_side_by_side_are_no_columns_of_text(tmp_path: Path) -> None:
    text = drawn(tmp_path / "a.pdf", side_by_side(LEFT[:3], RIGHT[:3]))
    assert text.split("\n") == [
        f"{left}\t{right}" for left, right in zip(LEFT[:3], RIGHT, strict=False)
    ]


def test_cells_of_several_words_are_no_columns_of_text(tmp_path: Path) -> None:
    left = [
        "Lamp is out",
        "Fog in the channel",
        "Oil on the water",
        "Boat adrift",
        "Storm from the north",
    ]  # fmt: skip
    right = [
        "Call the keeper",
        "Ring the bell by hand",
        "Lay the boom",
        "Send out the tug at once",
        "Close the sluice",
    ]
    text = drawn(tmp_path / "a.pdf", side_by_side(left, right))
    assert text.split("\n") == [f"{one}\t{other}" for one, other in zip(left, right, strict=True)]


def test_justified_text_is_no_table(tmp_path: Path) -> None:
    """Stretched gaps may stand one above the other in two lines."""
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), invariant=True)
    lines = ["the oven is hot enough. Bread", "is made of flour. Some prefer"]
    for at, line in enumerate(lines):
        canvas.drawString(72, 700 - 14 * at, line, wordSpace=3.5)
    canvas.save()
    assert "\t" not in read(path)
