"""What is read of RTF documents as Word, LibreOffice and older programs write them."""

from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged, NoText
from mirage.model import Parsed
from mirage.parse.rtf import parse

HEAD = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset2 Symbol;}"
    rb"{\f2\fcharset204 Arial;}{\f3\fcharset128 Gothic;}{\f4 Arial CYR;}}"
    rb"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Kop;}{\s2 heading 2;}{\s3 Title;}"
    rb"{\*\cs9 \outlinelevel0 Sign;}}"
)


def read(tmp_path: Path, body: bytes, *, head: bytes = HEAD, end: bytes = b"}") -> Parsed:
    path = tmp_path / "document.rtf"
    path.write_bytes(head + body + end)
    return parse(path)


def text_of(tmp_path: Path, body: bytes, *, head: bytes = HEAD) -> str:
    return "\n\n".join(section.text for section in read(tmp_path, body, head=head).sections)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb"caf\'e9", "café"),
        (rb"\f2 \'cf\'eb\'e0\'f2\'e5\'e6", "Платеж"),
        (rb"\f4 \'cf\'eb\'e0\'f2\'e5\'e6", "Платеж"),
        (rb"\f3 \'93\'fa\'96\'7b", "日本"),  # The last byte is a brace.
        (rb"\f1 \'61\'62", "αβ"),
        (rb"\f1\u-3999 ?", "α"),
        (rb"\u1055?\u1083\'eb", "Пл"),
        (rb"\uc2\u1055\'93\'fa!", "П!"),
        (rb"\uc0\u1055\u1083 x", "Плx"),
        (rb"\u8212\emdash x", "—x"),
        (rb"\u1055\par x", "П\n\nx"),
        (rb"\u-10179?\u-8704?", "😀"),
        (rb"\u-10179?x", "x"),
        (rb"a\~b\-c\_d\{e\}\\f", "a bc-d{e}\\f"),
        (b"a\r\nb\\tab c\\line d", "ab\tc\nd"),
        (rb"{\upr{ansi}{\*\ud{wide}}}", "wide"),
        (b"a\\\nb", "a\n\nb"),
        (rb"a{\*\unknown x{y}}b{\v z}c{\deleted q}d", "abcd"),
        (rb"a{\xe index}{\*\bkmkstart b}c", "ac"),
        (rb"\bin3 }}}a", "a"),
        (rb"10{\super 6} m{\up6 2} CO{\sub 2} x{\nosupersub 3}", "10⁶ m² CO₂ x3"),
        (rb"{\strike old} new {\strike0 same}", "~~old~~ new same"),
    ],
)
def test_characters(tmp_path: Path, body: bytes, text: str) -> None:
    assert text_of(tmp_path, body) == text


@pytest.mark.parametrize("declared", [rb"{\rtf1\ansi", rb"{\rtf1\ansi\ansicpg1251", rb"{\rtf"])
def test_encoding_is_the_declared_one_or_what_the_letters_suggest(
    tmp_path: Path, declared: bytes
) -> None:
    sentence = "Насос работает без воды не более тридцати секунд. Код АБ-1234."
    escaped = "".join(
        f"\\'{code:02x}" if code >= 0x80 else chr(code) for code in sentence.encode("cp1251")
    )
    assert text_of(tmp_path, b" " + escaped.encode(), head=declared) == sentence
    assert text_of(tmp_path, b" " + sentence.encode("cp1251"), head=declared) == sentence


def test_headings_make_sections(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        rb"\pard\s3 Manual\par\pard\s1 {\listtext\pard\plain 1.\tab}Pump\par\pard text\par"
        rb"\pard\s2 Limits\par\pard\plain more\par\pard\outlinelevel0 Valve\par\pard\cs9 end\par",
    )
    assert [(section.heading_path, section.text) for section in parsed.sections] == [
        ((), "Manual"),
        (("1. Pump",), "1. Pump\n\ntext"),
        (("1. Pump", "Limits"), "Limits\n\nmore"),
        (("Valve",), "Valve\n\nend"),
    ]
    assert parsed.title == "Manual"


def test_title_is_that_of_the_properties(tmp_path: Path) -> None:
    info = rb"{\info{\title \'c9t\'e9}{\author Anna}{\*\company X}{\doccomm secret}}"
    parsed = read(tmp_path, info + rb"\s1 Pump\par text")
    assert parsed.title == "Été"
    assert [section.text for section in parsed.sections] == ["Pump\n\ntext"]


def test_lists_have_numbers_and_bullets(tmp_path: Path) -> None:
    text = text_of(
        tmp_path,
        rb"{\listtext\pard\plain a)\tab}\pard\ilvl0 first\par"
        rb"{\listtext\pard\plain\f1 \'b7\tab}\pard\ilvl1 deeper\par"
        rb"\pard{\pntext\f1\'b7\tab}{\*\pn\pnlvlblt{\pntxtb\'b7}}old\par\pard after",
    )
    assert text == "a) first\n  - deeper\n- old\n\nafter"


def test_notes_follow_their_paragraph(tmp_path: Path) -> None:
    text = text_of(
        tmp_path,
        rb"Run{\super\chftn{\footnote\pard\plain\chftn  At most 30 s.}} dry"
        rb"{\deleted x{\footnote gone}}{\footnote\ftnalt Twice}.\par next",
    )
    assert text == "Run[1] dry[2].\n\n[1] At most 30 s.\n\n[2] Twice\n\nnext"


def test_links_have_addresses(tmp_path: Path) -> None:
    text = text_of(
        tmp_path,
        rb'See {\field{\*\fldinst{HYPERLINK "https://example.com/pump"}}{\fldrslt{\ul here}}} and'
        rb' {\field{\*\fldinst HYPERLINK \\l "mark"}{\fldrslt there}} page'
        rb" {\field{\*\fldinst PAGE}{\fldrslt 7}}.",
    )
    assert text == "See here (https://example.com/pump) and there page 7."


def test_tables_keep_their_columns(tmp_path: Path) -> None:
    text = text_of(
        tmp_path,
        rb"before\par\trowd\cellx1000\cellx3000\pard\intbl Item\cell Price\cell\row"
        rb"\trowd\clvmgf\cellx1000\cellx2000\cellx3010\intbl Pump\par\cell 1\cell 2\cell\row"
        rb"\trowd\clvmrg\cellx1000\cellx2000\cellx3000\intbl\cell\cell 4{\footnote net}\cell\row"
        rb"\pard after",
    )
    assert text == ("before\n\nItem\tPrice\tPrice\nPump\t1\t2\nPump\t\t4[1]\n\n[1] net\n\nafter")


def test_table_of_one_column_is_text(tmp_path: Path) -> None:
    text = text_of(tmp_path, rb"\trowd\cellx9000\intbl one\par two\cell\row\pard after")
    assert text == "one\n\ntwo\n\nafter"


def test_table_that_never_ends_is_kept(tmp_path: Path) -> None:
    assert text_of(tmp_path, rb"\trowd\cellx1\cellx2\intbl a\cell b") == "a\tb"


def test_boxes_and_descriptions_stand_at_their_paragraph(tmp_path: Path) -> None:
    text = text_of(
        tmp_path,
        rb"Figure {\shp{\*\shpinst\shpleft1{\sp{\sn wzDescription}{\sv A pump}}{\sp{\sn x}{\sv 1}}"
        rb"{\shptxt\pard in the box\par}}{\shprslt{\*\do{\dptxbxtext in the box}}}}.\par next",
    )
    assert text == "Figure [A pump].\n\nin the box\n\nnext"


def test_margins_and_comments_are_sections(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        rb"{\header Pump GmbH\par}{\headerf Pump GmbH\par}{\footer 7}"
        rb"{\*\atnid AB}{\*\atnauthor Anna}\chatn{\*\annotation{\*\atndate 1}Really?\par}Text",
    )
    assert [(section.heading_path, section.text) for section in parsed.sections] == [
        ((), "Text"),
        (("Page header",), "Pump GmbH"),
        (("Comments",), "Anna: Really?"),
    ]


def test_formula_is_written_on_a_line(tmp_path: Path) -> None:
    body = rb"{\mmath{\*\moMath{\mf{\mfPr x}{\mnum{\mr 1}}{\mden{\mr 2}}}}{\mmathPict pic}}"
    assert text_of(tmp_path, body) == "1/2"


def test_file_that_ends_early_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    parsed = read(tmp_path, rb"{\b text", end=b"")
    assert parsed.sections[0].text == "text"
    assert parsed.warnings == (
        "The file ends in the middle of the document, so that the rest of its text is missing.",
    )
    assert read(tmp_path, b"text").warnings == ()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"plain text", Damaged),
        (rb"{\rtf1 {\pict 00ff}}", NoText),
        (rb"{\rtf1 \par }", Blank),
        (rb"{\rtf1 " + b"{" * 100_000, Damaged),
    ],
)
def test_unreadable(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        read(tmp_path, b"", head=content, end=b"")
    assert raised.type is error


@pytest.mark.parametrize(
    "body",
    [
        rb"\cell\row\nestcell\cellx-5\s-1\f-1\u99999999 \uc-1 x",
        rb"{\fldrslt x}{\sv x}{\*\annotation x}{\footnote x",
        rb"\trowd" + rb"\cellx1" * 5000 + rb"\intbl x\cell y\cell\row",
        rb"\bin-5 x\bin99999999 y",
        rb"{\fonttbl x}}}}}\'zz\'",
        b"\\" * 5 + b"\x00\xff x",
    ],
)
def test_broken_control_words_lose_no_text(tmp_path: Path, body: bytes) -> None:
    assert "x" in text_of(tmp_path, b"x " + body)
