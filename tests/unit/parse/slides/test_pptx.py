from pathlib import Path

import pytest

from mirage.errors import Damaged, Encrypted, NoText
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_pptx, make_zip

CHART = """
<c:chartSpace xmlns:c="urn:c" xmlns:a="urn:a"><c:chart>
<c:title><a:p><a:r><a:t>Flow</a:t></a:r></a:p></c:title>
<c:ser><c:tx><c:pt idx="0"><c:v>l/min</c:v></c:pt></c:tx>
<c:cat><c:pt idx="0"><c:v>P-101</c:v></c:pt></c:cat>
<c:val><c:pt idx="0"><c:v>42.5</c:v></c:pt></c:val></c:ser>
</c:chart></c:chartSpace>"""


def p(text: str, properties: str = "") -> str:
    """A paragraph; what begins with `<` is markup already."""
    return f"<a:p>{properties}{text if text[:1] == '<' else r(text)}</a:p>"


def r(text: str, properties: str = "") -> str:
    return f"<a:r><a:rPr {properties}/><a:t>{text}</a:t></a:r>"


def shape(*paragraphs: str, place: str = "", more: str = "") -> str:
    held = f"<p:ph {place}/>" if place else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" {more}/><p:cNvSpPr/><p:nvPr>{held}</p:nvPr>'
        f"</p:nvSpPr><p:txBody><a:bodyPr/>{''.join(paragraphs)}</p:txBody></p:sp>"
    )


def title(text: str) -> str:
    return shape(p(text), place='type="title"')


def frame(inside: str, more: str = "") -> str:
    return (
        f'<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="4" name="x" {more}/><p:nvPr/>'
        "</p:nvGraphicFramePr><a:graphic><a:graphicData>"
        f"{inside}</a:graphicData></a:graphic></p:graphicFrame>"
    )


def picture(description: str = "") -> str:
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="3" name="x" descr="{description}"/><p:nvPr/></p:nvPicPr>'
        '<p:blipFill><a:blip r:embed="i"/></p:blipFill></p:pic>'
    )


def read(folder: Path, *slides: str, **options: object) -> Parsed:
    path = make_pptx(folder / "a.pptx", slides, **options)  # type: ignore[arg-type]
    return parse(path, MediaType.PPTX)


def text_of(folder: Path, shapes: str, **options: object) -> str:
    (section,) = read(folder, shapes, **options).sections
    return section.text


def test_slide_is_a_page_with_its_notes_apart(tmp_path: Path) -> None:
    notes = shape(p("Ask first."), place='type="body" idx="1"') + shape(
        p("2"), place='type="sldNum"'
    )
    parsed = read(
        tmp_path,
        title("Pumps") + shape(p("AB-1234"), p("CD-5678")),
        shape(p("No title here.")),
        notes={1: notes},
    )
    assert parsed.sections == (
        Section("Pumps\n\nAB-1234\nCD-5678", ("Pumps",), page_number=1),
        Section("Ask first.", ("Pumps", "Notes"), page_number=1),
        Section("No title here.", page_number=2),
    )
    assert parsed.title == "Pumps"
    assert parsed.page_count == 2


def test_order_is_that_of_the_presentation_not_of_the_names(tmp_path: Path) -> None:
    listed = (
        '<p:presentation xmlns:p="urn:p" xmlns:r="urn:r"><p:sldIdLst>'
        '<p:sldId id="1" r:id="s2"/><p:sldId id="2" r:id="s1"/><p:sldId id="3" r:id="s2"/>'
        "</p:sldIdLst></p:presentation>"
    )
    parsed = read(
        tmp_path, shape(p("one")), shape(p("two")), extra={"ppt/presentation.xml": listed}
    )
    assert [section.text for section in parsed.sections] == ["two", "one"]


def test_numbers_and_bullets_stand_in_the_text(tmp_path: Path) -> None:
    def item(text: str, level: int, kind: str, more: str = "") -> str:
        return p(text, f'<a:pPr lvl="{level}"><a:buAutoNum type="{kind}" {more}/></a:pPr>')

    body = shape(
        item("first", 0, "arabicPeriod"),
        item("a part", 1, "alphaLcParenR"),
        item("another", 1, "alphaLcParenR"),
        item("second", 0, "arabicPeriod"),
        item("again a part", 1, "alphaLcParenR"),
        p("point", '<a:pPr lvl="1"><a:buChar char="•"/></a:pPr>'),
        item("fourth", 0, "romanUcParenBoth", 'startAt="4"'),
    )
    assert text_of(tmp_path, body) == (
        "1. first\n  a) a part\n  b) another\n2. second\n  a) again a part\n  - point\n(IV) fourth"
    )


def test_raised_struck_and_linked_text(tmp_path: Path) -> None:
    linked = '<a:r><a:rPr><a:hlinkClick r:id="link0"/></a:rPr><a:t>the maker</a:t></a:r>'
    body = shape(
        p(r("10") + r("6", 'baseline="30000"') + r(" H") + r("2", 'baseline="-25000"') + r("O")),
        p(r("old", 'strike="sngStrike"') + r("new")),
        p(linked),
        p("<a:r><a:t>a</a:t></a:r><a:br/><a:r><a:t>b</a:t></a:r>"),
        p(
            '<a:fld type="slidenum"><a:t>7</a:t></a:fld>'
            '<a:fld type="datetime1"><a:t>May</a:t></a:fld>'
        ),
    )
    assert text_of(tmp_path, body, links=["https://pumps.example/ab"]) == (
        "10⁶ H₂O\n~~old~~ new\nthe maker (https://pumps.example/ab)\na\nb\nMay"
    )


def test_table_keeps_its_columns(tmp_path: Path) -> None:
    def cell(text: str, more: str = "") -> str:
        return f"<a:tc {more}><a:txBody>{p(text) if text else '<a:p/>'}</a:txBody></a:tc>"

    table = (
        "<a:tbl><a:tr>"
        + cell("Part")
        + cell("Size", 'gridSpan="2"')
        + cell("", 'hMerge="1"')
        + "</a:tr><a:tr>"
        + cell("AB-1234", 'rowSpan="2"')
        + cell("")
        + cell("12")
        + "</a:tr><a:tr>"
        + cell("", 'vMerge="1"')
        + cell("7")
        + cell("")
        + "</a:tr></a:tbl>"
    )
    assert text_of(tmp_path, frame(table)) == "Part\tSize\tSize\nAB-1234\t\t12\nAB-1234\t7\t"


def test_chart_and_descriptions_are_read(tmp_path: Path) -> None:
    shapes = frame('<c:chart xmlns:c="urn:c" r:id="chart"/>') + picture("a valve")
    assert text_of(tmp_path, shapes, related={"chart": CHART}) == (
        "Flow\n\tl/min\nP-101\t42.5\n\n[a valve]"
    )


def test_groups_and_choices_are_read_once_and_hidden_shapes_not(tmp_path: Path) -> None:
    shapes = (
        f"<p:grpSp><p:nvGrpSpPr/>{shape(p('in a group'))}</p:grpSp>"
        '<mc:AlternateContent xmlns:mc="urn:mc">'
        f"<mc:Choice>{shape(p('chosen'))}</mc:Choice><mc:Fallback>{shape(p('else'))}</mc:Fallback>"
        "</mc:AlternateContent>" + shape(p("hidden"), more='hidden="1"')
    )
    assert text_of(tmp_path, shapes) == "in a group\n\nchosen"


def test_footers_are_read_once(tmp_path: Path) -> None:
    foot = shape(p("ACME, confidential"), place='type="ftr"') + shape(p("3"), place='type="sldNum"')
    parsed = read(tmp_path, shape(p("one")) + foot, shape(p("two")) + foot)
    assert [(section.text, section.heading_path) for section in parsed.sections] == [
        ("one", ()),
        ("two", ()),
        ("ACME, confidential", ("Page footer",)),
    ]


def test_comments_have_their_authors(tmp_path: Path) -> None:
    comments = (
        '<p:cmLst xmlns:p="urn:p"><p:cm authorId="0"><p:text>Is 42 right?</p:text></p:cm></p:cmLst>'
    )
    parsed = read(tmp_path, title("Pumps"), related={"comments": comments})
    assert parsed.sections[1] == Section("Is 42 right?", ("Pumps", "Comments"), page_number=1)


def test_slides_of_pictures_alone_are_named(tmp_path: Path) -> None:
    parsed = read(tmp_path, picture(), shape(p("text")), picture(), picture(), picture("a map"))
    assert parsed.warnings == ("Slides 1, 3-4 show only pictures, no text.",)


def test_presentation_without_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="contains no text"):
        read(tmp_path, picture())


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.pptx", {"a.txt": "a"})
    with pytest.raises(Damaged, match="no main part"):
        parse(path, MediaType.PPTX)
    path.write_bytes(b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(Encrypted, match="protected by a password"):
        parse(path, MediaType.PPTX)


def test_deep_groups_are_refused(tmp_path: Path) -> None:
    depth = 200_000
    with pytest.raises(Damaged):
        read(tmp_path, "<p:grpSp>" * depth + "</p:grpSp>" * depth)
    with pytest.raises(Damaged):
        read(tmp_path, "<p:grpSp>" * 240 + shape(p("a")) + "</p:grpSp>" * 240 + "<p:bad")
