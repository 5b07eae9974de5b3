"""Tables keep whole rows, and each chunk of one has its header."""

from collections.abc import Callable

import pytest

from mirage.chunk import coverage_gaps, split
from mirage.chunk.tables import Tables
from mirage.model import Section
from mirage.testing import WordTokenizer
from tests.cost import assert_proportional

WORDS = WordTokenizer()
_ROWS = [f"Day {day}\t0{day % 10}:13\t{day}:55" for day in range(1, 60)]
_HEADER = "Day\tHigh water\tLow water"


def _table(*, header: str = _HEADER) -> str:
    return "\n".join([header, *_ROWS])


@pytest.mark.parametrize("overlap", [0, 8])
@pytest.mark.parametrize("before", ["", "Before the table.\n\n"])
def test_each_chunk_has_whole_rows_and_the_header(before: str, overlap: int) -> None:
    text = f"{before}{_table()}\n\nAfter the table."
    sections = [Section(text, ("Tides",))]
    chunks = split(sections, WORDS, size=40, overlap=overlap)
    assert coverage_gaps(text, [(chunk.start, chunk.end) for chunk in chunks]) == []
    lines = text.split("\n")
    for chunk in chunks:
        assert all(line in lines for line in chunk.text.split("\n"))
        begins_within = chunk.text.startswith("Day ") and not chunk.text.startswith("Day\t")
        assert chunk.heading == (f"Tides\n{_HEADER}" if begins_within else "Tides")
        assert len(WORDS.offsets(f"{chunk.heading}\n{chunk.text}")) <= 40
        assert chunk.text != _HEADER
    assert sum(chunk.text.count("Day 7\t") for chunk in chunks) == 1


def test_markdown_table_has_its_header_in_each_chunk() -> None:
    rows = "\n".join(f"| bolt {number} | R{number} | {number} |" for number in range(60))
    text = f"# Stock\n\n| Part | Shelf | Count |\n| --- | --- | --- |\n{rows}\n\nEnd."
    chunks = split([Section(text, ("Stock",))], WORDS, size=60, overlap=0)
    assert len(chunks) > 3
    assert [chunk.heading for chunk in chunks[1:]] == [
        "Stock\n| Part | Shelf | Count |" for _ in chunks[1:]
    ]
    assert all(chunk.text.startswith("| bolt") for chunk in chunks[1:])


def test_row_that_is_too_long_is_split_as_before() -> None:
    text = f"{_HEADER}\nDay 1\t{'long words ' * 60}\tx\nDay 2\t1\t2"
    chunks = split([Section(text)], WORDS, size=30, overlap=0)
    assert coverage_gaps(text, [(chunk.start, chunk.end) for chunk in chunks]) == []


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("Name\tAge\nAnn\t3\nBob\t4", "Name\tAge"),
        ("Item\t2024\t2025\nRent\t3\t4\nOil\t5\t6", "Item\t2024\t2025"),
        ("bolt1\tR1\t3\nbolt2\tR2\t4\nbolt3\tR3\t5", ""),
        ("Item\tQ1\tQ2 2024\nRent\t3\t4\nOil\t5\t6", "Item\tQ1\tQ2 2024"),
        ("2024\t2025\n1\t2\n3\t4", "2024\t2025"),
        ("Rent\t30\t40\nOil\t5\t6\nTea\t7\t8", ""),
        ("\tName\n\tAnn\n\tBob", ""),
        ("| a | b |\n|:--|--:|\n| 1 | 2 |", "| a | b |"),
    ],
)
def test_header_is_a_row_of_names(text: str, header: str) -> None:
    found = Tables(text).around(len(text) - 1)
    assert found is not None
    assert found.header == header


@pytest.mark.parametrize("text", ["a\tb\nc\td", "a | b\nc | d\n", "a\n\n---\n\nb | c\n"])
def test_less_is_no_table(text: str) -> None:
    assert Tables(text).around(len(text) - 1) is None


@pytest.mark.parametrize(
    "written",
    [
        lambda size: "\n".join(["word\t" * size] * 2) + "\nNo table.",
        lambda size: "a | b\n" + "-" * size + "x\n",
        lambda size: "a | b\n" + " " * size + "x\n",
    ],
    ids=["two wide rows", "long rule", "long blank"],
)
@pytest.mark.slow
def test_text_that_is_almost_a_table_costs_in_proportion(written: Callable[[int], str]) -> None:
    assert_proportional(lambda size: Tables(written(size)), 1_000_000)


def test_sheet_of_two_rows_may_be_as_wide_as_excel_allows() -> None:
    text = "\n".join(["\t".join(map(str, range(16_384)))] * 2)
    assert Tables(text).around(10) is None
