"""Reads a Word document's body: paragraphs, tables, lists and notes in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from mirage.parse.characters.cleaning import one_line, plain_spaces
from mirage.parse.docx.package import Package, attribute, outline_level, setting, tag_of
from mirage.parse.docx.symbols import symbol

_BULLET = "- "
_INDENT = "  "
_DEPTHS = tuple("012345678")
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Properties, deleted or moved text, field codes, and the second copy of a drawing.
_SKIPPED = frozenset(
    ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr", "sectPr", "del", "moveFrom", "instrText",
     "delText", "delInstrText", "Fallback")
)  # fmt: skip
_ELSEWHERE = frozenset(("altChunk", "subDoc"))
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table or a note; `level` (from 1) makes it a heading.

    `title` is its text without note marks; `notes` are the notes that it refers to first.
    """

    text: str
    level: int | None = None
    title: str = ""
    is_item: bool = False
    is_title: bool = False
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read."""

    parts: list[str] = field(default_factory=list)
    marks: set[int] = field(default_factory=set)  # Indices of the parts that are note marks.
    boxes: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        lines = "".join(self.parts).split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()

    def title(self) -> str:
        words = (part for at, part in enumerate(self.parts) if at not in self.marks)
        return one_line("".join(words))


class Reader:
    """Reads one document; a note follows the paragraph or table that first refers to it."""

    def __init__(self, package: Package) -> None:
        self.left_out = False
        """Whether a part of the text is in another file, which is not read."""
        self._styles = package.styles()
        self._notes = {kind: package.notes(kind) for kind in ("footnote", "endnote")}
        self._numbers: dict[tuple[str, str], int] = {}
        self._in_note = False

    def read(self, body: etree._Element) -> Iterator[Block]:
        """Return the blocks with text, the notes in their places."""
        for block in self._blocks(body):
            if block.text:
                yield block
            for note in block.notes:
                yield Block(note)

    def _blocks(self, container: etree._Element) -> Iterator[Block]:
        carried = _Line()
        for element in _children(container, ("p", "tbl", *_ELSEWHERE)):
            name = tag_of(element)
            if name == "p":
                self._read_line(element, carried)
                # If its mark is deleted, a paragraph continues in the next one.
                if element.find("{*}pPr/{*}rPr/{*}del") is None:
                    yield from self._paragraph(element, carried)
                    carried = _Line()
            elif name == "tbl":
                yield from self._table(element)
            else:
                self.left_out = True
        yield Block(carried.text(), notes=tuple(carried.notes))
        yield from carried.boxes

    def _paragraph(self, element: etree._Element, line: _Line) -> Iterator[Block]:
        properties = element.find("{*}pPr")
        style = level = numbering = None
        depth = "0"
        if properties is not None:
            style = setting(properties, "pStyle")
            level = outline_level(properties)
            numbering = setting(properties, "numPr/numId")
            depth = setting(properties, "numPr/ilvl") or "0"
        if level is None:
            level = self._styles.heading_level(style)
        else:
            level = level + 1 if level < 9 else None
        if numbering is None:
            numbering = self._styles.numbering(style)
        block = Block(line.text(), title=line.title(), notes=tuple(line.notes))
        if block.text and level is not None:
            block = replace(block, level=level)
        elif block.text and numbering not in (None, "0"):
            indent = _INDENT * (int(depth) if depth in _DEPTHS else 0)
            block = replace(block, text=f"{indent}{_BULLET}{block.text}", is_item=True)
        elif self._styles.is_title(style):
            block = replace(block, is_title=True)
        yield block
        yield from line.boxes

    def _table(self, table: etree._Element) -> Iterator[Block]:
        rows = [
            [list(self._blocks(cell)) for cell in _children(row, ("tc",))]
            for row in _children(table, ("tr",))
            if row.find("{*}trPr/{*}del") is None
        ]
        blocks = [block for row in rows for cell in row for block in cell]
        # A table with headings or one column lays out text instead of data.
        if any(block.level for block in blocks) or all(len(row) < 2 for row in rows):
            yield from blocks
            return
        notes = tuple(note for block in blocks for note in block.notes)
        lines = ["\t".join(_cell(cell) for cell in row).rstrip() for row in rows]
        yield Block("\n".join(line for line in lines if line.strip()), notes=notes)

    def _read_line(self, element: etree._Element, line: _Line) -> None:
        for child in element:
            if not isinstance(child.tag, str):
                continue
            name = tag_of(child)
            if name == "t":
                line.parts.append(plain_spaces((child.text or "").replace("\n", " ")))
            elif name in _CHARACTERS:
                line.parts.append(_CHARACTERS[name])
            elif name == "sym":
                line.parts.append(_symbol(child))
            elif name in ("footnoteReference", "endnoteReference"):
                self._refer(name.removesuffix("Reference"), child, line)
            elif name == "txbxContent":
                line.boxes.extend(self._blocks(child))
            elif name == "ruby":
                self._read_ruby(child, line)
            elif name not in _SKIPPED and not _is_hidden(child):
                self._read_line(child, line)

    def _read_ruby(self, ruby: etree._Element, line: _Line) -> None:
        """Add the words, then their reading in parentheses."""
        for name, before, after in (("rubyBase", "", ""), ("rt", "(", ")")):
            for part in ruby.iterfind(f"{{*}}{name}"):
                line.parts.append(before)
                self._read_line(part, line)
                line.parts.append(after)

    def _refer(self, kind: str, reference: etree._Element, line: _Line) -> None:
        key = (kind, attribute(reference, "id") or "")
        note = self._notes[kind].get(key[1])
        if note is None or self._in_note:
            return
        is_new = key not in self._numbers
        if is_new:
            self._numbers[key] = len(self._numbers) + 1
        own_mark = attribute(reference, "customMarkFollows") not in (None, *_OFF)
        mark = "" if own_mark else f"[{self._numbers[key]}]"
        line.marks.add(len(line.parts))
        line.parts.append(mark)
        if is_new:
            self._in_note = True
            text = "\n".join(block.text for block in self._blocks(note) if block.text)
            self._in_note = False
            if text:
                line.notes.append(f"{mark} {text}".strip())


def _children(container: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Return the elements of these names, also those inside of wrappers."""
    for child in container:
        if isinstance(child.tag, str):
            name = tag_of(child)
            if name in names:
                yield child
            elif name not in _SKIPPED:
                yield from _children(child, names)


def _is_hidden(element: etree._Element) -> bool:
    value = setting(element, "rPr/vanish") if tag_of(element) == "r" else None
    return value is not None and value not in _OFF


def _symbol(element: etree._Element) -> str:
    try:
        code = int(attribute(element, "char") or "", 16)
    except ValueError:
        return ""
    return symbol(attribute(element, "font") or "", code)


def _cell(blocks: list[Block]) -> str:
    return " ".join(one_line(block.text) for block in blocks if block.text)
