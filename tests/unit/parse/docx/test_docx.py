from pathlib import Path

import pytest

from mirage.errors import Damaged, Encrypted, NoText, UnsafeArchive
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_docx, make_zip
from tests.cost import assert_proportional

STYLES = """
<w:style w:type="paragraph" w:default="1" w:styleId="Standard"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/>
 <w:basedOn w:val="berschrift1"/></w:style>
<w:style w:type="paragraph" w:styleId="Zwei"><w:name w:val="Abschnitt"/>
 <w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Fremd"><w:name w:val="heading 3"/>
 <w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Liste"><w:name w:val="List Bullet"/>
 <w:pPr><w:numPr><w:numId w:val="4"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="character" w:styleId="Up"><w:name w:val="Up"/>
 <w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="A"><w:basedOn w:val="B"/></w:style>
<w:style w:type="paragraph" w:styleId="B"><w:basedOn w:val="A"/></w:style>
"""
NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RAISED, LOWERED = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
SYMBOL = '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100


def p(text: str, style: str = "", properties: str = "") -> str:
    """A paragraph; what begins with `<` is markup already."""
    if style:
        properties = f'<w:pStyle w:val="{style}"/>{properties}'
    return f"<w:p><w:pPr>{properties}</w:pPr>{text if text[:1] == '<' else r(text)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def read(folder: Path, body: str, **parts: object) -> Parsed:
    path = make_docx(folder / "a.docx", body, styles=STYLES, **parts)  # type: ignore[arg-type]
    return parse(path, MediaType.DOCX)


def text_of(folder: Path, body: str, **parts: object) -> str:
    (section,) = read(folder, body, **parts).sections
    return section.text


def test_sections_follow_the_heading_styles_whatever_they_are_called(tmp_path: Path) -> None:
    body = (
        p("Before.")
        + p("Wale", "berschrift1")
        + p("They sing.", "Fremd")
        + p("Öl", "Zwei")
        + p("It burns.", "A")
        + p("Ende", "Kapitel")
        + p("Direct", properties='<w:outlineLvl w:val="1"/>')
        + p("Over.", "Unknown")
    )
    assert read(tmp_path, body).sections == (
        Section("Before."),
        Section("Wale\n\nThey sing.", ("Wale",)),
        Section("Öl\n\nIt burns.", ("Wale", "Öl")),
        Section("Ende\n\nDirect\n\nOver.", ("Ende", "Direct")),
    )


def test_heading_styles_are_known_by_their_id_without_a_table_of_styles(tmp_path: Path) -> None:
    body = p("One", "Heading1") + p("Two", "heading 2") + p("Text.")
    path = make_docx(tmp_path / "a.docx", body)
    assert parse(path, MediaType.DOCX).sections[0].heading_path == ("One", "Two")


@pytest.mark.slow
def test_styles_based_on_each_other_take_time_in_proportion_to_their_number(
    tmp_path: Path,
) -> None:
    def make(count: int) -> Path:
        styles = "".join(
            f'<w:style w:type="paragraph" w:styleId="s{at}"><w:basedOn w:val="s{at + 1}"/>'
            "</w:style>"
            for at in range(count)
        )
        return make_docx(tmp_path / f"{count}.docx", p("x", "s0") * count, styles=styles)

    paths = {count: make(count) for count in (1000, 4000)}

    def work(count: int) -> None:
        (section,) = parse(paths[count], MediaType.DOCX).sections
        assert section.text == "\n\n".join("x" * count)

    assert_proportional(work, 4000)


@pytest.mark.parametrize(
    ("title", "body", "expected"),
    [
        ("The &  Whale", p("Cover", "Titel") + p("Text."), "The & Whale"),
        ("", p("One", "berschrift1") + p("Cover", "Titel") + p("Text."), "Cover"),
        ("", p("One", "berschrift1") + p("Text."), "One"),
        ("", p("Text."), None),
    ],
)
def test_title_is_that_of_the_properties_or_the_cover(
    tmp_path: Path, title: str, body: str, expected: str | None
) -> None:
    assert read(tmp_path, body, title=title).title == expected


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>"), "a\tb\nc"),
        (p(r("re") + "<w:r><w:noBreakHyphen/><w:softHyphen/></w:r>" + r("do")), "re-do"),
        (p('<w:hyperlink r:id="x" xmlns:r="urn:r">' + r("a link") + "</w:hyperlink>"), "a link"),
        (p("<w:sdt><w:sdtContent>" + r("control") + "</w:sdtContent></w:sdt>"), "control"),
        ("<w:sdt><w:sdtContent>" + p("block") + "</w:sdtContent></w:sdt>", "block"),
        (p(r("seen") + r(" unseen", "<w:vanish/>") + r("!", '<w:vanish w:val="0"/>')), "seen!"),
        (p("<w:r><w:instrText>PAGE</w:instrText></w:r>" + r("7")), "7"),
        (p('<w:r><w:sym w:char="2603"/><w:sym w:char="F0B7"/></w:r>'), "☃"),
        (p('<w:r><w:sym w:font="Symbol" w:char="F062"/><w:t>-carotene</w:t></w:r>'), "β-carotene"),
        (p('<w:r><w:sym w:font="Symbol" w:char="00A3"/></w:r>'), "≤"),
        (p('<w:r><w:sym w:font="Symbol" w:char="F0FE"/></w:r>'), "⎭"),
        (p('<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>'), "☑"),
        (
            p(
                "<w:r><w:ruby><w:rt>" + r("やま") + "</w:rt>"
                "<w:rubyBase>" + r("山") + "</w:rubyBase></w:ruby></w:r>"
            ),
            "山(やま)",
        ),
        (
            p(
                '<m:oMath xmlns:m="urn:m"><m:r><m:t>x</m:t></m:r></m:oMath>' + r(" = 1"),
            ),
            "x = 1",
        ),
    ],
)
def test_text_of_a_paragraph(tmp_path: Path, body: str, text: str) -> None:
    assert text_of(tmp_path, body) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (p("<w:del><w:r><w:delText>old</w:delText></w:r></w:del>" + r("kept")), "kept"),
        (p("<w:del>" + r("old") + "</w:del><w:ins>" + r("new") + "</w:ins>"), "new"),
        (
            "<w:moveFrom>" + p("there") + "</w:moveFrom><w:moveTo>" + p("here") + "</w:moveTo>",
            "here",
        ),
        (p("joi", properties="<w:rPr><w:del/></w:rPr>") + p("ned"), "joined"),
        (p("last", properties="<w:rPr><w:del/></w:rPr>"), "last"),
        (
            "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>" + p("row") + "</w:tc></w:tr></w:tbl>"
            "" + p("after"),
            "after",
        ),
    ],
)
def test_tracked_changes_are_read_as_accepted(tmp_path: Path, body: str, text: str) -> None:
    assert text_of(tmp_path, body) == text


def test_lists_have_bullets_and_stand_together(tmp_path: Path) -> None:
    below = '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="7"/></w:numPr>'
    none = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    body = (
        p("Oils:")
        + p("whale", "Liste")
        + p("sperm", properties=below)
        + p("seal", "Liste")
        + p("None.", "Liste", none)
    )
    assert text_of(tmp_path, body) == "Oils:\n\n- whale\n  - sperm\n- seal\n\nNone."


def test_tables_are_text_in_their_place(tmp_path: Path) -> None:
    rows = [("Oil", "<w:p/>", "Price"), ("whale", p("very") + p("bright"), "3")]
    table = "".join(
        "<w:tr>" + "".join(f"<w:tc>{c if c[0] == '<' else p(c)}</w:tc>" for c in row) + "</w:tr>"
        for row in rows
    )
    body = p("Before.") + f"<w:tbl><w:tblPr/>{table}</w:tbl>" + p("After.")
    assert text_of(tmp_path, body) == ("Before.\n\nOil\t\tPrice\nwhale\tvery bright\t3\n\nAfter.")


def test_table_that_lays_out_a_page_keeps_headings_and_paragraphs(tmp_path: Path) -> None:
    cell = p("One", "berschrift1") + p("Text.") + p("More.")
    body = f"<w:tbl><w:tr><w:tc>{cell}</w:tc><w:tc>{p('Side.')}</w:tc></w:tr></w:tbl>"
    assert read(tmp_path, body).sections == (Section("One\n\nText.\n\nMore.\n\nSide.", ("One",)),)


def test_notes_stand_behind_what_refers_to_them(tmp_path: Path) -> None:
    mark = '<w:r><w:footnoteReference w:id="{}"/></w:r>'.format
    body = (
        p(r("Head") + mark(2), "berschrift1")
        + p(r("Known") + mark(3) + r(" since 1820") + mark(2) + r("."))
        + p("End.")
    )
    notes = {"2": p(r("See there.") + mark(3)), "3": p("Perhaps."), "9": p("Never referred to.")}
    assert read(tmp_path, body, footnotes=notes).sections == (
        Section(
            "Head[1]\n\n[1] See there.\n\nKnown[2] since 1820[1].\n\n[2] Perhaps.\n\nEnd.",
            ("Head",),
        ),
    )


def test_footnotes_and_endnotes_have_different_numbers(tmp_path: Path) -> None:
    body = p(r("A") + "<w:r><w:footnoteReference w:id='1'/></w:r>") + p(
        r("B") + "<w:r><w:endnoteReference w:id='1'/></w:r>"
    )
    endnotes = f"<w:endnotes {NAMESPACE}><w:endnote w:id='1'>{p('Last.')}</w:endnote></w:endnotes>"
    relations = (
        "<Relationships><Relationship Type='x/footnotes' Target='footnotes.xml'/>"
        "<Relationship Type='x/endnotes' Target='endnotes.xml'/></Relationships>"
    )
    extra = {"word/_rels/document.xml.rels": relations, "word/endnotes.xml": endnotes}
    text = text_of(tmp_path, body, footnotes={"1": p("Foot.")}, extra=extra)
    assert text == "A[1]\n\n[1] Foot.\n\nB[2]\n\n[2] Last."


def test_text_box_is_read_once_behind_its_paragraph(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{p('In the box.')}{p('Still.')}</w:txbxContent>"
    drawing = (
        '<w:r><mc:AlternateContent xmlns:mc="urn:mc"><mc:Choice><w:drawing><wp:offset '
        f'xmlns:wp="urn:wp">914400</wp:offset>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>'
        f"{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    body = p(r("Anchor ") + drawing + r("text.")) + p("After.")
    assert text_of(tmp_path, body) == "Anchor text.\n\nIn the box.\n\nStill.\n\nAfter."


def test_embedded_part_is_warned_of(tmp_path: Path) -> None:
    parsed = read(tmp_path, p("Text.") + "<w:altChunk/>")
    assert parsed.warnings == ("A part of the text is in another file, which is not read.",)


def test_headers_footers_and_comments_are_sections_of_their_own(tmp_path: Path) -> None:
    comment = f'<w:comment w:id="0" w:author="Jane Roe">{p("Ask first.")}</w:comment>'
    body = p(
        '<w:commentRangeStart w:id="0"/>' + r("Berth 4") + '<w:commentRangeEnd w:id="0"/>'
        "" + r(" is free.")
    )
    # A header has relations of its own, and its `link0` is not that of the document.
    link = f'<w:hyperlink r:id="link0" xmlns:r="urn:r">{r("HO-5521")}</w:hyperlink>'
    related = {"header": p(r("File ") + link), "footer": p("7"), "comments": comment}
    found = read(tmp_path, body, related=related, links=["https://wrong.example/"])
    assert found.sections == (
        Section("Berth 4 is free."),
        Section("File HO-5521", ("Page header",)),
        Section("Jane Roe on “Berth 4”: Ask first.", ("Comments",)),
    )


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        (r("10") + r("6", RAISED) + r(" litres"), "10⁶ litres"),
        (r("10") + r("1", RAISED) + r("2", RAISED), "10¹²"),
        (r("10") + r("6 ", RAISED) + r("litres"), "10⁶ litres"),
        (r("10") + r("6", '<w:rStyle w:val="Up"/>'), "10⁶"),
        (r("10") + r("6", '<w:rStyle w:val="Up"/><w:vertAlign w:val="baseline"/>'), "106"),
        (r("H") + r("2", LOWERED) + r("O"), "H₂O"),
        (r("fact") + r("1,2", RAISED), "fact^(1,2)"),
        (r("1") + r("st", RAISED), "1st"),
        (r("x") + r("max", LOWERED), "xmax"),
        (r("40", "<w:strike/>") + r(" 55"), "~~40~~ 55"),
        (r("4", "<w:strike/>") + r("0", "<w:strike/>") + r(" 55"), "~~40~~ 55"),
        (r("40", "<w:strike/>") + r("55"), "~~40~~ 55"),
        (r("40", "<w:strike/>") + r("."), "~~40~~."),
        (r("40", '<w:strike w:val="0"/>'), "40"),
        (r("\uf061", SYMBOL) + r(" particles"), "α particles"),
        (r("5 ") + r("\uf0b3", SYMBOL) + r(" 4 a"), "5 ≥ 4 a"),
        (r("a", SYMBOL) + r("a", '<w:rFonts w:ascii="Arial"/>'), "αa"),
    ],
)
def test_look_of_characters_that_changes_their_meaning(
    tmp_path: Path, runs: str, text: str
) -> None:
    assert text_of(tmp_path, p(runs)) == text


@pytest.mark.parametrize(
    ("address", "link", "text"),
    [
        ("https://example.org/berths", "this page", "this page (https://example.org/berths)"),
        ("https://www.example.org/berths/", "example.org/berths", "example.org/berths"),
        ("mailto:jane@example.org?subject=x", "Jane", "Jane (jane@example.org)"),
        ("mailto:jane@example.org", "jane@example.org", "jane@example.org"),
        ("file:///C:/secret", "here", "here"),
        ("https://example.org/" + "x" * 300, "here", "here"),
    ],
)
def test_address_behind_a_link_is_kept_where_it_says_more(
    tmp_path: Path, address: str, link: str, text: str
) -> None:
    element = f'<w:hyperlink r:id="link0" xmlns:r="urn:r">{r(link)}</w:hyperlink>'
    assert text_of(tmp_path, p(element), links=[address]) == text
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText> HYPERLINK "{address}" </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{r(link)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    assert text_of(tmp_path, p(field)) == text
    assert text_of(tmp_path, p(field.replace("HYPERLINK", "HYPERLINK \\l"))) == link


def test_form_fields_show_what_was_chosen(tmp_path: Path) -> None:
    field = '<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{}</w:ffData></w:fldChar></w:r>'.format
    choices = '<w:listEntry w:val="red"/><w:listEntry w:val="green"/>'
    body = (
        p(field("<w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox>") + r(" alarm"))
        + p(field("<w:checkBox><w:default w:val='0'/></w:checkBox>") + r(" hose"))
        + p(r("Colour: ") + field(f"<w:ddList><w:result w:val='1'/>{choices}</w:ddList>"))
        + p(r("Colour: ") + field(f"<w:ddList><w:result w:val='7'/>{choices}</w:ddList>"))
    )
    assert text_of(tmp_path, body) == "☒ alarm\n\n☐ hose\n\nColour: green\n\nColour:"


def test_large_first_letter_belongs_to_its_word(tmp_path: Path) -> None:
    dropped = p("O", properties='<w:framePr w:dropCap="drop" w:lines="3"/>')
    framed = p("Beside.", properties='<w:framePr w:w="3000"/>')
    assert text_of(tmp_path, dropped + p("nce.") + framed + p("End.")) == "Once.\n\nBeside.\n\nEnd."


def test_pictures_have_their_alternative_text(tmp_path: Path) -> None:
    described = '<wp:docPr xmlns:wp="urn:wp" descr="Plan of\nthe cellar"/>'
    picture = f"<w:r><w:drawing>{described}</w:drawing></w:r>"
    old = '<w:r><w:pict><v:shape xmlns:v="urn:v" alt="Old plan"/></w:pict></w:r>'
    assert (
        text_of(tmp_path, p(r("See ") + picture) + p(old))
        == "See [Plan of the cellar]\n\n[Old plan]"
    )
    with pytest.raises(NoText):
        read(tmp_path, p(picture))


def test_charts_and_diagrams_are_read(tmp_path: Path) -> None:
    words = "<a:p xmlns:a='urn:a'><a:r><a:t>{}</a:t></a:r></a:p>".format
    series = (
        "<c:ser><c:tx><c:pt idx='0'><c:v>2025</c:v></c:pt></c:tx>"
        "<c:cat><c:pt idx='0'><c:v>May</c:v></c:pt><c:pt idx='1'><c:v>June</c:v></c:pt></c:cat>"
        "<c:val><c:pt idx='0'><c:v>12</c:v></c:pt><c:pt idx='1'><c:v>40</c:v></c:pt></c:val>"
        "</c:ser>"
    )
    related = {
        "chart": f"<c:title xmlns:c='urn:c'>{words('Boats')}</c:title>"
        f"<c:x xmlns:c='urn:c'>{series}</c:x>",
        "diagramData": f"<d:t xmlns:d='urn:d'>{words('Shut the sluice')}</d:t>",
    }
    drawn = (
        '<w:r><w:drawing><c:chart xmlns:c="urn:c" xmlns:r="urn:r" r:id="chart"/>'
        '<d:relIds xmlns:d="urn:d" xmlns:r="urn:r" r:dm="diagramData"/></w:drawing></w:r>'
    )
    assert text_of(tmp_path, p("See:") + p(drawn), related=related) == (
        "See:\n\nBoats\n\t2025\nMay\t12\nJune\t40\n\nShut the sluice"
    )


def cell(text: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{p(text)}</w:tc>"


WIDE = '<w:gridSpan w:val="2"/>'
FIRST, NEXT = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [["Tariff", "Peak", "Night"], [("House", FIRST), "31", "19"], [("", NEXT), "28", "17"]],
            "Tariff\tPeak\tNight\nHouse\t31\t19\nHouse\t28\t17",
        ),
        (
            [["a", "b"], [("x" * 61, FIRST), "1"], [("", NEXT), "2"]],
            f"a\tb\n{'x' * 61}\t1\n\t2",
        ),
        ([["a", "b", "c"], ["All", ("free", WIDE)]], "a\tb\tc\nAll\tfree\t"),
        ([["a", ("b", WIDE)], ["1", "2", "3"]], "a\tb\tb\n1\t2\t3"),
        ([[("Prices", WIDE)], ["a", "b"]], "Prices\t\na\tb"),
        (["<w:trPr><w:gridBefore w:val='1'/></w:trPr>", ["a"], ["b", "c"]], "\ta\nb\tc"),
    ],
)
def test_merged_cells_keep_the_columns(
    tmp_path: Path, rows: list[str | list[str | tuple[str, str]]], text: str
) -> None:
    properties = str(rows.pop(0)) if isinstance(rows[0], str) else ""
    table = ""
    for row in rows:
        cells = "".join(cell(*each) if isinstance(each, tuple) else cell(each) for each in row)
        table += f"<w:tr>{properties}{cells}</w:tr>"
        properties = ""
    body = p("Before.") + f"<w:tbl>{table}</w:tbl>" + p("After.")
    assert text_of(tmp_path, body) == f"Before.\n\n{text}\n\nAfter."


def test_parts_are_found_by_absolute_names_too(tmp_path: Path) -> None:
    relations = (
        '<Relationships xmlns="urn:r"><Relationship Type="http://purl.oclc.org/ooxml/officeDocument'
        '/relationships/officeDocument" Target="/word/document.xml"/></Relationships>'
    )
    assert text_of(tmp_path, p("Text."), extra={"_rels/.rels": relations}) == "Text."


def test_document_under_a_password_is_encrypted_even_across_a_block(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(
        OLE.ljust(1024 * 1024 - 3, b"\0") + "EncryptedPackage".encode("utf-16-le") + b"\0" * 9
    )
    with pytest.raises(Encrypted, match="protected by a password"):
        parse(path, MediaType.DOCX)


def test_old_document_under_the_new_name_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(OLE + "WordDocument".encode("utf-16-le"))
    with pytest.raises(Damaged, match=r"an old Word document \(\.doc\)"):
        parse(path, MediaType.DOCX)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("_rels/.rels", "<Relationships/>", "not a Word document: it has no main part"),
        ("word/document.xml", "<w:document", "its markup is broken"),
        (
            "word/document.xml",
            "<x:workbook xmlns:x='urn:x'/>",
            "an Excel workbook with the file ending",
        ),
        ("word/document.xml", "<other/>", "its main part is something else"),
        ("word/styles.xml", "", "its markup is broken"),
        ("word/document.xml", "<d>" * 300 + "</d>" * 300, "its markup is broken"),
    ],
)
def test_damage_is_named(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    with pytest.raises(Damaged, match=sentence):
        read(tmp_path, p("Text."), extra={name: content})


def test_archive_that_is_no_document_is_damaged(tmp_path: Path) -> None:
    with pytest.raises(Damaged, match="it has no main part"):
        parse(make_zip(tmp_path / "a.docx", {"a.txt": "Hello"}), MediaType.DOCX)


def test_relation_out_of_the_archive_is_refused(tmp_path: Path) -> None:
    relation = '<Relationship Type="x/styles" Target="../../../etc/passwd"/>'
    relations = f"<Relationships>{relation}</Relationships>"
    with pytest.raises(UnsafeArchive, match="The document points outside of its archive"):
        read(tmp_path, p("Text."), extra={"word/_rels/document.xml.rels": relations})


def test_entities_come_to_nothing(tmp_path: Path) -> None:
    document = (
        '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f"<w:document {NAMESPACE}><w:body>{p('&a;|&x;')}</w:body></w:document>"
    )
    assert text_of(tmp_path, "", extra={"word/document.xml": document}) == "&a;|&x;"


def test_document_without_text_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NoText):
        read(tmp_path, p(" ") + "<w:p/>")


def test_nesting_is_bounded(tmp_path: Path) -> None:
    wrapped = "<w:sdt>" * 240 + p("deep") + "</w:sdt>" * 240
    assert text_of(tmp_path, wrapped) == "deep"


def test_rows_are_not_filled_up_to_one_that_is_wider_than_word_allows(tmp_path: Path) -> None:
    cell = f"<w:tc><w:tcPr><w:gridSpan w:val='63'/></w:tcPr>{p('a')}</w:tc>"
    row = f"<w:tr><w:tc>{p('b')}</w:tc><w:tc>{p('c')}</w:tc></w:tr>"
    table = f"<w:tbl><w:tr>{cell * 200}</w:tr>{row * 200}</w:tbl>"
    text = text_of(tmp_path, table)
    assert text.endswith("a\nb\tc\nb\tc" + "\nb\tc" * 198)
