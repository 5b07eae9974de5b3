"""Formulas of Word are written on one line, as those of web pages are."""

import pytest
from lxml import etree

from mirage.parse.docx.formulas import read_office_formula


def r(text: str, properties: str = "") -> str:
    return f"<m:r>{properties}<m:t>{text}</m:t></m:r>"


def e(inside: str) -> str:
    return f"<m:e>{inside}</m:e>"


def fraction(above: str, below: str, properties: str = "") -> str:
    return f"<m:f>{properties}<m:num>{above}</m:num><m:den>{below}</m:den></m:f>"


def power(base: str, exponent: str) -> str:
    return f"<m:sSup>{e(base)}<m:sup>{exponent}</m:sup></m:sSup>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (fraction(r("1"), r("2")), "1/2"),
        (fraction(r("a+b"), r("2")), "(a+b)/2"),
        (fraction(r("n"), r("k"), '<m:fPr><m:type m:val="noBar"/></m:fPr>'), "n k"),
        (fraction(r("12"), r("5")) + r("+") + power(r("10"), r("6")), "12/5 + 10⁶"),
        (r("a") + r("+") + r("b"), "a+b"),
        (r("π") + power(r("r"), r("2")), "πr²"),
        (f"<m:sSub>{e(r('x'))}<m:sub>{r('i')}</m:sub></m:sSub>", "x_i"),
        (
            f"<m:sSubSup>{e(r('x'))}<m:sub>{r('1')}</m:sub><m:sup>{r('2')}</m:sup></m:sSubSup>",
            "x₁²",
        ),
        (
            f'<m:rad><m:radPr><m:degHide m:val="1"/></m:radPr><m:deg/>{e(r("a+b"))}</m:rad>',
            "√(a+b)",
        ),
        (f"<m:rad><m:deg>{r('3')}</m:deg>{e(r('8'))}</m:rad>", "³√8"),
        (f"<m:d>{e(r('a+b'))}</m:d>", "(a+b)"),
        (
            f'<m:d><m:dPr><m:begChr m:val="["/><m:endChr m:val=""/></m:dPr>{e(r("a"))}</m:d>',
            "[a",
        ),
        (
            '<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr>'
            f"<m:sub>{r('i=1')}</m:sub><m:sup>{r('n')}</m:sup>{e(r('i'))}</m:nary>",
            "∑_(i=1)^n i",
        ),
        (f"<m:nary><m:sub/><m:sup/>{e(r('f'))}</m:nary>", "∫f"),
        (f"<m:func><m:fName>{r('sin')}</m:fName>{e(r('x'))}</m:func>", "sin x"),
        (
            "<m:m><m:mr>" + e(r("1")) + e(r("0")) + "</m:mr><m:mr>" + e(r("0")) + e(r("1"))
            + "</m:mr></m:m>",
            "1 0; 0 1",
        ),
        (f"<m:eqArr>{e(r('x=1'))}{e(r('y=2'))}</m:eqArr>", "x=1; y=2"),
        (r("if ", "<m:rPr><m:nor/></m:rPr>") + r("x"), "if x"),
        (f'<m:phant><m:phantPr><m:show m:val="0"/></m:phantPr>{e(r("x"))}</m:phant>' + r("y"), "y"),
    ],
)  # fmt: skip
def test_formula_on_one_line(formula: str, text: str) -> None:
    root = etree.fromstring(f'<m:oMath xmlns:m="urn:m">{formula}</m:oMath>')
    assert read_office_formula(root) == text
