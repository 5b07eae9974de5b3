from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged, Encrypted
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_ods, make_zip


def read(path: Path) -> Parsed:
    return parse(path, MediaType.ODS)


def cell(text: str, attributes: str = "") -> str:
    return f"<table:table-cell {attributes}><text:p>{text}</text:p></table:table-cell>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


EMPTY = '<table:table-cell table:number-columns-repeated="2"/>'


GAP = row(attributes='table:number-rows-repeated="3"')


def test_each_sheet_is_a_section_of_what_its_cells_show(tmp_path: Path) -> None:
    last = row(attributes='table:number-rows-repeated="1048000"')
    first = (
        f"<table:table-header-rows>{row(cell('Год'), EMPTY, cell('Доля'))}"
        f"</table:table-header-rows>{GAP}"
        + row(cell("1871"), EMPTY, cell("15,5 %", 'office:value="0.155"'))
        + row(cell("a<text:s text:c='3'/>b<text:line-break/>c"), '<table:covered-table-cell/>')
        + last
    )  # fmt: skip
    path = make_ods(tmp_path / "a.ods", {"Oil": first, "None": "", "Two": row(cell("x"))})
    parsed = read(path)
    assert parsed.sections == (
        Section("Год\t\t\tДоля\n1871\t\t\t15,5 %\na b c\t", ("Oil",), line=1),
        Section("x", ("Two",), line=1),
    )
    assert parsed.warnings == ()


def test_repeated_cells_and_rows_keep_their_places(tmp_path: Path) -> None:
    rows = row(cell("Name"), cell("Number")) + row(
        cell("x", 'table:number-columns-repeated="2"'),
        attributes='table:number-rows-repeated="250"',
    )
    first, second = read(make_ods(tmp_path / "a.ods", {"A": rows + row(cell("end"))})).sections
    assert first.text.startswith("Name\tNumber\nx\tx\nx\tx")
    assert (second.line, second.text[:14]) == (201, "Name\tNumber\nx\t")
    assert second.text.endswith("\nend\t")


def test_values_without_words_comments_and_drawings(tmp_path: Path) -> None:
    rows = row(
        '<table:table-cell office:value="12.5"/>',
        "<table:table-cell><office:annotation><text:p>why?</text:p></office:annotation>"
        "<text:p>x</text:p><draw:frame><draw:text-box><text:p>box</text:p></draw:text-box>"
        '</draw:frame></table:table-cell><table:table-cell table:formula="of:=1"/>',
    )
    parsed = read(make_ods(tmp_path / "a.ods", {"A": rows}))
    assert parsed.sections == (
        Section("12.5\tx", ("A",), line=1),
        Section("Row 1: why?", ("A", "Comments")),
    )
    assert parsed.warnings == (
        "Charts or text boxes of the sheet “A” are not read.",
        "The sheet “A” has formulas without a stored result (1); open it in a spreadsheet program"
        " and save it to have them read.",
    )


@pytest.mark.slow
def test_repetition_is_bounded(tmp_path: Path) -> None:
    many = row(cell("x"), attributes='table:number-rows-repeated="999999999"')
    sections = read(make_ods(tmp_path / "a.ods", {"A": many * 50})).sections
    assert sum(section.text.count("x") for section in sections) == 10_049
    wide = row(cell("x", 'table:number-columns-repeated="16384"'))
    with pytest.raises(Damaged, match="too far apart"):
        read(make_ods(tmp_path / "a.ods", {"A": wide * 700}))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    with pytest.raises(Damaged, match="has no content"):
        read(make_zip(path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}))
    with pytest.raises(Damaged, match=r"markup of content\.xml is broken"):
        read(make_ods(path, {"A": "<table:table-row>"}))
    with pytest.raises(Blank):
        read(make_ods(path, {"A": row(EMPTY)}))
    manifest = {"META-INF/manifest.xml": "<m><encryption-data/></m>"}
    with pytest.raises(Encrypted):
        read(make_ods(path, {"A": row(cell("x"))}, extra=manifest))


def test_merged_cells_are_repeated_where_they_reach(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell/>"
    rows = (
        row(
            cell("Region", 'table:number-rows-spanned="2"'),
            cell("Sales", 'table:number-columns-spanned="2"'),
            covered,
        )
        + row(covered, cell("2023"), cell("2024"))
        + row(cell("North", 'table:number-rows-spanned="2"'), cell("1"), cell("2"))
        + row(covered, cell("4"), cell("5"))
    )
    (section,) = read(make_ods(tmp_path / "a.ods", {"A": rows})).sections
    assert section.text == ("Region\tSales\tSales\nRegion\t2023\t2024\nNorth\t1\t2\nNorth\t4\t5")
