"""Writes a PowerPoint table with a row per line and its cells apart, in their columns."""

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.elements import attribute, is_true
from mirage.parse.markup.tables import MAX_REPEATED_CHARACTERS
from mirage.parse.relations import Part
from mirage.parse.slides.paragraphs import read_paragraphs


def read_table(table: etree._Element, part: Part) -> str:
    """Return the lines of a table.

    A merged cell is repeated in each of its rows if it is short, and a header in each of its
    columns.
    """
    lines: list[str] = []
    above: list[str] = []
    for row in table.iterfind("{*}tr"):
        cells: list[str] = []
        for cell in row.iterfind("{*}tc"):
            body = cell.find("{*}txBody")
            text = "" if body is None else one_line(read_paragraphs(body, part))
            if not text and is_true(attribute(cell, "vMerge")) and len(cells) < len(above):
                text = _repeated(above[len(cells)])
            elif not text and is_true(attribute(cell, "hMerge")) and not lines and cells:
                text = _repeated(cells[-1])
            cells.append(text)
        above = cells
        if any(cells):
            lines.append("\t".join(cells))
    return "\n".join(lines)


def _repeated(text: str) -> str:
    return text if len(text) <= MAX_REPEATED_CHARACTERS else ""
