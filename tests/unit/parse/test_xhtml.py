import pytest

from mirage.errors import Damaged
from mirage.parse.xhtml import Flow, parse_markup, read_flow


def flow(body: str, prologue: str = "") -> Flow:
    return read_flow(parse_markup(f"{prologue}<html><body>{body}</body></html>".encode()))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One <b>bo</b>ld\n  word.</p><p>Two.</p>", "One bold word.\n\nTwo."),
        ("<p>A<br/>B</p><div>C</div><div>D</div>", "A\nB\n\nC\nD"),
        ("<ul>\n<li>one</li>\n<li>two</li></ul><p>end</p>", "one\ntwo\n\nend"),
        ("<pre>a\n  b</pre><p>c\n  d</p>", "a\n  b\n\nc d"),
        ("<table><tr><th>k</th><td><p>v</p></td></tr><tr><td>x</td></tr></table>", "k\tv\nx"),
        ("a<!-- not --> b<?not?>c<script>no</script>d<style>no</style>e", "a bcde"),
        ("<p hidden=''>no</p><p>yes</p>", "yes"),
        ("<p>see <img src='a.png' alt='a lamp'/> there</p>", "see [a lamp] there"),
        ("<p><img alt='cover'/></p>", ""),
        ("<p><ruby>山<rt>やま</rt>路<rt>みち</rt></ruby>を</p>", "山路(やまみち)を"),
        ("<p><ruby><rb>道</rb><rp>（</rp><rt>みち</rt><rp>）</rp></ruby>は</p>", "道(みち)は"),
        ("<p>x <math><mi>a</mi>\n <mo>=</mo> <mfenced><mi>b</mi></mfenced></math></p>", "x a=(b)"),
        ("<p>a&nbsp;b&shy;c&eacute;&hellip;&amp;lt; &Amacr;&unknown;</p>", "a bcé…&lt; Ā&unknown;"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><text>label</text></svg>", "label"),
    ],
)
def test_text_of(body: str, text: str) -> None:
    assert flow(body).text == text


def test_anchors_mean_the_beginning_of_their_block() -> None:
    body = "<p>One.</p><p id='p'>Two <a id='a'></a>words.</p><a name='n'/><h2 id='h'>Head</h2>"
    read = flow(body)
    assert read.text == "One.\n\nTwo words.\n\nHead"
    assert read.anchors == {"p": 6, "a": 6, "n": 18, "h": 18}


def test_headings_are_on_one_line_with_their_place() -> None:
    (heading,) = flow("<p>One.</p><h2>The<br/>Whale</h2><p>Text.</p>").headings
    assert (heading.offset, heading.level, heading.text, heading.length) == (6, 2, "The Whale", 9)


def test_broken_markup_loses_no_text() -> None:
    assert flow("<p>One <b>two<p>three & four</i> <q>five").text.split() == (
        ["One", "two", "three", "&", "four", "five"]
    )


def test_entity_expansion_comes_to_nothing() -> None:
    prologue = (
        '<!DOCTYPE html [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
        '<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    )
    assert flow("<p>&b;|&x;</p>", prologue).text == "&b;|&x;"


@pytest.mark.parametrize(
    "content",
    [
        '<?xml version="1.0" encoding="windows-1251"?><p>Привет</p>'.encode("cp1251"),
        "<p>Привет</p>".encode("utf-16"),
        "\ufeff<p>Привет</p>".encode(),
        '<p>При<?xml version="1.0" encoding="ascii"?>вет</p>'.encode(),
        b"\n<p>\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82\x00</p>",
    ],
)
def test_encoding_of_markup_is_heeded(content: bytes) -> None:
    assert read_flow(parse_markup(content)).text == "Привет"


def test_markup_too_deep_to_be_read_is_damaged_instead_of_empty() -> None:
    with pytest.raises(Damaged):
        flow("<div>" * 3000 + "deep" + "</div>" * 3000)


@pytest.mark.parametrize("content", [b"", b"   ", b"<!DOCTYPE html>"])
def test_markup_without_an_element_is_damaged(content: bytes) -> None:
    with pytest.raises(Damaged):
        parse_markup(content)
