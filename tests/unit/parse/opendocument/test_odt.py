from pathlib import Path

import pytest

from mirage.errors import Damaged, Encrypted, NoText
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_odt, make_zip
from tests.cost import assert_proportional

STYLES = """
<style:style style:name="Up" style:family="text">
 <style:text-properties style:text-position="super 58%"/></style:style>
<style:style style:name="Down" style:family="text">
 <style:text-properties style:text-position="-33% 58%"/></style:style>
<style:style style:name="UpToo" style:family="text" style:parent-style-name="Up"/>
<style:style style:name="Gone" style:family="text">
 <style:text-properties style:text-line-through-style="solid"/></style:style>
<style:style style:name="Hidden" style:family="text">
 <style:text-properties text:display="none"/></style:style>
<style:style style:name="A" style:family="text" style:parent-style-name="B"/>
<style:style style:name="B" style:family="text" style:parent-style-name="A"/>
<text:list-style style:name="L">
 <text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>
 <text:list-level-style-number text:level="2" style:num-format="1" style:num-suffix="."
  text:display-levels="2"/>
 <text:list-level-style-bullet text:level="3" text:bullet-char="•"/>
</text:list-style>
<text:list-style style:name="None">
 <text:list-level-style-number text:level="1" style:num-format=""/></text:list-style>
"""
OUTLINE = """<?xml version="1.0"?>
<o:document-styles xmlns:o="urn:o" xmlns:text="urn:t" xmlns:style="urn:s"><o:styles>
<text:outline-style>
 <text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>
 <text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>
</text:outline-style></o:styles><o:master-styles><style:master-page>
<style:header><text:p>ACME manual</text:p></style:header>
<style:footer><text:p>7</text:p></style:footer></style:master-page>
<style:master-page><style:header><text:p>ACME manual</text:p></style:header></style:master-page>
</o:master-styles></o:document-styles>"""


def p(text: str, style: str = "") -> str:
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def h(text: str, level: int = 1, more: str = "") -> str:
    return f'<text:h text:outline-level="{level}" {more}>{text}</text:h>'


def span(text: str, style: str) -> str:
    return f'<text:span text:style-name="{style}">{text}</text:span>'


def items(*inside: str, style: str = "", more: str = "") -> str:
    listed = "".join(f"<text:list-item>{one}</text:list-item>" for one in inside)
    named = f'text:style-name="{style}"' if style else ""
    return f"<text:list {named} {more}>{listed}</text:list>"


def cell(text: str, more: str = "") -> str:
    return f"<table:table-cell {more}>{p(text) if text else ''}</table:table-cell>"


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def read(folder: Path, body: str, **entries: str) -> Parsed:
    path = make_odt(folder / "a.odt", body, styles=STYLES, extra=entries)
    return parse(path, MediaType.ODT)


def text_of(folder: Path, body: str) -> str:
    (section,) = read(folder, body).sections
    return section.text


def test_sections_follow_the_headings(tmp_path: Path) -> None:
    body = p("Before.") + h("Pumps") + p("One.") + h("Limits", 2) + p("Two.") + h("Valves") + p("3")
    parsed = read(tmp_path, f"<text:section>{body}</text:section>")
    assert parsed.sections == (
        Section("Before."),
        Section("Pumps\n\nOne.", ("Pumps",)),
        Section("Limits\n\nTwo.", ("Pumps", "Limits")),
        Section("Valves\n\n3", ("Valves",)),
    )
    assert parsed.title == "Pumps"


def test_headings_have_their_numbers_and_margins_are_apart(tmp_path: Path) -> None:
    body = h("Pumps") + h("Payment", 2) + p("Now.") + h("Valves") + p("Later.")
    body += h("Annex", 1, 'text:is-list-header="true"') + p("End.")
    parsed = read(tmp_path, body, **{"styles.xml": OUTLINE})
    assert [section.heading_path for section in parsed.sections] == [
        ("I. Pumps", "I.1 Payment"),
        ("II. Valves",),
        ("Annex",),
        ("Page header",),
    ]
    assert parsed.sections[-1].text == "ACME manual"
    assert parsed.title == "Pumps"


def test_lists_are_numbered_at_each_level(tmp_path: Path) -> None:
    inner = items(p("deep"), p("deeper") + items(p("a point")))
    body = items(p("one"), p("two") + inner + p("more of two"), p("three"), style="L")
    assert text_of(tmp_path, body) == (
        "1. one\n2. two\n  2.1. deep\n  2.2. deeper\n    - a point\n\nmore of two\n\n3. three"
    )


def test_lists_go_on_or_begin_again(tmp_path: Path) -> None:
    body = (
        items(p("one"), style="L", more='xml:id="x"')
        + p("between")
        + items(p("two"), style="L", more='text:continue-numbering="true"')
        + items(p("new"), style="L")
        + items(p("three"), style="L", more='text:continue-list="x"')
        + f'<text:list text:style-name="L"><text:list-item text:start-value="7">{p("seven")}'
        "</text:list-item></text:list>" + items(p("without a number"), style="None")
    )
    assert text_of(tmp_path, body).replace("\n\n", "\n").split("\n") == [
        "1. one",
        "between",
        "2. two",
        "1. new",
        "3. three",
        "7. seven",
        "without a number",
    ]


def test_raised_struck_hidden_and_linked_text(tmp_path: Path) -> None:
    body = (
        p(f"10{span('6', 'UpToo')} H{span('2', 'Down')}O {span('x', 'A')}")
        + p(f"{span('old', 'Gone')}new{span('secret', 'Hidden')}")
        + p("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d   e\n f")
        + p('see <text:a xlink:href="https://pumps.example/ab">the maker</text:a>')
    )
    assert text_of(tmp_path, body) == (
        "10⁶ H₂O x\n\n~~old~~ new\n\na   b\tc\nd e f\n\nsee the maker (https://pumps.example/ab)"
    )


def test_notes_follow_and_comments_are_apart(tmp_path: Path) -> None:
    note = f"<text:note><text:note-citation>9</text:note-citation><text:note-body>{p('Why.')}"
    note += "</text:note-body></text:note>"
    comment = f"<office:annotation><dc:creator>Ann</dc:creator>{p('Is 42 right?')}"
    comment += "</office:annotation>"
    deleted = f"<text:tracked-changes><text:deletion>{p('gone')}</text:deletion>"
    deleted += "</text:tracked-changes>"
    parsed = read(tmp_path, deleted + h(f"Flow{note}") + p(f"42{comment} l/min"))
    assert parsed.sections == (
        Section("Flow[1]\n\n[1] Why.\n\n42 l/min", ("Flow",)),
        Section("Ann: Is 42 right?", ("Comments",)),
    )


def test_table_keeps_its_columns(tmp_path: Path) -> None:
    covered = "<table:covered-table-cell/>"
    header = row(cell("Part"), cell("Size", 'table:number-columns-spanned="2"'), covered)
    body = (
        f"<table:table><table:table-header-rows>{header}</table:table-header-rows>"
        + row(cell("AB-1", 'table:number-rows-spanned="2"'), cell(""), cell("12"))
        + row(covered, cell("7"), cell("", 'table:number-columns-repeated="1000"'))
        + row(cell("", 'table:number-columns-repeated="2"'), cell("9"))
        + "</table:table>"
    )
    assert text_of(tmp_path, body) == "Part\tSize\tSize\nAB-1\t\t12\nAB-1\t7\t\n\t\t9"


def test_frames_hold_text_formulas_charts_or_pictures(tmp_path: Path) -> None:
    math = '<math xmlns="http://www.w3.org/1998/Math/MathML"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>'
    chart = (
        '<o:document-content xmlns:o="urn:o" xmlns:text="urn:t" xmlns:table="urn:b"'
        ' xmlns:chart="urn:c"><o:body><o:chart><chart:title><text:p>Flow</text:p></chart:title>'
        "<table:table>" + row(cell("P-101"), cell("42.5")) + "</table:table></o:chart></o:body>"
        "</o:document-content>"
    )
    body = (
        p('half is <draw:frame><draw:object xlink:href="./Object 1"/><draw:image/></draw:frame>')
        + f"<draw:frame><draw:text-box>{p('in a box')}</draw:text-box></draw:frame>"
        + p("<draw:frame><draw:image/><svg:desc>a valve</svg:desc></draw:frame>")
        + p('<draw:frame><draw:object xlink:href="./Object 2"/></draw:frame>')
        + p(f"<draw:custom-shape>{p('in a shape')}</draw:custom-shape>")
    )
    entries = {"Object 1/content.xml": math, "Object 2/content.xml": chart}
    (section,) = read(tmp_path, body, **entries).sections
    assert section.text == (
        "half is 1/2\n\nin a box\n\n[a valve]\n\nFlow\n\nP-101\t42.5\n\nin a shape"
    )


def test_text_without_words_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoText, match="contains no text"):
        read(tmp_path, p("<draw:frame><svg:desc>a valve</svg:desc></draw:frame>"))


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.odt", {"a.txt": "a"})
    with pytest.raises(Damaged, match="has no content"):
        parse(path, MediaType.ODT)
    with pytest.raises(Damaged, match="something else"):
        read(tmp_path, "", **{"content.xml": "<a/>"})
    with pytest.raises(Encrypted, match="protected by a password"):
        read(tmp_path, "", **{"META-INF/manifest.xml": "<m:encryption-data/>"})


def test_hostile_nesting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Damaged):
        read(tmp_path, "<text:section>" * 240 + "<text:bad")
    with pytest.raises(Damaged):
        read(tmp_path, "<text:section>" * 5000 + p("a") + "</text:section>" * 5000)


def test_rows_over_many_columns_are_bounded(tmp_path: Path) -> None:
    wide = row(cell("a", 'table:number-columns-repeated="999999999"'), cell("b"))
    assert len(text_of(tmp_path, f"<table:table>{wide}</table:table>")) < 3000


@pytest.mark.slow
def test_list_items_take_time_in_proportion_to_their_number(tmp_path: Path) -> None:
    def run(size: int) -> None:
        read(tmp_path, items(*[p("one")] * size, style="L"))

    assert_proportional(run, 3000)
