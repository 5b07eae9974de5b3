"""Automatic numbers of Word stand in the text, as Word shows them."""

from pathlib import Path

import pytest

from mirage.model import MediaType, Parsed
from mirage.parse import parse
from mirage.testing import make_docx

STYLES = """
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/>
 <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/>
 <w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Derived"><w:name w:val="Own"/>
 <w:basedOn w:val="H2"/></w:style>
<w:style w:type="numbering" w:styleId="Outline"><w:name w:val="Outline"/>
 <w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
"""


def level(at: int, text: str, format_: str = "decimal", more: str = "", start: int = 1) -> str:
    return (
        f'<w:lvl w:ilvl="{at}"><w:start w:val="{start}"/><w:numFmt w:val="{format_}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(identity: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{identity}">{"".join(levels)}</w:abstractNum>'


def num(identity: int, of: int, more: str = "") -> str:
    return f'<w:num w:numId="{identity}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


LEGAL = abstract(
    0,
    level(0, "%1.", more='<w:pStyle w:val="H1"/>'),
    level(1, "%1.%2", more='<w:pStyle w:val="H2"/>'),
    level(2, "(%3)", "lowerLetter"),
)


def item(text: str, at: int = 0, of: int = 1) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="{at}"/><w:numId w:val="{of}"/></w:numPr>'
    run = f"<w:r><w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p><w:pPr>{numbering}</w:pPr>{run}</w:p>"


def styled(text: str, style: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'


def read(folder: Path, body: str, numbering: str) -> Parsed:
    path = make_docx(folder / "a.docx", body, styles=STYLES, related={"numbering": numbering})
    return parse(path, MediaType.DOCX)


def lines(folder: Path, body: str, numbering: str) -> list[str]:
    (section,) = read(folder, body, numbering).sections
    return section.text.splitlines()


def test_clauses_have_their_numbers(tmp_path: Path) -> None:
    body = (
        item("Lease")
        + item("The flat", 1)
        + item("The rent", 1)
        + item("Late rent", 2)
        + item("Reminders", 2)
        + item("Repairs")
        + item("Small", 1)
        + item("Tools", 2)
    )
    assert lines(tmp_path, body, LEGAL + num(1, 0)) == [
        "1. Lease",
        "1.1 The flat",
        "1.2 The rent",
        "(a) Late rent",
        "(b) Reminders",
        "2. Repairs",
        "2.1 Small",
        "(a) Tools",
    ]


def test_numbered_headings_carry_their_number_into_the_path(tmp_path: Path) -> None:
    body = (
        styled("Term", "H1")
        + styled("Two years.", "")
        + styled("Payment", "H1")
        + styled("Fees", "H2")
        + styled("Monthly.", "")
        + styled("Late fees", "Derived")
        + styled("None.", "")
    )
    parsed = read(tmp_path, body, LEGAL + num(1, 0))
    assert parsed.title == "Term"
    assert [section.heading_path for section in parsed.sections] == [
        ("1. Term",),
        ("2. Payment", "2.1 Fees"),
        ("2. Payment", "2.2 Late fees"),
    ]


@pytest.mark.parametrize(
    ("more", "second"),
    [
        ("", "3."),
        ('<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride>', "7."),
        (
            f'<w:lvlOverride w:ilvl="0">{level(0, "Art. %1", "upperRoman")}</w:lvlOverride>',
            "Art. III",
        ),
    ],
)
def test_lists_of_one_kind_go_on_unless_they_say_otherwise(
    tmp_path: Path, more: str, second: str
) -> None:
    body = item("a") + item("b") + item("c", of=2)
    assert lines(tmp_path, body, LEGAL + num(1, 0) + num(2, 0, more)) == [
        "1. a",
        "2. b",
        f"{second} c",
    ]


@pytest.mark.parametrize(
    ("restart", "last"),
    [("", "1.1"), ('<w:lvlRestart w:val="0"/>', "1.2"), ('<w:lvlRestart w:val="1"/>', "1.1")],
)
def test_lower_level_starts_again_below_the_next_higher_one(
    tmp_path: Path, restart: str, last: str
) -> None:
    numbering = abstract(0, level(0, "%1."), level(1, "1.%2", more=restart)) + num(1, 0)
    body = item("a") + item("b", 1) + item("c") + item("d", 1)
    assert lines(tmp_path, body, numbering)[-1] == f"{last} d"


def test_level_that_restarts_below_a_higher_one_goes_on_below_others(tmp_path: Path) -> None:
    restart = '<w:lvlRestart w:val="1"/>'
    numbering = (
        abstract(0, level(0, "%1."), level(1, "%1.%2"), level(2, "Note %3", more=restart))
        + num(1, 0)
    )  # fmt: skip
    body = item("a") + item("b", 1) + item("c", 2) + item("d", 1) + item("e", 2) + item("f")
    assert lines(tmp_path, body + item("g", 2), numbering) == [
        "1. a",
        "1.1 b",
        "Note 1 c",
        "1.2 d",
        "Note 2 e",
        "2. f",
        "Note 1 g",
    ]


def test_level_without_one_above_begins_below_its_start(tmp_path: Path) -> None:
    numbering = abstract(0, level(0, "%1.", start=4), level(1, "%1.%2")) + num(1, 0)
    assert lines(tmp_path, item("a", 1) + item("b", 1), numbering) == ["4.1 a", "4.2 b"]


def test_legal_numbers_are_decimal_at_every_level(tmp_path: Path) -> None:
    numbering = abstract(
        0, level(0, "%1.", "upperRoman"), level(1, "%1.%2", more="<w:isLgl/>")
    ) + num(1, 0)
    body = item("a") + item("b", 1)
    assert lines(tmp_path, body, numbering) == ["I. a", "1.1 b"]


def test_bullets_levels_without_number_and_empty_paragraphs(tmp_path: Path) -> None:
    numbering = abstract(
        0, level(0, "%1)"), level(1, "\uf0b7", "bullet"), level(2, "", "none")
    ) + num(1, 0)
    body = item("a") + item("b", 1) + item("c", 2) + item("") + item("d")
    assert lines(tmp_path, body, numbering) == ["1) a", "  - b", "", "c", "", "3) d"]


def test_list_takes_its_levels_from_a_numbering_style(tmp_path: Path) -> None:
    linked = '<w:abstractNum w:abstractNumId="5"><w:numStyleLink w:val="Outline"/></w:abstractNum>'
    numbering = LEGAL + linked + num(1, 0) + num(2, 5)
    assert lines(tmp_path, item("a", of=2) + item("b", 1, of=2), numbering) == ["1. a", "1.1 b"]


def test_cell_may_be_an_automatic_number_alone(tmp_path: Path) -> None:
    row = "<w:tr><w:tc>{}</w:tc><w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc></w:tr>"
    body = "<w:tbl>" + row.format(item(""), "oil") + row.format(item(""), "wick") + "</w:tbl>"
    assert lines(tmp_path, body, LEGAL + num(1, 0)) == ["1.\toil", "2.\twick"]


def test_numbers_beyond_reason_are_bounded(tmp_path: Path) -> None:
    huge = level(0, "%1." * 500, start=10**30)
    (line,) = lines(tmp_path, item("a", at=99), abstract(0, huge, level(8, "%9.")) + num(1, 0))
    assert line == "1. a"
    (line,) = lines(tmp_path, item("a"), abstract(0, huge) + num(1, 0))
    assert len(line) < 300


def test_blank_bullet_begins_no_item_and_a_check_box_is_kept(tmp_path: Path) -> None:
    bullets = [abstract(at, level(0, sign, "bullet")) for at, sign in enumerate(" •☐☒")]
    numbering = "".join([*bullets, *(num(at + 1, at) for at in range(4))])
    body = item("Goes on.", of=1) + item("An item", of=2) + item("Open", of=3) + item("Done", of=4)
    (section,) = read(tmp_path, body, numbering).sections
    assert section.text == "Goes on.\n\n- An item\n☐ Open\n☒ Done"
