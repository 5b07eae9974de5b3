"""Reads the shapes of a PowerPoint slide, in the order in which programs read them aloud."""

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.drawings import read_chart, read_diagram
from mirage.parse.docx.elements import attribute, children, is_true, tag_of
from mirage.parse.relations import Part
from mirage.parse.slides.paragraphs import read_paragraphs
from mirage.parse.slides.tables import read_table

_TITLES = frozenset(("title", "ctrTitle"))
# A number, a date and the picture of the slide say nothing in a text.
_DECORATION = frozenset(("sldNum", "dt", "hdr", "sldImg"))


class Shapes:
    """What the shapes of a slide, or of the page of its notes, hold.

    `body` are the blocks of the shapes that the layout calls the body; `footers` are those at the
    foot, which are the same on most slides.
    """

    def __init__(self, part: Part) -> None:
        self.title = ""
        self.blocks: list[str] = []
        self.body: list[str] = []
        self.footers: list[str] = []
        self.pictures = False
        self._part = part

    def read(self, container: etree._Element) -> None:
        """Read the shapes within an element, groups included; hidden ones are not shown."""
        for child in children(container):
            name = tag_of(child)
            if name == "AlternateContent":
                # The first choice and the fallback are the same shape.
                self.read(next(iter(child.iterchildren("{*}Choice", "{*}Fallback")), child))
            elif name in ("cSld", "spTree", "grpSp", "Choice", "Fallback"):
                self.read(child)
            elif name in ("sp", "graphicFrame", "pic") and not _is_hidden(child):
                self._read_shape(child)

    def _read_shape(self, shape: etree._Element) -> None:
        place = _place(shape)
        if place in _DECORATION:
            return
        body = shape.find("{*}txBody")
        text = "" if body is None else read_paragraphs(body, self._part)
        if place in _TITLES and not self.title:
            self.title = one_line(text)
        elif place == "ftr":
            self.footers += filter(None, [one_line(text)])
        else:
            blocks = [text] if text else self._graphics(shape)
            self.blocks += blocks
            self.body += blocks if place == "body" else []

    def _graphics(self, shape: etree._Element) -> list[str]:
        """Return the texts of a table, a chart, a diagram or a picture."""
        blocks = [read_table(table, self._part) for table in shape.iter("{*}tbl")]
        for reference in shape.iter("{*}chart", "{*}relIds"):
            is_chart = tag_of(reference) == "chart"
            part = self._part.part(attribute(reference, "id" if is_chart else "dm"))
            if part is not None:
                blocks.append((read_chart if is_chart else read_diagram)(part.root()))
        blocks = [block for block in blocks if block]
        if not blocks and (described := _described(shape)):
            blocks = [f"[{described}]"]
        self.pictures = self.pictures or (
            not blocks and next(shape.iter("{*}blip", "{*}oleObj"), None) is not None
        )
        return blocks


def _properties(shape: etree._Element) -> etree._Element | None:
    for holder in children(shape):
        if (found := holder.find("{*}cNvPr")) is not None:
            return found
    return None


def _is_hidden(shape: etree._Element) -> bool:
    properties = _properties(shape)
    return properties is not None and is_true(attribute(properties, "hidden"))


def _described(shape: etree._Element) -> str:
    properties = _properties(shape)
    return "" if properties is None else one_line(attribute(properties, "descr") or "")


def _place(shape: etree._Element) -> str:
    """Return what the layout holds the place of the shape for; empty for a shape of its own."""
    for holder in children(shape):
        if (place := holder.find("{*}nvPr/{*}ph")) is not None:
            return attribute(place, "type") or "body"
    return ""
