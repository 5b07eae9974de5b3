"""Reads a Word document's body: paragraphs, tables, lists and notes in reading order."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from lxml import etree

from mirage.parse.blocks import Block, Line
from mirage.parse.characters.cleaning import one_line, plain_spaces
from mirage.parse.characters.symbol_fonts import has_own_signs, symbol
from mirage.parse.docx.drawings import read_chart, read_diagram
from mirage.parse.docx.elements import attribute, children, is_on, is_true, number, setting, tag_of
from mirage.parse.docx.fields import Field, read_form_field
from mirage.parse.docx.formulas import read_office_formula
from mirage.parse.docx.numbering import LEVELS
from mirage.parse.docx.package import Package
from mirage.parse.docx.styles import HEADING_LEVELS, font_of, outline_level
from mirage.parse.docx.tables import read_table
from mirage.parse.links import address_to_add, linked_address
from mirage.parse.markup.inline import STRUCK

_BULLET = "- "
_INDENT = "  "
_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
# Properties, deleted or moved text, and the second copy of a drawing.
_SKIPPED = frozenset(
    ("pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr", "sectPr", "del", "moveFrom", "delText",
     "delInstrText", "Fallback")
)  # fmt: skip
_ELSEWHERE = frozenset(("altChunk", "subDoc"))


@dataclass(slots=True)
class _Look:
    """How the characters of the present run look."""

    script: str | None = None
    font: str = ""


@dataclass(slots=True)
class _State:
    fields: list[Field] = field(default_factory=list)
    look: _Look = field(default_factory=_Look)
    # Notes, headers and comments are parts with relations of their own, which are not read.
    is_apart: bool = False


class Reader:
    """Reads one document; a note follows the paragraph or table that first refers to it."""

    def __init__(self, package: Package) -> None:
        self.left_out = False
        """Whether a part of the text is in another file, which is not read."""
        self.has_words = False
        """Whether there was more than alternative texts of pictures."""
        self._package = package
        self._styles = package.styles()
        self._numbering = package.numbering(self._styles)
        self._notes = {kind: package.notes(kind) for kind in ("footnote", "endnote")}
        self._numbers: dict[tuple[str, str], int] = {}
        self._state = _State()

    def read(self, body: etree._Element) -> Iterator[Block]:
        """Return the blocks with text, the notes in their places."""
        for block in self._blocks(body):
            if block.text:
                yield block
            for note in block.notes:
                yield Block(note)

    def read_part(self, part: etree._Element) -> Iterator[Block]:
        """Return the blocks of another part, such as a header: without links and pictures."""
        with self._apart(is_apart=True):
            yield from self.read(part)

    def _blocks(self, container: etree._Element) -> Iterator[Block]:
        carried = Line()
        for element in _descend(container, ("p", "tbl", *_ELSEWHERE)):
            name = tag_of(element)
            if name == "p":
                self._read_line(element, carried)
                if not _continues_in_next(element):
                    yield from self._paragraph(element, carried)
                    carried = Line()
            elif name == "tbl":
                yield from read_table(element, self._blocks, _descend)
            else:
                self.left_out = True
        yield Block(carried.text(), notes=tuple(carried.notes))
        yield from carried.boxes

    def _paragraph(self, element: etree._Element, line: Line) -> Iterator[Block]:
        properties = element.find("{*}pPr")
        if properties is None:
            properties = etree.Element("pPr")
        style = setting(properties, "pStyle")
        level = outline_level(properties)
        if level is None:
            level = self._styles.heading_level(style)
        else:
            level = level + 1 if level < HEADING_LEVELS else None
        block = Block(line.text(), title=line.title(), notes=tuple(line.notes))
        block = self._numbered(block, properties, style, is_heading=level is not None)
        if block.text and level is not None:
            block = replace(block, level=level)
        elif self._styles.is_title(style) and not block.is_item:
            block = replace(block, is_title=True)
        yield block
        yield from line.boxes

    def _numbered(
        self, block: Block, properties: etree._Element, style: str | None, *, is_heading: bool
    ) -> Block:
        """Return the block with the number or bullet of its list."""
        given, depth = setting(properties, "numPr/numId"), setting(properties, "numPr/ilvl")
        by_style = self._styles.list_of(style)
        if given is None and by_style is not None:
            given, said_by, said_level = by_style
            at = self._numbering.level_of_style(given, said_by)
            depth = depth or (str(at) if at is not None else said_level)
        if given in (None, "0"):
            return block
        at = min(number(depth, 0), LEVELS[-1])
        # Word counts an empty paragraph, too.
        label = self._numbering.next_label(given or "", at)
        if label is None:
            if not block.text or is_heading:
                return block
            return replace(block, text=f"{_INDENT * at}{_BULLET}{block.text}", is_item=True)
        if not label:
            return block
        if not block.text:
            return replace(block, label=label)
        text, title = f"{label} {block.text}", f"{label} {block.title}"
        return replace(block, text=text, title=title, label=label, is_item=not is_heading)

    def _read_line(self, element: etree._Element, line: Line) -> None:
        for child in children(element):
            name = tag_of(child)
            if name in _CHARACTERS:
                line.write(_CHARACTERS[name])
            elif name in _READ:
                _READ[name](self, child, line)
            elif name not in _SKIPPED:
                if alternative := attribute(child, "alt"):
                    line.write(_bracketed(alternative))
                self._read_line(child, line)

    def _read_run(self, run: etree._Element, line: Line) -> None:
        properties = run.find("{*}rPr")
        if properties is None:
            self._read_line(run, line)
            return
        if is_on(properties, "vanish"):
            return
        style = setting(properties, "rStyle")
        script = setting(properties, "vertAlign")
        font = font_of(properties)
        if style is not None:
            script = self._styles.script(style) if script is None else script
            font = font or self._styles.font(style)
        is_struck = is_on(properties, "strike") or is_on(properties, "dstrike")
        before = self._state.look
        is_moved = script in ("superscript", "subscript")
        self._state.look = _Look(script if is_moved else None, font or "")
        line.write(STRUCK if is_struck else "")
        self._read_line(run, line)
        line.write(STRUCK if is_struck else "")
        self._state.look = before

    def _read_text(self, element: etree._Element, line: Line) -> None:
        text, look = element.text or "", self._state.look
        self.has_words = self.has_words or not text.isspace()
        if has_own_signs(look.font):
            text = "".join(symbol(look.font, ord(letter)) or letter for letter in text)
        line.write(plain_spaces(text.replace("\n", " ")), look.script)

    def _read_symbol(self, element: etree._Element, line: Line) -> None:
        sign = _symbol_of(element)
        self.has_words = self.has_words or bool(sign)
        line.write(sign, self._state.look.script)

    def _read_box(self, element: etree._Element, line: Line) -> None:
        with self._apart():
            line.boxes.extend(self._blocks(element))

    def _read_formula(self, element: etree._Element, line: Line) -> None:
        self.has_words = True
        line.write(read_office_formula(element))

    def _read_ruby(self, ruby: etree._Element, line: Line) -> None:
        """Add the words, then their reading in parentheses."""
        for name, before, after in (("rubyBase", "", ""), ("rt", "(", ")")):
            for part in ruby.iterfind(f"{{*}}{name}"):
                line.write(before)
                self._read_line(part, line)
                line.write(after)

    def _read_link(self, element: etree._Element, line: Line) -> None:
        place = line.place()
        self._read_line(element, line)
        self._add_address(self._package.address(attribute(element, "id")), place, line)

    def _read_simple_field(self, element: etree._Element, line: Line) -> None:
        place = line.place()
        self._read_line(element, line)
        self._add_address(linked_address(attribute(element, "instr") or ""), place, line)

    def _read_field_code(self, element: etree._Element, line: Line) -> None:
        if self._state.fields:
            self._state.fields[-1].code += element.text or ""

    def _read_field_border(self, element: etree._Element, line: Line) -> None:
        fields, kind = self._state.fields, attribute(element, "fldCharType")
        if kind == "begin":
            fields.append(Field(line.place()))
        elif kind == "separate" and fields:
            fields[-1].place = line.place()
        elif kind == "end" and fields:
            ended = fields.pop()
            self._add_address(linked_address(ended.code), ended.place, line)
        self._read_line(element, line)

    def _read_form_field(self, element: etree._Element, line: Line) -> None:
        line.write(read_form_field(element))

    def _add_address(self, address: str | None, place: int, line: Line) -> None:
        if self._state.is_apart:
            return
        if address and (added := address_to_add(address, line.text_since(place))):
            line.write(f" ({added})")

    def _read_picture(self, element: etree._Element, line: Line) -> None:
        line.write(_bracketed(attribute(element, "descr")))

    def _read_diagram(self, element: etree._Element, line: Line) -> None:
        part = self._part(attribute(element, "dm"))
        self._add_box("" if part is None else read_diagram(part), line)

    def _read_chart(self, element: etree._Element, line: Line) -> None:
        part = self._part(attribute(element, "id"))
        self._add_box("" if part is None else read_chart(part), line)

    def _part(self, identity: str | None) -> etree._Element | None:
        return None if self._state.is_apart else self._package.part(identity)

    def _add_box(self, text: str, line: Line) -> None:
        self.has_words = self.has_words or bool(text)
        line.boxes.append(Block(text))

    def _read_reference(self, element: etree._Element, line: Line) -> None:
        self._refer(tag_of(element).removesuffix("Reference"), element, line)

    def _refer(self, kind: str, reference: etree._Element, line: Line) -> None:
        key = (kind, attribute(reference, "id") or "")
        note = self._notes[kind].get(key[1])
        if note is None or self._state.is_apart:
            return
        is_new = key not in self._numbers
        if is_new:
            self._numbers[key] = len(self._numbers) + 1
        own_mark = is_true(attribute(reference, "customMarkFollows"))
        mark = "" if own_mark else f"[{self._numbers[key]}]"
        line.write_mark(mark)
        if is_new:
            with self._apart(is_apart=True):
                text = "\n".join(block.text for block in self._blocks(note) if block.text)
            if text:
                line.notes.append(f"{mark} {text}".strip())

    @contextmanager
    def _apart(self, *, is_apart: bool = False) -> Iterator[None]:
        """Read text that stands apart from the present line, or even in another part."""
        before = self._state
        self._state = _State(is_apart=is_apart or before.is_apart)
        yield
        self._state = before


def _descend(container: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    """Return the elements of these names, also those inside of wrappers."""
    for child in children(container):
        name = tag_of(child)
        if name in names:
            yield child
        elif name not in _SKIPPED:
            yield from _descend(child, names)


def _continues_in_next(paragraph: etree._Element) -> bool:
    """Return whether the next paragraph continues this one: its mark is deleted, or it is a large
    first letter.
    """
    if paragraph.find("{*}pPr/{*}rPr/{*}del") is not None:
        return True
    frame = paragraph.find("{*}pPr/{*}framePr")
    return frame is not None and attribute(frame, "dropCap") in ("drop", "margin")


def _symbol_of(element: etree._Element) -> str:
    """Return the sign of an element `sym`; empty if it has no meaning without its font."""
    try:
        code = int(attribute(element, "char") or "", 16)
    except ValueError:
        return ""
    return symbol(attribute(element, "font") or "", code)


def _bracketed(alternative: str | None) -> str:
    text = one_line(alternative or "")
    return f"[{text}]" if text else ""


_READ: dict[str, Callable[[Reader, etree._Element, Line], None]] = {
    "t": Reader._read_text,
    "sym": Reader._read_symbol,
    "r": Reader._read_run,
    "footnoteReference": Reader._read_reference,
    "endnoteReference": Reader._read_reference,
    "txbxContent": Reader._read_box,
    "ruby": Reader._read_ruby,
    "oMath": Reader._read_formula,
    "hyperlink": Reader._read_link,
    "fldSimple": Reader._read_simple_field,
    "fldChar": Reader._read_field_border,
    "instrText": Reader._read_field_code,
    "ffData": Reader._read_form_field,
    "docPr": Reader._read_picture,
    "relIds": Reader._read_diagram,
    "chart": Reader._read_chart,
}
"""How to read the elements within a paragraph that are more than wrappers."""
