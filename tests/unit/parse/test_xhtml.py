import pytest

from mirage.parse.markup import parse_markup
from mirage.parse.xhtml import Flow, read_flow


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
