import pytest

from mirage.parse.markup.flow import Flow
from mirage.parse.markup.reader import read_flow
from mirage.parse.markup.tree import parse_markup
from tests.cost import assert_proportional

EPUB = "http://www.idpf.org/2007/ops"


def flow(body: str) -> Flow:
    return read_flow(parse_markup(f"<html><body>{body}</body></html>".encode()))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One <b>bo</b>ld\n  word.</p><p>Two.</p>", "One bold word.\n\nTwo."),
        ("<p>A<br/>B</p><div>C</div><div>D</div>", "A\nB\n\nC\nD"),
        ("<ul>\n<li>one</li>\n<li>two</li></ul><p>end</p>", "one\ntwo\n\nend"),
        ("<pre>a\n  b</pre><p>c\n  d</p>", "a\n  b\n\nc d"),
        ("<table><tr><th>k</th><td><p>v</p></td></tr><tr><td>x</td></tr></table>", "k\tv\nx"),
        ("a<!-- not --> b<?not?>c<script>no</script>d<style>no</style>e", "a bcde"),
        ("<div style='display:none'>yes <i style='visibility: hidden'>yes</i></div>", "yes yes"),
        ("<table role='presentation'><tr><td>a<br/>b</td><td>c</td></tr></table>", "a\nb\tc"),
        ("<nav>yes<ol hidden=''><li>no</li></ol></nav>", "yes"),
        ("<nav hidden=''>17 18</nav><p hidden=''>yes</p>", "yes"),
        ("<p>see <img src='a.png' alt='a lamp'/> there</p>", "see [a lamp] there"),
        ("<p><img alt='cover'/></p>", ""),
        ("<p><ruby>山<rt>やま</rt>路<rt>みち</rt></ruby>を</p>", "山路(やまみち)を"),
        ("<p><ruby><rb>道</rb><rp>（</rp><rt>みち</rt><rp>）</rp></ruby>は</p>", "道(みち)は"),
        ("<p>x <math><mi>a</mi>\n <mo>=</mo> <mfenced><mi>b</mi></mfenced></math></p>", "x a=(b)"),
        ("<p>a&nbsp;b&shy;c&eacute;&hellip;&amp;lt; &Amacr;&unknown;</p>", "a bcé…&lt; Ā&unknown;"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><text>label</text></svg>", "label"),
        ("<p>a <svg><title>Search</title><desc>icon</desc></svg>d</p>", "a Search icon d"),
        ("<svg><text>one</text><text>two<tspan x='1'>three</tspan></text></svg>", "one two three"),
    ],
)
def test_text_of(body: str, text: str) -> None:
    assert flow(body).text == text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ("<tr><td>Total<br/>net</td><td>3</td></tr>", "Total net\t3"),
        ("<tr><td>Total<br/>net</td></tr>", "Total\nnet"),
        ("<tr><td>Name<div>Value</div></td><td><p>One</p>two</td></tr>", "Name Value\tOne two"),
        ("<tr><td><p>A</p><p>B</p></td><td>x</td></tr>", "A B\tx"),
        ("<tr><td>\n<ul><li>a</li><li>b</li></ul></td> <td>x</td></tr>", "a b\tx"),
        (
            "<tr><th/><th>2019</th><th/><th>2020</th></tr><tr><td>Oil</td><td/><td>3</td></tr>",
            "\t2019\t\t2020\nOil\t\t3",
        ),
        ("<tr><td>a</td><td/></tr><tr><td/><td/></tr><tr><td>b</td><td>c</td></tr>", "a\nb\tc"),
        ("<tr><td><h2>Menu</h2>a<br/>b</td><td>c</td></tr>", "Menu\n\na\nb\tc"),
        ("<tr><td><pre>x</pre></td></tr><tr><td>a</td><td/></tr><tr><td>b</td></tr>", "x\n\na\nb"),
        ("<tr><td><pre>a\n  b</pre></td><td>c</td></tr>", "a\n  b\n\nc"),
        (f"<tr><td>{'a<br/>' * 7}</td><td>c</td></tr>", "a\n" * 7 + "c"),
        (
            f"<tr><td>{'word ' * 300}<br/><br/>end</td><td>c</td></tr>",
            f"{'word ' * 300}\n\nend\tc",
        ),
    ],
)
def test_row_of_a_table_is_a_line_unless_the_table_lays_out_text(rows: str, text: str) -> None:
    assert flow(f"<table>{rows}</table>").text == text.replace(" \n", "\n")


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        ("<case required-namespace='urn:cml'>C</case><default>D</default>", "a D b"),
        (
            "<case required-namespace='urn:cml'>C</case><case required-namespace='http://www.w3.org"
            "/1998/Math/MathML'><math><mi>x</mi></math></case><default>D</default>",
            "a x b",
        ),
        ("<case required-namespace='urn:cml'>C</case>", "a C b"),
        (
            "<default>D<switch><case>C</case><default>E</default></switch></default>"
            "<default>F</default>",
            "a DE b",
        ),
    ],
)
def test_one_choice_of_a_switch_is_read(choices: str, text: str) -> None:
    assert flow(f"<p>a <switch xmlns='{EPUB}'>{choices}</switch> b</p>").text == text


def test_two_line_breaks_end_a_paragraph() -> None:
    assert flow("<p>a<br/>b<br/>\n<br/>c</p>").text == "a\nb\n\nc"


@pytest.mark.parametrize(
    ("before", "middle", "after"),
    [
        ("<table><tr><td>", "line<br/>" * 15, "</td><td/></tr></table>"),
        ("<table><tr>", "<td/>" * 30, "</tr></table>"),
        ("<h1>", "<b>word</b> " * 30, "</h1>"),
        ("<sup>", "<b>word</b> " * 30, "</sup>"),
        ("<a role='doc-noteref'>", "<b>word</b> " * 30, "</a>"),
    ],
)
@pytest.mark.slow
def test_time_is_in_proportion_to_size(before: str, middle: str, after: str) -> None:
    def work(size: int) -> None:
        depth = 1 if before.startswith("<table>") else size
        flow(before * depth + middle * size + after * depth)

    assert_proportional(work, 800)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("lighthouse<sup>3</sup> of 1902<sup> 4 </sup>.", "lighthouse³ of 1902⁴."),
        ("10<sup>6</sup>, 10<sup>−<b>3</b></sup> m<sup>+</sup>", "10⁶, 10⁻³ m⁺"),
        ("H<sub>2</sub>O, x<sub>i</sub>y, 1<sup>st</sup> a<sup>*</sup>b", "H₂O, x i y, 1st a*b"),
        ("CO<sub><a href='/o'>2</a></sub>", "CO₂"),
        ("x<sup>n<sup>2</sup></sup>y", "x n 2 y"),
        ("1902<a epub:type='noteref' href='#n'>4</a> on", "1902[4] on"),
        ("1902<sup><a role='doc-noteref' href='#n'><i>4</i></a></sup>", "1902[4]"),
        ("1902<a href='#n'> <sup>4</sup></a>5", "1902[4]5"),
        ("a<sup>[<a href='#n'>4</a>]</sup>b<sup><a href='#n'>(c)</a></sup>", "a[4]b(c)"),
        ("a<sup><a href='#1'>1</a>,<a href='#2'>2</a></sup>", "a[1],[2]"),
        ("<a epub:type='noteref' href='#n'><img alt='note'/></a> on", "[note] on"),
        ("<a href='#e'>E = mc<sup>2</sup></a>", "E = mc²"),
    ],
)
def test_what_stands_above_or_below_the_line_is_set_off(body: str, text: str) -> None:
    assert flow(f"<p>x <i xmlns:epub='{EPUB}'>{body}</i></p>").text == f"x {text}"


def test_heading_within_a_heading_has_its_words_alone() -> None:
    headings = flow("<h1>A<h2>B</h2>C</h1>").headings
    assert [(heading.level, heading.text) for heading in headings] == [(2, "B"), (1, "C")]


def test_marks_of_notes_are_no_part_of_a_title() -> None:
    (heading,) = flow("<h1>Lamps<sup><a id='r' href='#n'>4</a></sup> burn</h1>").headings
    assert (heading.text, heading.length) == ("Lamps burn", 13)
    assert flow("<p>a</p><p>b<sup><a id='r'>4</a></sup></p>").anchors == {"r": 3}


def test_anchors_mean_the_beginning_of_their_block() -> None:
    body = "<p>One.</p><p id='p'>Two <a id='a'></a>words.</p><a name='n'/><h2 id='h'>Head</h2>"
    read = flow(body)
    assert read.text == "One.\n\nTwo words.\n\nHead"
    assert read.anchors == {"p": 6, "a": 6, "n": 18, "h": 18}


def test_headings_are_on_one_line_with_their_place() -> None:
    (heading,) = flow("<p>One.</p><h2>The<br/>Whale</h2><p>Text.</p>").headings
    assert (heading.offset, heading.level, heading.text, heading.length) == (6, 2, "The Whale", 9)
