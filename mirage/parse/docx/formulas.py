"""Reads Word's formulas (OMML) by way of MathML, so that both are written alike."""

from collections.abc import Callable

from lxml import etree

from mirage.parse.docx.elements import children, is_on, setting, tag_of
from mirage.parse.markup.mathml import read_formula

_INTEGRAL = "∫"
_OPERATORS = frozenset("+-−±=≠<>≤≥≈·×")


def read_office_formula(formula: etree._Element) -> str:
    """Return a formula on one line, such as `1/2` or `√(a+b)`."""
    math = etree.Element("math")
    _convert_children(formula, math)
    return read_formula(math)


def _convert_children(element: etree._Element, into: etree._Element) -> None:
    for child in children(element):
        _convert(child, into)


def _convert(element: etree._Element, into: etree._Element) -> None:
    name = tag_of(element)
    if name == "r":
        _convert_run(element, into)
    elif name in _CONVERTERS:
        _CONVERTERS[name](element, into)
    elif not name.endswith("Pr"):
        _convert_children(element, into)


def _convert_run(run: etree._Element, into: etree._Element) -> None:
    text = "".join(str(part.text or "") for part in run.iterfind("{*}t"))
    is_words = run.find("{*}rPr/{*}nor") is not None
    if text.strip() in _OPERATORS and _is_next_to_fraction(run):
        # Without blanks 12/5+10 is hard to read.
        text, is_words = f" {text.strip()} ", True
    etree.SubElement(into, "mtext" if is_words else "mi").text = text


def _is_next_to_fraction(run: etree._Element) -> bool:
    beside = (run.getprevious(), run.getnext())
    return any(other is not None and tag_of(other) == "f" for other in beside)


def _argument(element: etree._Element, name: str, into: etree._Element) -> None:
    """Add one argument, also an empty one: its place gives it its meaning."""
    row = etree.SubElement(into, "mrow")
    found = element.find(f"{{*}}{name}")
    if found is not None:
        _convert_children(found, row)


def _by_place(tag: str, *arguments: str) -> Callable[[etree._Element, etree._Element], None]:
    def convert(element: etree._Element, into: etree._Element) -> None:
        made = etree.SubElement(into, tag)
        for argument in arguments:
            _argument(element, argument, made)

    return convert


def _fraction(element: etree._Element, into: etree._Element) -> None:
    made = etree.SubElement(into, "mfrac")
    if setting(element, "fPr/type") == "noBar":
        made.set("linethickness", "0")
    _argument(element, "num", made)
    _argument(element, "den", made)


def _root(element: etree._Element, into: etree._Element) -> None:
    degree = element.find("{*}deg")
    is_square = degree is None or not len(degree) or is_on(element, "radPr/degHide")
    made = etree.SubElement(into, "msqrt" if is_square else "mroot")
    _argument(element, "e", made)
    if not is_square:
        _argument(element, "deg", made)


def _n_ary(element: etree._Element, into: etree._Element) -> None:
    row = etree.SubElement(into, "mrow")
    sign = setting(element, "naryPr/chr")
    shown = [
        (name, tag)
        for name, tag in (("sub", "munder"), ("sup", "mover"))
        if not is_on(element, f"naryPr/{name}Hide") and element.find(f"{{*}}{name}/*") is not None
    ]
    tag = "munderover" if len(shown) == 2 else shown[0][1] if shown else "mrow"
    made = etree.SubElement(row, tag)
    etree.SubElement(made, "mo").text = _INTEGRAL if sign is None else sign
    for name, _ in shown:
        _argument(element, name, made)
    _argument(element, "e", row)


def _delimiters(element: etree._Element, into: etree._Element) -> None:
    made = etree.SubElement(into, "mfenced")
    for name, key, usual in (
        ("begChr", "open", "("),
        ("endChr", "close", ")"),
        ("sepChr", "separators", "|"),
    ):
        given = setting(element, f"dPr/{name}")
        made.set(key, usual if given is None else given)
    for part in element.iterfind("{*}e"):
        _convert_children(part, etree.SubElement(made, "mrow"))


def _function(element: etree._Element, into: etree._Element) -> None:
    row = etree.SubElement(into, "mrow")
    _argument(element, "fName", row)
    _argument(element, "e", row)


def _accented(
    tag: str, properties: str, usual: str
) -> Callable[[etree._Element, etree._Element], None]:
    def convert(element: etree._Element, into: etree._Element) -> None:
        made = etree.SubElement(into, tag)
        _argument(element, "e", made)
        given = setting(element, f"{properties}/chr")
        etree.SubElement(made, "mo").text = usual if given is None else given

    return convert


def _prescripts(element: etree._Element, into: etree._Element) -> None:
    row = etree.SubElement(into, "mrow")
    scripts = etree.SubElement(row, "msubsup")
    etree.SubElement(scripts, "mrow")
    _argument(element, "sub", scripts)
    _argument(element, "sup", scripts)
    _argument(element, "e", row)


def _matrix(element: etree._Element, into: etree._Element) -> None:
    table = etree.SubElement(into, "mtable")
    for line in element.iterfind("{*}mr"):
        row = etree.SubElement(table, "mtr")
        for cell in line.iterfind("{*}e"):
            _convert_children(cell, etree.SubElement(row, "mtd"))


def _equations(element: etree._Element, into: etree._Element) -> None:
    table = etree.SubElement(into, "mtable")
    for line in element.iterfind("{*}e"):
        _convert_children(line, etree.SubElement(etree.SubElement(table, "mtr"), "mtd"))


def _phantom(element: etree._Element, into: etree._Element) -> None:
    is_hidden = setting(element, "phantPr/show") in ("0", "off", "false")
    _argument(element, "e", etree.SubElement(into, "mphantom" if is_hidden else "mrow"))


_CONVERTERS: dict[str, Callable[[etree._Element, etree._Element], None]] = {
    "f": _fraction,
    "sSup": _by_place("msup", "e", "sup"),
    "sSub": _by_place("msub", "e", "sub"),
    "sSubSup": _by_place("msubsup", "e", "sub", "sup"),
    "sPre": _prescripts,
    "rad": _root,
    "nary": _n_ary,
    "d": _delimiters,
    "func": _function,
    "acc": _accented("mover", "accPr", "\u0302"),
    "bar": _accented("mover", "barPr", "\u00af"),
    "groupChr": _accented("munder", "groupChrPr", "\u23df"),
    "limLow": _by_place("munder", "e", "lim"),
    "limUpp": _by_place("mover", "e", "lim"),
    "m": _matrix,
    "eqArr": _equations,
    "phant": _phantom,
}
