"""Reads the paragraphs of a shape, with the numbers and bullets that PowerPoint writes itself."""

import re

from lxml import etree

from mirage.parse.blocks import Line
from mirage.parse.characters.cleaning import plain_spaces
from mirage.parse.docx.elements import attribute, children, number, tag_of
from mirage.parse.docx.formulas import read_office_formula
from mirage.parse.links import address_to_add
from mirage.parse.markup.inline import STRUCK
from mirage.parse.numerals import write_number
from mirage.parse.relations import Part

_INDENT = "  "
_LEVELS = 9
# Names of DrawingML (ECMA-376, part 1, 20.1.10.61) as those of Word.
_FORMATS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_NUMBERED = re.compile("(arabic|alphaLc|alphaUc|romanLc|romanUc)(Period|ParenR|ParenBoth|Plain)")
_SIGNS = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}
_SKIPPED = frozenset(("pPr", "rPr", "endParaRPr"))


def read_paragraphs(body: etree._Element, part: Part) -> str:
    """Return the text of a shape, a paragraph per line."""
    counters = _Counters()
    lines: list[str] = []
    for paragraph in body.iterfind("{*}p"):
        line = Line()
        _read(paragraph, line, part)
        text = line.text()
        properties = paragraph.find("{*}pPr")
        label = counters.label(properties, has_text=bool(text))
        if text:
            lines.append(f"{label}{text}")
    return "\n".join(lines)


class _Counters:
    """The numbers of a shape's list, by level: a shorter level begins the longer ones again."""

    def __init__(self) -> None:
        self._counted: list[tuple[str, int]] = []

    def label(self, properties: etree._Element | None, *, has_text: bool) -> str:
        """Return the indent and the number or bullet of the next paragraph."""
        if properties is None:
            self._counted = []
            return ""
        level = min(number(attribute(properties, "lvl"), 0), _LEVELS - 1)
        del self._counted[level + 1 :]
        numbered = properties.find("{*}buAutoNum")
        if numbered is None:
            del self._counted[level:]
            bullet = "- " if properties.find("{*}buChar") is not None else ""
            return _INDENT * level + bullet
        if not has_text:  # PowerPoint does not count an empty paragraph.
            return ""
        kind = attribute(numbered, "type") or ""
        first = number(attribute(numbered, "startAt"), 1)
        self._counted += [("", 0)] * (level + 1 - len(self._counted))
        known, counted = self._counted[level]
        counted = counted + 1 if known == kind else first
        self._counted[level] = kind, counted
        format_ = _NUMBERED.match(kind)
        name, sign = format_.groups() if format_ else ("arabic", "Period")
        written = _SIGNS[sign].format(write_number(counted, _FORMATS[name]))
        return f"{_INDENT * level}{written} "


def _read(element: etree._Element, line: Line, part: Part) -> None:
    for child in children(element):
        name = tag_of(child)
        if name == "r" or (name == "fld" and attribute(child, "type") != "slidenum"):
            _read_run(child, line, part)
        elif name == "br":
            line.write("\n")
        elif name == "oMath":
            line.write(read_office_formula(child))
        elif name == "AlternateContent":
            _read(next(iter(child.iterchildren("{*}Choice", "{*}Fallback")), child), line, part)
        elif name not in _SKIPPED and name != "fld":
            _read(child, line, part)


def _read_run(run: etree._Element, line: Line, part: Part) -> None:
    properties = run.find("{*}rPr")
    text = plain_spaces("".join(str(piece.text or "") for piece in run.iterfind("{*}t")))
    if properties is None:
        line.write(text)
        return
    struck = attribute(properties, "strike") in ("sngStrike", "dblStrike")
    line.write(STRUCK if struck and text else "")
    line.write(text, _script(attribute(properties, "baseline")))
    line.write(STRUCK if struck and text else "")
    link = properties.find("{*}hlinkClick")
    if link is not None:
        added = address_to_add(part.address(attribute(link, "id")) or "", text)
        line.write(f" ({added})" if added else "")


def _script(baseline: str | None) -> str | None:
    """Return how far the text stands from its line: thousandths of a per cent, or a per cent."""
    raised = (baseline or "0").removesuffix("%")
    if raised in ("0", ""):
        return None
    return "subscript" if raised.startswith("-") else "superscript"
