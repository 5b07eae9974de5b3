"""Reads the visible text of a page from its markup, with the offsets of anchors and headings."""

import re
from collections.abc import Callable, Collection

from lxml import etree

from mirage.parse.characters.cleaning import one_line
from mirage.parse.links import address_to_add, host_of
from mirage.parse.markup.flow import Flow, Writer
from mirage.parse.markup.inline import (
    SCRIPTS,
    STRUCK,
    ends_number,
    read_alternative,
    read_mark,
    read_ruby,
    read_script,
    semantics,
)
from mirage.parse.markup.lists import List, begin_list
from mirage.parse.markup.mathml import read_formula
from mirage.parse.markup.tables import lays_out, spread_cells
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
_LISTS = frozenset(("dir", "menu", "ol", "ul"))
_STRUCK = frozenset(("del", "s", "strike"))
_LABELS = frozenset(("title", "desc", "text"))  # Of a drawing; each has its own place.
_CHOICES = frozenset(("case", "default"))
_READABLE = frozenset(
    ("http://www.w3.org/1998/Math/MathML", "http://www.w3.org/1999/xhtml",
     "http://www.w3.org/2000/svg")
)  # fmt: skip
_HEADING = re.compile(r"h([1-6])")


def read_flow(root: etree._Element, own_hosts: Collection[str] = ()) -> Flow:
    """Return the text of the markup in document order.

    Addresses of links to `own_hosts` are left out, because they lead around the same site.
    """
    reader = _Reader(own_hosts)
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
            reader.leave_out(name, element)
            walk.skip_subtree()
        elif reader.begin(name, element):
            walk.skip_subtree()
    return reader.writer.finish()


def read_title(element: etree._Element | None) -> str:
    """Return an element's text on one line; empty without an element."""
    return one_line(read_flow(element).text) if element is not None else ""


class _Reader:
    """Walks the markup and holds the state of the elements around the current one."""

    def __init__(self, own_hosts: Collection[str]) -> None:
        self.writer = Writer()
        self._own_hosts = own_hosts
        self._addresses: set[str] = set()  # Those that were written.
        self._links: list[int] = []  # Where the text of each open link begins.
        self._lists: list[List] = []  # The open lists.
        self._labels: list[str] = []  # The label of each open item.
        self._headings = 0  # Number of open headings.
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
            self._headings += 1
        self.writer.preformatted += name == "pre"
        self._navigation += name == "nav"
        if name in _BEGIN:
            _BEGIN[name](self, element)
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
            self._headings -= 1
        self.writer.preformatted -= name == "pre"
        self._navigation -= name == "nav"
        self._raised -= name == "sup"
        self._scripts -= name in SCRIPTS
        if name in _END:
            _END[name](self, element)
        self._separate(name, element)

    def pass_by(self, name: str, element: etree._Element) -> None:
        """Note the place of an element."""
        self._separate(name, element)
        self._anchor(element)

    def _break_line(self, element: etree._Element) -> None:
        self.writer.break_line()

    def _begin_table(self, table: etree._Element) -> None:
        self._lays_out.append(lays_out(table))
        if not self._lays_out[-1]:
            spread_cells(table)

    def _end_table(self, table: etree._Element) -> None:
        self._lays_out.pop()

    def _end_cell(self, cell: etree._Element) -> None:
        self.writer.in_cell = False

    def _begin_switch(self, switch: etree._Element) -> None:
        self._chosen = _choose(switch)

    def _begin_list(self, element: etree._Element) -> None:
        self._lists.append(begin_list(element))

    def _end_list(self, element: etree._Element) -> None:
        self._lists.pop()

    def _end_item(self, item: etree._Element) -> None:
        self.writer.forget(self._labels.pop())

    def _begin_struck(self, element: etree._Element) -> None:
        self.writer.begin_with(STRUCK)

    def _end_struck(self, element: etree._Element) -> None:
        self.writer.end_with(STRUCK)

    def _begin_link(self, link: etree._Element) -> None:
        self._links.append(self.writer.place())

    def _begin_item(self, item: etree._Element) -> None:
        label = self._lists[-1].label(item) if self._lists and not self._navigation else ""
        self._labels.append(f"{label} " if label else "")
        if label:
            self.writer.begin_with(self._labels[-1])

    def _end_link(self, link: etree._Element) -> None:
        text = self.writer.text_since(self._links.pop()).strip()
        address = address_to_add(link.get("href") or "", text)
        in_text = not (self._navigation or self._headings or self._raised)
        if not in_text or self.writer.preformatted or address in self._addresses:
            return
        is_words = text and not text.startswith("[")  # A picture is only named.
        if address and is_words and host_of(address) not in self._own_hosts:
            self._addresses.add(address)
            self.writer.write(f" ({address})")

    def leave_out(self, name: str, element: etree._Element) -> None:
        """Note the place of an element that is not read, and of the page that it begins."""
        self.pass_by(name, element)
        if "pagebreak" in semantics(element):
            written = "".join(map(str, element.itertext()))
            label = element.get("title") or element.get("aria-label") or written
            self.writer.begin_page(one_line(label), element.get("id") or "")

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

_Step = Callable[[_Reader, etree._Element], None]
_BEGIN: dict[str, _Step] = {
    "br": _Reader._break_line,
    "table": _Reader._begin_table,
    "td": _Reader._begin_cell,
    "th": _Reader._begin_cell,
    "switch": _Reader._begin_switch,
    "li": _Reader._begin_item,
    "a": _Reader._begin_link,
    **dict.fromkeys(_LISTS, _Reader._begin_list),
    **dict.fromkeys(_STRUCK, _Reader._begin_struck),
}
_END: dict[str, _Step] = {
    "table": _Reader._end_table,
    "td": _Reader._end_cell,
    "th": _Reader._end_cell,
    "li": _Reader._end_item,
    "a": _Reader._end_link,
    **dict.fromkeys(_LISTS, _Reader._end_list),
    **dict.fromkeys(_STRUCK, _Reader._end_struck),
}
