from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse


def read(folder: Path, content: str | bytes) -> Parsed:
    path = folder / "a.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return parse(path, MediaType.CSV)


def text(folder: Path, content: str | bytes) -> str:
    return "\n---\n".join(section.text for section in read(folder, content).sections)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("Name,Age\nAnna,31\n", "Name\tAge\nAnna\t31"),
        ("Name;Preis\nÖl;1,50\nSalz;0,99\n", "Name\tPreis\nÖl\t1,50\nSalz\t0,99"),
        ("1,5;2,5;3,5\n1,0;2,0;3,0\n", "1,5\t2,5\t3,5\n1,0\t2,0\t3,0"),
        ("1,2,3\n4,5,6\n", "1\t2\t3\n4\t5\t6"),
        ("Name\tSaid\nAnna\tYes, I do; no.\n", "Name\tSaid\nAnna\tYes, I do; no."),
        ("a|b, c|d\ne|f, g|h\n", "a\tb, c\td\ne\tf, g\th"),
        (
            'Place,At\nOslo,"59.9;10.7"\nBonn,"50.7;7.1"\n',
            "Place\tAt\nOslo\t59.9;10.7\nBonn\t50.7;7.1",
        ),
        ("sep=|\na,b|c\n", "a,b\tc"),
        ("one\ntwo, with a comma\nthree\n", "one\ntwo, with a comma\nthree"),
        ("A;B\n\n\n1;2\n", "A\tB\n1\t2"),
        ("A,B,C\n1,,3\n,,\n,2,\n", "A\tB\tC\n1\t\t3\n\t2"),
        ("A,B\nonly,\n1,2\n", "A\tB\nonly\t\n1\t2"),
    ],
)
def test_separator_is_guessed(tmp_path: Path, content: str, expected: str) -> None:
    assert text(tmp_path, content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('A,B\n"x, y","say ""yes"""\n', 'A\tB\nx, y\tsay "yes"'),
        ('A;B\n"one\r\ntwo\n\nthree";2\n', "A\tB\none two three\t2"),
        ('A, B\n1, "x, y"\n', "A\tB\n1\tx, y"),
        ('Pipe;Size\nshort;5" wide\nlong;7"\n', 'Pipe\tSize\nshort\t5" wide\nlong\t7"'),
    ],
)
def test_quotes_hold_a_cell_together(tmp_path: Path, content: str, expected: str) -> None:
    assert text(tmp_path, content) == expected
    assert read(tmp_path, content).warnings == ()


def test_quote_that_is_not_closed_takes_no_rows(tmp_path: Path) -> None:
    parsed = read(tmp_path, 'A,B\n"open,1\nx,2\ny,3\n')
    assert parsed.sections == (Section('A\tB\n"open\t1\nx\t2\ny\t3', line=1),)
    assert parsed.warnings == (
        "A quotation mark is not closed, so the quotation marks of the table are read as plain"
        " text.",
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_encoding_is_guessed(tmp_path: Path, encoding: str) -> None:
    content = "Город;Жители\nМосква;13010112\nНижний Новгород;1228199\n"
    assert text(tmp_path, content.encode(encoding)) == content.replace(";", "\t").strip()


def test_long_table_repeats_its_header_and_tells_the_row(tmp_path: Path) -> None:
    rows = "".join(f"n{number},{number}\n" for number in range(2, 502))
    sections = read(tmp_path, f"Name,Number\n{rows}").sections
    assert [section.line for section in sections] == [1, 201, 401]
    assert [section.text.split("\n")[:2] for section in sections] == [
        ["Name\tNumber", "n2\t2"],
        ["Name\tNumber", "n201\t201"],
        ["Name\tNumber", "n401\t401"],
    ]
    assert sections[-1].text.endswith("n501\t501")


def test_row_of_numbers_is_no_header(tmp_path: Path) -> None:
    sections = read(tmp_path, "".join(f"Anna,{number}\n" for number in range(300))).sections
    assert [section.text.split("\n")[0] for section in sections] == ["Anna\t0", "Anna\t200"]


def test_lines_before_the_table_are_no_header(tmp_path: Path) -> None:
    before = "Konto;DE02 1203\nInhaber;Anna\n\n"
    rows = "".join(f"01.02.2024;Miete;-{number},00\n" for number in range(250))
    about, first, second = read(tmp_path, f"{before}Tag;Zweck;Betrag\n{rows}").sections
    assert about == Section("Konto\tDE02 1203\nInhaber\tAnna", line=1)
    assert first.text.startswith("Tag\tZweck\tBetrag\n01.02.2024\tMiete\t-0,00")
    assert second.text.startswith("Tag\tZweck\tBetrag\n01.02.2024\tMiete\t-199,00")
    assert (first.line, second.line) == (4, 204)


def test_second_table_has_its_own_header(tmp_path: Path) -> None:
    rows = "".join(f"n{number},{number}\n" for number in range(250))
    sections = read(tmp_path, f"Name,Number\nx,1\n\nTown,People\n{rows}").sections
    assert [(section.text.split("\n")[0], section.line) for section in sections] == [
        ("Name\tNumber", 1),
        ("Town\tPeople", 4),
        ("Town\tPeople", 204),
    ]


def test_huge_cells_and_headers_are_not_multiplied(tmp_path: Path) -> None:
    header = f"{'a' * 300_000},{'b' * 300_000}\n"
    rows = "".join(f"n{number},{number}\n" for number in range(900))
    parsed = read(tmp_path, header + rows)
    assert sum(len(section.text) for section in parsed.sections) < len(header + rows)
    assert "n899\t899" in parsed.sections[-1].text


def test_table_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Blank):
        read(tmp_path, ',,\n"", ,\n\n' * 3)
    with pytest.raises(Damaged, match="binary data"):
        read(tmp_path, bytes(range(256)) * 40)
