"""Reads paragraphs, lists, tables and notes in reading order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from lxml import etree

from mirage.parse.blocks import Block, Line
from mirage.parse.characters.cleaning import one_line, plain_spaces
from mirage.parse.links import address_to_add
from mirage.parse.markup.inline import STRUCK
from mirage.parse.markup.mathml import read_formula
from mirage.parse.opendocument.elements import attribute, count, tag_of
from mirage.parse.opendocument.numbering import Counter
from mirage.parse.opendocument.package import Package
from mirage.parse.opendocument.styles import LEVELS, Look, Styles
from mirage.parse.opendocument.tables import read_table

_BULLET, _INDENT = "- ", "  "
_MAX_BLANKS = 100
_MAX_NUMBER = 10**6
_BLOCKS = frozenset(("p", "h", "list", "table", "numbered-paragraph"))
# Text that was deleted, descriptions that are read with their frame, and forms of fields.
_SKIPPED = frozenset(
    ("tracked-changes", "title", "desc", "forms", "sequence-decls", "ruby-text", "notes",
     "annotation-end", "event-listeners", "glue-point", "variable-decls", "user-field-decls")
)  # fmt: skip


@dataclass(slots=True)
class _List:
    """A list while it is read: its style and its depth from 1."""

    style: str | None
    depth: int
    counter: Counter


class Reader:
    """Reads one document; a note follows the paragraph or table that first refers to it."""

    def __init__(self, package: Package) -> None:
        self.comments: list[str] = []
        """The comments, with their authors, in order."""
        self.has_words = False
        """Whether there was more than descriptions of pictures."""
        self._package = package
        self._styles = Styles(package.styles, package.content)
        self._headings = Counter()
        self._lists: dict[str, Counter] = {}
        self._last_counter = Counter()
        self._notes = 0
        self._look = Look()

    def read(self, container: etree._Element) -> Iterator[Block]:
        """Return the blocks with text, the notes in their places."""
        yield from _with_notes(self._blocks(container))

    def read_shape(self, shape: etree._Element) -> Iterator[Block]:
        """Return the blocks of a shape with text, the notes in their places."""
        yield from _with_notes(self._part(shape, None))

    def _blocks(self, container: etree._Element, of: _List | None = None) -> Iterator[Block]:
        for element in _parts(container):
            yield from self._part(element, of)

    def _part(self, element: etree._Element, of: _List | None) -> Iterator[Block]:
        name = tag_of(element)
        if name == "table":
            yield from read_table(element, self._blocks)
        elif name == "list":
            yield from self._list(element, of)
        elif name == "numbered-paragraph":
            depth = count(element, "level", 1, LEVELS)
            yield from self._item(element, self._open(element, of, depth))
        elif name in _SHAPES or name in _READ:  # It stands between paragraphs.
            line = Line()
            self._read_inline(element, line)
            yield Block(line.text(), notes=tuple(line.notes))
            yield from line.boxes
        else:
            yield from self._paragraph(element)

    def _open(self, element: etree._Element, of: _List | None, depth: int) -> _List:
        """Return a list, with the numbers of the one that it continues."""
        style = attribute(element, "style-name") or (of.style if of else None)
        if of is not None:
            return _List(style, depth, of.counter)
        # A paragraph with a number of its own names its list, others only what they continue.
        identity = attribute(element, "list-id") or attribute(element, "id") or ""
        known = self._lists.get(attribute(element, "continue-list") or identity)
        if known is None and attribute(element, "continue-numbering") == "true":
            known = self._last_counter
        counter = known or Counter()
        if identity:
            self._lists[identity] = counter
        self._last_counter = counter
        return _List(style, depth, counter)

    def _list(self, element: etree._Element, of: _List | None) -> Iterator[Block]:
        opened = self._open(element, of, min(of.depth + 1, LEVELS) if of else 1)
        for item in element.iterchildren("{*}list-header", "{*}list-item"):
            if tag_of(item) == "list-header":
                yield from self._blocks(item, opened)
            else:
                yield from self._item(item, opened)

    def _item(self, item: etree._Element, of: _List) -> Iterator[Block]:
        """Return an item: its first paragraph has the number, lists within it are deeper."""
        is_first = True
        for block in self._blocks(item, of):
            if not is_first or block.is_item or (not block.text and not block.label):
                yield block
                continue
            is_first = False
            if block.level is not None and block.label:  # A heading has its number already.
                yield block
                continue
            start = count(item, "start-value", 0, _MAX_NUMBER) or None
            levels = self._styles.list_levels(of.style)
            label = of.counter.label(of.depth, levels, start)
            shape = levels.get(of.depth)
            if block.level is not None:
                yield _labelled(block, label)
            elif label or shape is None or shape.format_ is None:
                lead = f"{label} " if label else _BULLET
                text = f"{_INDENT * (of.depth - 1)}{lead}{block.text}"
                yield replace(block, text=text, label=label, is_item=True)
            else:
                yield block

    def _paragraph(self, element: etree._Element) -> Iterator[Block]:
        line = Line()
        style = attribute(element, "style-name")
        with self._looking(self._styles.look(style)):
            self._read(element, line)
        block = Block(line.text(), title=line.title(), notes=tuple(line.notes))
        if tag_of(element) == "h":
            level = count(element, "outline-level", 1, LEVELS)
            if block.text:
                label = ""
                if attribute(element, "is-list-header") != "true":
                    start = count(element, "start-value", 0, _MAX_NUMBER) or None
                    label = self._headings.label(level, self._styles.outline, start)
                block = replace(_labelled(block, label), level=level)
        elif self._styles.is_title(style):
            block = replace(block, is_title=True)
        yield block
        yield from line.boxes

    def _read(self, element: etree._Element, line: Line) -> None:
        self._write(element.text, line)
        for child in element:
            if isinstance(child.tag, str):
                self._read_inline(child, line)
            self._write(child.tail, line)

    def _read_inline(self, element: etree._Element, line: Line) -> None:
        name = tag_of(element)
        if name in _READ:
            _READ[name](self, element, line)
        elif name not in _SKIPPED:
            self._read(element, line)

    def _write(self, text: str | None, line: Line) -> None:
        if not text or self._look.hidden:
            return
        # White space is as in HTML; `s`, `tab` and `line-break` stand for more of it.
        words = " ".join(f"_{plain_spaces(text)}_".split())[1:-1]
        self.has_words = self.has_words or bool(words.strip())
        line.write(words, self._look.script or None)

    def _read_span(self, element: etree._Element, line: Line) -> None:
        look = self._styles.look(attribute(element, "style-name"))
        with self._looking(look.over(self._look)):
            line.write(STRUCK if look.struck else "")
            self._read(element, line)
            line.write(STRUCK if look.struck else "")

    def _read_blanks(self, element: etree._Element, line: Line) -> None:
        line.write(" " * count(element, "c", 1, _MAX_BLANKS))

    def _read_sign(self, element: etree._Element, line: Line) -> None:
        line.write({"tab": "\t", "line-break": "\n"}[tag_of(element)])

    def _read_link(self, element: etree._Element, line: Line) -> None:
        place = line.place()
        self._read(element, line)
        if added := address_to_add(attribute(element, "href") or "", line.text_since(place)):
            line.write(f" ({added})")

    def _read_note(self, element: etree._Element, line: Line) -> None:
        self._notes += 1
        mark = f"[{self._notes}]"
        line.write_mark(mark)
        body = next(element.iterchildren("{*}note-body"), None)
        if body is not None:
            with self._looking(Look()):
                text = "\n".join(block.text for block in self._blocks(body) if block.text)
            if text:
                line.notes.append(f"{mark} {text}")

    def _read_comment(self, element: etree._Element, line: Line) -> None:
        creator = element.find("{*}creator")
        author = "" if creator is None else one_line(creator.text or "")
        with self._looking(Look()):
            blocks = self._blocks(element)
            text = "\n".join(block.text for block in blocks if block.text)
        if text:
            self.comments.append(f"{author}: {text}" if author else text)

    def _read_frame(self, element: etree._Element, line: Line) -> None:
        """Read a frame: a box with text, a formula or another object, or a picture."""
        for child in element.iterchildren("{*}text-box", "{*}object", "{*}table"):
            if tag_of(child) == "object":
                self._read_object(child, line)
            else:
                with self._looking(Look()):
                    read = read_table(child, self._blocks) if tag_of(child) == "table" else None
                    line.boxes.extend(self._blocks(child) if read is None else read)
        if next(element.iterchildren("{*}text-box", "{*}object", "{*}table"), None) is None:
            line.write(described(element))

    def _read_object(self, element: etree._Element, line: Line) -> None:
        root = self._package.embedded(attribute(element, "href"))
        inside = next(element.iterchildren("{*}math"), None)
        if inside is None and root is not None and tag_of(root) == "math":
            inside = root
        if inside is not None:
            self.has_words = True
            line.write(read_formula(inside))
        elif root is not None:
            with self._looking(Look()):
                for part in root.iter("{*}title", "{*}table"):
                    line.boxes.extend(
                        read_table(part, self._blocks)
                        if tag_of(part) == "table"
                        else self._blocks(part)
                    )

    def _read_shape(self, element: etree._Element, line: Line) -> None:
        with self._looking(Look()):
            line.boxes.extend(self._blocks(element))

    @contextmanager
    def _looking(self, look: Look) -> Iterator[None]:
        before, self._look = self._look, look
        yield
        self._look = before


def described(frame: etree._Element) -> str:
    """Return what stands in place of a picture, in brackets."""
    texts = {tag_of(child): one_line(child.text or "") for child in frame if len(frame)}
    text = texts.get("desc") or texts.get("title") or ""
    return f"[{text}]" if text else ""


def _labelled(block: Block, label: str) -> Block:
    if not label:
        return block
    return replace(block, text=f"{label} {block.text}", title=f"{label} {block.title}", label=label)


def _parts(container: etree._Element) -> Iterator[etree._Element]:
    for child in container.iterchildren(etree.Element):
        name = tag_of(child)
        if name in _BLOCKS or name in _SHAPES or name == "annotation":
            yield child
        elif name not in _SKIPPED:
            yield from _parts(child)


def _with_notes(blocks: Iterator[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.text:
            yield block
        for note in block.notes:
            yield Block(note)


_SHAPES = frozenset(
    ("frame", "custom-shape", "rect", "ellipse", "circle", "line", "path", "polygon", "connector",
     "caption", "g")
)  # fmt: skip
_READ: dict[str, Callable[[Reader, etree._Element, Line], None]] = {
    "span": Reader._read_span,
    "s": Reader._read_blanks,
    "tab": Reader._read_sign,
    "line-break": Reader._read_sign,
    "a": Reader._read_link,
    "note": Reader._read_note,
    "annotation": Reader._read_comment,
    "frame": Reader._read_frame,
    **dict.fromkeys(_SHAPES - {"frame", "g"}, Reader._read_shape),
}
"""How to read the elements within a paragraph that are more than wrappers."""
