import pytest
from lxml import etree

from mirage.parse.markup.mathml import read_formula
from mirage.parse.markup.reader import read_flow
from mirage.parse.markup.tree import parse_markup

HALF = "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
SUM = "<mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow>"
ROW = "<mtr><mtd><mn>1</mn></mtd><mtd><mn>0</mn></mtd></mtr>"


def formula(body: str) -> str:
    return read_formula(etree.fromstring(f"<math>{body}</math>"))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (HALF, "1/2"),
        (f"<mn>3</mn>\n {HALF}<mi>x</mi>", "3 1/2 x"),
        (f"<mfrac>{SUM}<mi>c</mi></mfrac>", "(a+b)/c"),
        ("<mo>(</mo><mfrac linethickness='0'><mi>n</mi><mi>k</mi></mfrac><mo>)</mo>", "(n k)"),
        ("<mi>x</mi><mtext>if and only if</mtext><mi>y</mi>", "x if and only if y"),
        ("<mn>5</mn><mtext>m</mtext>", "5 m"),
        ("<mi>a</mi><mi>b</mi><mo>=</mo><mi>sin</mi><mo>&#x2061;</mo><mi>x</mi>", "ab=sin x"),
        (f"<mo>[</mo><mtable>{ROW}{ROW}</mtable><mo>]</mo>", "[1 0; 1 0]"),
        ("<msup><mi>x</mi><mn>2</mn></msup><mi>y</mi>", "x²y"),
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>6</mn></mrow></msup>", "10⁻⁶"),
        (f"<msup>{SUM}<mi>n</mi></msup>", "(a+b)^n"),
        (f"<msup><mi>e</mi>{SUM}</msup>", "e^(a+b)"),
        ("<msub><mi>x</mi><mi>i</mi></msub><mi>y</mi>", "x_i y"),
        ("<msubsup><mi>x</mi><mn>1</mn><mo>′</mo></msubsup>", "x₁′"),
        (
            "<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi>"
            "</munderover><mi>i</mi>",
            "∑_(i=1)^n i",
        ),
        ("<mover><mi>x</mi><mo>¯</mo></mover>", "x¯"),
        (f"<msqrt>{SUM}</msqrt><mroot><mi>x</mi><mn>3</mn></mroot>", "√(a+b)³√x"),
        (
            "<mfenced separators=';,'><mi>a</mi><mi>b</mi><mi>c</mi></mfenced><mfenced/>",
            "(a;b,c)()",
        ),
        ("<semantics><mi>x</mi><annotation>\\x</annotation></semantics>", "x"),
        ("<semantics><mrow/><annotation>\\frac 12</annotation></semantics>", "\\frac 12"),
        ("<mi>N</mi><mspace width='0.3em'/><mi>A</mi><mspace width='2em'/><mi>b</mi>", "NA b"),
        ("a <b>bold</b> word", "a bold word"),
    ],
)
def test_formula_on_a_line(body: str, text: str) -> None:
    assert formula(body) == text


def test_formula_may_be_nested_deeply() -> None:
    assert formula("<mrow>" * 200 + "<mi>x</mi>" + "</mrow>" * 200) == "x"


@pytest.mark.parametrize(
    "body",
    [
        "<span class='katex'><span class='katex-mathml'><math><semantics><mi>x</mi><annotation>"
        "x</annotation></semantics></math></span><span aria-hidden='true'>x</span></span>",
        "<span><nobr aria-hidden='true'>x</nobr><span><math><mi>x</mi></math></span></span>",
        "<span><span style='display: none'><math><mi>x</mi></math></span>"
        "<img aria-hidden='true' alt='x'/></span>",
    ],
)
def test_formula_that_is_there_for_the_eye_and_for_the_ear_is_read_once(body: str) -> None:
    root = parse_markup(f"<p>is {body}, <i aria-hidden='true'>so</i></p>".encode())
    assert read_flow(root).text == "is x, so"
