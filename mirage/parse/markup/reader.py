"""Reads the visible text of a page from its markup, with the offsets of anchors and headings."""

import re

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.flow import Flow, Writer
from mirage.parse.markup.inline import (
    SCRIPTS,
    ends_number,
    read_alternative,
    read_mark,
    read_ruby,
    read_script,
    semantics,
)
from mirage.parse.markup.mathml import read_formula
from mirage.parse.markup.tables import lays_out
from mirage.parse.markup.tree import local_name

_IDS = ("id", "{http://www.w3.org/XML/1998/namespace}id")
_SKIPPED = frozenset(
    ("head", "script", "style", "template", "audio", "video", "iframe", "noscript")
)  # fmt: skip
_PARAGRAPHS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "details", "dl", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
     "hr", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul")
)  # fmt: skip
_LINES = frozenset(("caption", "dd", "div", "dt", "li", "tbody", "tfoot", "thead", "tr"))
_LABELS = frozenset(("title", "desc", "text"))  # Of a drawing; each has its own place.
_CELLS = frozenset(("td", "th"))
_CHOICES = frozenset(("case", "default"))
_READABLE = frozenset(
    ("http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml",
     "http://www.w3.org/2000/svg")
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")


def read_flow(root: etree._Element) -> Flow:
    """Return the text of the markup in document order."""
    reader = _Reader()
    left_out = None
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        name = local_name(element)
        if event == "end":
            if element is not left_out:
                reader.end(name, element)
            if element is not root:
                reader.writer.write(element.tail)
        elif name in _SKIPPED or reader.is_hidden(name, element):
            left_out = element
            reader.pass_by(name, element)
            walk.skip_subtree()
        elif reader.begin(name, element):
            walk.skip_subtree()
    return reader.writer.finish()


def read_title(element: etree._Element | None) -> str:
    """Return an element's text on one line; empty without an element."""
    return one_line(read_flow(element).text) if element is not None else ""


class _Reader:
    """Walks the markup and holds the state of the elements around the current one."""

    def __init__(self) -> None:
        self.writer = Writer()
        self._lays_out: list[bool] = []  # One flag per open table.
        self._navigation = 0  # Number of open `nav` elements.
        self._chosen: etree._Element | None = None  # The chosen case of the open switch.
        self._raised = 0  # Number of open superscripts.
        self._scripts = 0  # Number of open superscripts and subscripts.

    def is_hidden(self, name: str, element: etree._Element) -> bool:
        """Return whether the element shows nothing, or a second copy of something.

        In the text, the attribute `hidden` and styles do not count: they hide notes, answers and
        whole pages until a reader or a script asks for them.
        """
        if name in _CHOICES and _is_in_switch(element):
            return element is not self._chosen
        kinds = semantics(element)
        in_navigation = name == "nav" or self._navigation > 0
        if "pagebreak" in kinds or (in_navigation and element.get("hidden") is not None):
            return True
        # The visual copy of a formula, next to the copy for screen readers.
        return element.get("aria-hidden") == "true" and any(
            map(_holds_formula, (element.getprevious(), element.getnext()))
        )

    def begin(self, name: str, element: etree._Element) -> bool:
        """Write the beginning of an element. Return whether that is the whole element."""
        self.pass_by(name, element)
        if _HEADING.fullmatch(name):
            self.writer.begin_heading()
        self.writer.preformatted += name == "pre"
        self._navigation += name == "nav"
        if name == "br":
            self.writer.break_line()
        elif name == "table":
            self._lays_out.append(lays_out(element))
        elif name in _CELLS:
            self._begin_cell(element)
        elif name == "switch":
            self._chosen = _choose(element)
        is_whole = self._write_whole(name, element)
        if is_whole:
            for inside in element.iterdescendants(etree.Element):
                self._anchor(inside)
        else:
            self.writer.write(element.text)
        self._raised += name == "sup"
        self._scripts += name in SCRIPTS
        return is_whole

    def end(self, name: str, element: etree._Element) -> None:
        """End an element."""
        if match := _HEADING.fullmatch(name):
            self.writer.end_heading(int(match.group(1)))
        self.writer.preformatted -= name == "pre"
        self._navigation -= name == "nav"
        self._raised -= name == "sup"
        self._scripts -= name in SCRIPTS
        if name == "table":
            self._lays_out.pop()
        elif name in _CELLS:
            self.writer.in_cell = False
        self._separate(name, element)

    def pass_by(self, name: str, element: etree._Element) -> None:
        """Note the place of an element, also of one that is not read."""
        self._separate(name, element)
        self._anchor(element)

    def _begin_cell(self, cell: etree._Element) -> None:
        is_first = cell.getprevious() is None
        if self._lays_out and not self._lays_out[-1]:
            if not is_first:
                self.writer.next_cell()
            self.writer.in_cell = True
        elif not is_first:
            self.writer.separate("\t")

    def _write_whole(self, name: str, element: etree._Element) -> bool:
        if name == "img":
            self.writer.write(read_alternative(element), is_words=False)
        elif name in _WHOLE:
            self.writer.write(_WHOLE[name](element))
        elif mark := read_mark(element, is_raised=self._raised > 0):
            self.writer.write_mark(mark)
        elif name in SCRIPTS and not self._scripts and (script := read_script(element)):
            self.writer.write(script)
        else:
            return False
        return True

    def _separate(self, name: str, element: etree._Element) -> None:
        if name in _PARAGRAPHS:
            self.writer.separate("\n\n")
        elif name in _LINES:
            self.writer.separate("\n")
        elif name in _LABELS or (name == "tspan" and element.get("x")):
            self.writer.separate(" ")
        elif name in SCRIPTS and (element.text or len(element)) and not ends_number(element):
            self.writer.set_off()

    def _anchor(self, element: etree._Element) -> None:
        for key in (*_IDS, "name") if local_name(element) == "a" else _IDS:
            if anchor := element.get(key):
                self.writer.anchor(anchor)


def _is_in_switch(choice: etree._Element) -> bool:
    parent = choice.getparent()
    return parent is not None and local_name(parent) == "switch"


def _choose(switch: etree._Element) -> etree._Element | None:
    """Return the first readable case, else the default, else the first child."""
    choices = list(switch.iterchildren(etree.Element))
    for choice in choices:
        if choice.get("required-namespace") in _READABLE:
            return choice
    defaults = (choice for choice in choices if local_name(choice) == "default")
    return next(defaults, choices[0] if choices else None)


def _holds_formula(element: etree._Element | None) -> bool:
    """Return whether the element is a formula or begins with one."""
    if element is None:
        return False
    inside = next(element.iterchildren(etree.Element), element)
    return "math" in (local_name(element), local_name(inside))


_WHOLE = {"ruby": read_ruby, "math": read_formula}
