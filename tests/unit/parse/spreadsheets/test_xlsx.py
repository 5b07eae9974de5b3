import re
from datetime import date, datetime
from pathlib import Path
from zipfile import ZipFile

import pytest

from mirage.errors import Blank, Damaged, Encrypted
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_xlsx, make_zip
from mirage.testing.documents import SheetCell, relations

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


HEADER: list[SheetCell] = ["Name", "Number"]


def read(path: Path) -> Parsed:
    return parse(path, MediaType.XLSX)


def test_each_sheet_is_a_section_with_the_number_of_its_first_row(tmp_path: Path) -> None:
    path = make_xlsx(
        tmp_path / "a.xlsx",
        {
            "Oil & more": [["Year", "Barrels"], [1871, 40], [1872, 41.5]],
            "Empty": [],
            "Lamps": [[], [None, "Lamp", None, "Lit"], [None, "A", None, True], [None, "B"]],
        },
    )
    assert read(path).sections == (
        Section("Year\tBarrels\n1871\t40\n1872\t41.5", ("Oil & more",), line=1),
        Section("\tLamp\t\tLit\n\tA\t\tTRUE\n\tB", ("Lamps",), line=2),
    )
    assert read(path).warnings == ()


def test_cells_are_written_as_people_see_them(tmp_path: Path) -> None:
    row: list[SheetCell] = [
        date(2024, 2, 1),
        datetime(2024, 2, 1, 12, 30),  # noqa: DTZ001
        '<c s="3"><v>0.155</v></c>',
        '<c t="str"><f>A1&amp;"x"</f><v>joined</v></c>',
        '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c t="d"><v>2024-02-01</v></c>',
        "two\nlines\there",
    ]
    (section,) = read(make_xlsx(tmp_path / "a.xlsx", {"A": [row]}, formats=["0.0%"])).sections
    assert section.text == (
        "2024-02-01\t2024-02-01 12:30\t15.5%\tjoined\t#DIV/0!\t2024-02-01\ttwo lines here"
    )


def test_shared_strings_lose_their_reading_aids(tmp_path: Path) -> None:
    path = make_xlsx(
        tmp_path / "a.xlsx",
        {"A": [['<c t="s"><v>1</v></c>', '<c t="s"><v>0</v></c>', '<c t="s"><v>9</v></c>', "end"]]},
        extra={
            "xl/sharedStrings.xml": f"<sst {NAMESPACE}><si><t>plain</t></si><si><r><t>東京</t></r>"
            "<r><t>都</t></r><rPh><t>トウキョウ</t></rPh></si></sst>",
            "xl/_rels/workbook.xml.rels": "<Relationships>"
            f'<Relationship Id="rId1" Type="{RELATION}/worksheet" Target="/xl/worksheets/s1.xml"/>'
            f'<Relationship Id="s" Type="{RELATION}/sharedStrings" Target="sharedStrings.xml"/>'
            "</Relationships>",
        },
    )
    assert read(path).sections[0].text == "東京都\tplain\t\tend"


def test_long_sheet_repeats_its_header(tmp_path: Path) -> None:
    rows: list[list[SheetCell]] = [[f"n{number}", number] for number in range(2, 502)]
    sections = read(make_xlsx(tmp_path / "a.xlsx", {"A": [HEADER, *rows]})).sections
    assert [(section.line, section.text[:18]) for section in sections] == [
        (1, "Name\tNumber\nn2\t2\nn"),
        (201, "Name\tNumber\nn201\t2"),
        (401, "Name\tNumber\nn401\t4"),
    ]


def test_comments_are_read_and_what_is_not_read_is_named(tmp_path: Path) -> None:
    relations = "".join(
        f'<Relationship Id="{kind}" Type="{RELATION}/{kind}" Target="../{kind}.xml"/>'
        for kind in ("comments", "drawing")
    )
    path = make_xlsx(
        tmp_path / "a.xlsx",
        {"A": [["x", "<c><f>B1+1</f></c>", "<c><f>B1+2</f></c>"]], "B": [["y"]]},
        extra={
            "xl/worksheets/_rels/s1.xml.rels": f"<Relationships>{relations}</Relationships>",
            "xl/comments.xml": f'<comments {NAMESPACE}><commentList><comment ref="A1"><text><r><t>'
            "why?</t></r></text></comment></commentList></comments>",
            "xl/drawing.xml": '<x xmlns:a="a"><a:t>A box</a:t></x>',
            "xl/workbook.xml": f'<workbook {NAMESPACE} xmlns:r="{RELATION}"><sheets><sheet name="A"'
            ' r:id="rId1"/><sheet name="Chart" r:id="c"/><sheet name="B" state="hidden"'
            ' r:id="rId2"/></sheets></workbook>',
        },
    )
    parsed = read(path)
    assert parsed.sections == (
        Section("x", ("A",), line=1),
        Section("A1: why?", ("A", "Comments")),
        Section("y", ("B",), line=1),
    )
    assert parsed.warnings == (
        "The sheet “Chart” is not read: it holds no table.",
        "Charts or text boxes of the sheet “A” are not read.",
        "The sheet “A” has formulas without a stored result (2); open it in a spreadsheet program"
        " and save it to have them read.",
    )


def sheet(path: Path, rows: str) -> Path:
    content = f"<worksheet {NAMESPACE}><sheetData>{rows}</sheetData></worksheet>"
    return make_xlsx(path, {"A": []}, extra={"xl/worksheets/s1.xml": content})


def test_places_may_be_left_out(tmp_path: Path) -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    section = Section("1\t2\n3", ("A",), line=1)
    assert read(sheet(tmp_path / "a.xlsx", rows)).sections == (section,)


def test_far_cell_costs_no_memory(tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    rows = f'<row r="1"><c r="A1"><v>1</v></c></row>{far}'
    (section,) = read(sheet(tmp_path / "a.xlsx", rows)).sections
    assert section.text == "1\n" + "\t" * 16_383 + "2"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('<row><c r="XFD1"><v>2</v></c></row>' * 700, "its cells are too far apart"),
        ('<row><c r="ZZZ1"><v>2</v></c></row>', "its cells are too far apart"),
        ("<row><c><v>2</c></row>", "the markup of xl/worksheets/s1.xml is broken"),
        ("<row><c><is>" + "<r>" * 5000, "the markup of xl/worksheets/s1.xml is broken"),
    ],
)
@pytest.mark.slow
def test_hostile_sheets_are_refused(tmp_path: Path, rows: str, sentence: str) -> None:
    with pytest.raises(Damaged, match=re.escape(sentence)):
        read(sheet(tmp_path / "a.xlsx", rows))


@pytest.mark.parametrize("value", ["1e999", "nan", "x", "9" * 5000])
def test_odd_numbers_are_read(tmp_path: Path, value: str) -> None:
    (section,) = read(
        sheet(tmp_path / "a.xlsx", f"<row><c><v>{value}</v></c><c><v>1</v></c></row>")
    ).sections
    assert section.text.endswith("\t1")


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(Encrypted, match="The Excel workbook is protected by a password"):
        read(path)
    path.write_bytes(b"\xd0\xcf\x11\xe0" * 200)
    with pytest.raises(Damaged, match=r"old Excel workbook \(.xls\) named .xlsx"):
        read(path)
    path.write_bytes(b"PK\x03\x04 not an archive")
    with pytest.raises(Damaged, match="cannot be opened"):
        read(path)
    with pytest.raises(Damaged, match="not an Excel workbook"):
        read(make_zip(path, {"a.xlsx": b"PK\3\4"}))
    with pytest.raises(Blank):
        read(make_xlsx(path, {"A": []}))


def with_markup(
    path: Path, rows: list[list[SheetCell]], markup: str, extra: dict[str, str] | None = None
) -> Path:
    """Create a workbook whose sheet has this markup behind its rows."""
    made = make_xlsx(path, {"A": rows})
    with ZipFile(made) as archive:
        sheet = archive.read("xl/worksheets/s1.xml").decode()
    sheet = sheet.replace("</sheetData>", f"</sheetData>{markup}")
    return make_xlsx(path, {"A": rows}, extra={"xl/worksheets/s1.xml": sheet} | (extra or {}))


def with_merged(path: Path, rows: list[list[SheetCell]], *ranges: str) -> Path:
    merged = "".join(f'<mergeCell ref="{range_}"/>' for range_ in ranges)
    return with_markup(path, rows, f"<mergeCells>{merged}</mergeCells>")


def test_addresses_behind_cells_are_read(tmp_path: Path) -> None:
    links = (
        '<hyperlinks xmlns:r="urn:r"><hyperlink ref="A1" r:id="link0"/>'
        '<hyperlink r:id="link1" ref="B2:C2"/><hyperlink ref="A2" location="Sheet2!A1"/>'
        '<hyperlink ref="Z9" r:id="none"/></hyperlinks>'
    )
    targets = {
        "xl/worksheets/_rels/s1.xml.rels": relations(
            {}, ["https://pumps.example/ab", "mailto:keeper@example.org"]
        )
    }
    rows: list[list[SheetCell]] = [["the maker", "of pumps"], ["inside", "write to us"]]
    (section,) = read(with_markup(tmp_path / "a.xlsx", rows, links, targets)).sections
    assert section.text == (
        "the maker (https://pumps.example/ab)\tof pumps\ninside\twrite to us (keeper@example.org)"
    )


@pytest.mark.parametrize(
    ("rows", "ranges", "text"),
    [
        (  # A header of two levels, and a name for two rows.
            [
                ["Region", "Sales", None, "Sum"],
                [None, 2023, 2024],
                ["North", 1, 2, 3],
                [None, 4, 5, 9],
                ["South", 6, 7, 13],
            ],
            ("A1:A2", "B1:C1", "D1:D2", "A3:A4"),
            "Region\tSales\tSales\tSum\nRegion\t2023\t2024\tSum\nNorth\t1\t2\t3\nNorth\t4\t5\t9\n"
            "South\t6\t7\t13",
        ),
        (  # Cells that are wide for looks.
            [["Buyer", None, "Anna"], ["Oil", None, 5], ["Sum", None, 5]],
            ("A1:B1", "A2:B2", "C1:F1", "A3:B3"),
            "Buyer\t\tAnna\nOil\t\t5\nSum\t\t5",
        ),
        (  # A passage is not repeated, nor a row that has nothing of its own.
            [["x" * 61, 1], [None, 2], ["Oil", 3], [], [None, 4]],
            ("A1:A2", "A3:A5"),
            f"{'x' * 61}\t1\n\t2\nOil\t3\nOil\t4",
        ),
        ([["a", 1], [None, 2]], ("A1:A2", "B1:ZZZ9999999", "B2:A1", "X"), "a\t1\na\t2"),
    ],
)
def test_merged_cells_are_repeated_where_they_reach(
    tmp_path: Path, rows: list[list[SheetCell]], ranges: tuple[str, ...], text: str
) -> None:
    (section,) = read(with_merged(tmp_path / "a.xlsx", rows, *ranges)).sections
    assert section.text == text


@pytest.mark.slow
def test_merged_cells_of_a_hostile_sheet_are_bounded(tmp_path: Path) -> None:
    below: list[SheetCell] = [None, "b"]
    rows: list[list[SheetCell]] = [["a"] * 200, *[below] * 20_000]
    ranges = [f"{column}1:{column}1048576" for column in ("A", "C", "CV", "GR")] * 30_000
    sections = read(with_merged(tmp_path / "a.xlsx", rows, *ranges)).sections
    assert sum(len(section.text) for section in sections) < 5_000_000
