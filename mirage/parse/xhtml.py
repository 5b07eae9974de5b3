"""Markup to text: what a reader sees of a page, with the places of its anchors and headings."""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from mirage.parse.cleaning import one_line, plain_spaces

EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"

_WHITESPACE = re.compile(r"[ \t\n]+")

_SKIPPED = frozenset(
    ("head", "script", "style", "template", "audio", "video", "iframe", "noscript")
)  # fmt: skip
_PARAGRAPHS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "center", "details", "dl", "fieldset",
     "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header",
     "hr", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "ul")
)  # fmt: skip
_LINES = frozenset(
    ("br", "caption", "dd", "div", "dt", "li", "tbody", "tfoot", "thead", "tr")
)  # fmt: skip
_CELLS = frozenset(("td", "th"))
_HEADING = re.compile(r"h([1-6])")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading on one line; `length` is what it takes in the flow's text from `offset` on."""

    offset: int
    level: int
    text: str
    length: int


@dataclass(slots=True)
class Flow:
    """The text of a file. `anchors` are the offsets of its ids, moved to the block's beginning."""

    text: str = ""
    anchors: dict[str, int] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)


def read_flow(root: etree._Element) -> Flow:
    """Walk the markup in document order."""
    writer = _Writer()
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str):
            continue
        name = local_name(element)
        if event == "end":
            _end(writer, name, element)
            if element is not root:
                writer.write(element.tail)
        elif name in _SKIPPED or _is_hidden(element):
            walk.skip_subtree()
        elif name in _WHOLE:
            _begin(writer, name, element)
            writer.write(_WHOLE[name](element), is_words=name != "img")
            walk.skip_subtree()
        else:
            _begin(writer, name, element)
            writer.write(element.text)
    return writer.finish()


def local_name(element: etree._Element) -> str:
    """The tag without its namespace, in lower case."""
    return _local_name(str(element.tag))


def read_title(element: etree._Element | None) -> str:
    """What an element says, on one line; empty when there is none."""
    return one_line(read_flow(element).text) if element is not None else ""


@lru_cache(maxsize=1024)
def _local_name(tag: str) -> str:
    return tag.rpartition("}")[2].lower()


class _Writer:
    """Collects text; breaks and spaces are written once something follows them."""

    def __init__(self) -> None:
        self.preformatted = 0  # How deep inside of `pre`.
        self._flow = Flow()
        self._parts: list[str] = []
        self._length = 0
        self._block_start = 0
        self._glue = ""
        self._waiting: list[str] = []
        self._heading: tuple[int, int | None] = (0, None)
        self._has_words = False

    def write(self, text: str | None, *, is_words: bool = True) -> None:
        if not text:
            return
        self._has_words = self._has_words or (is_words and not text.isspace())
        text = plain_spaces(text)
        if self.preformatted:
            self._append(text)
            return
        text = _WHITESPACE.sub(" ", text)
        if text[0] == " ":
            self._glue = self._glue or " "
        if stripped := text.strip(" "):
            self._append(stripped)
            if text[-1] == " ":
                self._glue = " "

    def separate(self, glue: str) -> None:
        """At least this much between what is written and what follows."""
        if len(glue) > len(self._glue) or self._glue == " ":
            self._glue = glue

    def anchor(self, name: str) -> None:
        """Before any text of its block it waits for the block; inside it means the block."""
        if "\n" in self._glue or not self._parts:
            self._waiting.append(name)
        else:
            self._flow.anchors.setdefault(name, self._block_start)

    def begin_heading(self) -> None:
        self._heading = (len(self._parts), None)

    def end_heading(self, level: int) -> None:
        part, offset = self._heading
        text = one_line("".join(self._parts[part:]))
        if text and offset is not None:
            self._flow.headings.append(Heading(offset, level, text, self._length - offset))

    def finish(self) -> Flow:
        self._settle()
        # Descriptions of pictures alone, such as `cover`, are no text.
        self._flow.text = "".join(self._parts) if self._has_words else ""
        return self._flow

    def _append(self, text: str) -> None:
        if self._parts and self._glue:
            self._parts.append(self._glue)
            self._length += len(self._glue)
        if "\n" in self._glue or not self._parts:
            self._block_start = self._length
        self._glue = ""
        self._settle()
        if self._heading[1] is None:
            self._heading = (self._heading[0], self._length)
        self._parts.append(text)
        self._length += len(text)

    def _settle(self) -> None:
        for name in self._waiting:
            self._flow.anchors.setdefault(name, self._length)
        self._waiting.clear()


def _begin(writer: _Writer, name: str, element: etree._Element) -> None:
    if not _fills_cell(element):
        _separate(writer, name)
    for key in ("id", "name") if name == "a" else ("id",):
        if anchor := element.get(key):
            writer.anchor(anchor)
    if _HEADING.fullmatch(name):
        writer.begin_heading()
    writer.preformatted += name == "pre"
    if name in _CELLS and element.getprevious() is not None:
        writer.separate("\t")


def _end(writer: _Writer, name: str, element: etree._Element) -> None:
    if match := _HEADING.fullmatch(name):
        writer.end_heading(int(match.group(1)))
    writer.preformatted -= name == "pre"
    if name not in _SKIPPED and not _fills_cell(element):
        _separate(writer, name)


def _separate(writer: _Writer, name: str) -> None:
    if name in _PARAGRAPHS:
        writer.separate("\n\n")
    elif name in _LINES:
        writer.separate("\n")


def _is_hidden(element: etree._Element) -> bool:
    """Not displayed, or the number of a page of the printed book."""
    pagebreak = "pagebreak" in element.get(EPUB_TYPE, "") or element.get("role") == "doc-pagebreak"
    return pagebreak or element.get("hidden") is not None


def _fills_cell(element: etree._Element) -> bool:
    """Whether a block is all that a table's cell holds; the row then stays on its line."""
    parent = element.getparent()
    return parent is not None and local_name(parent) in _CELLS and len(parent) == 1


def _alternative(image: etree._Element) -> str:
    text = one_line(image.get("alt") or "")
    return f"[{text}]" if text else ""


def _ruby(ruby: etree._Element) -> str:
    """The words, then how they are read in parentheses; the words stay in one piece."""
    words = [ruby.text or ""]
    reading: list[str] = []
    for element in ruby.iterdescendants(tag=etree.Element):
        name = local_name(element)
        if name == "rt":
            reading.append("".join(map(str, element.itertext())).strip())
        elif name not in _READINGS and not _is_within_reading(element):
            words.append(element.text or "")
        if not _is_within_reading(element):
            words.append(element.tail or "")
    base = "".join("".join(words).split())
    return f"{base}({''.join(reading)})" if any(reading) else base


def _is_within_reading(element: etree._Element) -> bool:
    return any(local_name(ancestor) in ("rt", "rp") for ancestor in element.iterancestors())


def _formula(math: etree._Element) -> str:
    """The symbols in a row; the markup's indentation says nothing."""
    for fence in math.iter("{*}mfenced"):
        fence.text = fence.get("open", "(")
        last = fence[-1] if len(fence) else None
        if last is None:
            fence.text += fence.get("close", ")")
        else:
            last.tail = fence.get("close", ")")
    return "".join("".join(map(str, math.itertext())).split())


_READINGS = ("rt", "rp", "rtc")
_WHOLE = {"img": _alternative, "ruby": _ruby, "math": _formula}
