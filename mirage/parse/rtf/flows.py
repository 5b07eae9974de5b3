"""Where text goes while a document is read: into paragraphs, or into a few words."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mirage.parse.blocks import Block, Line
from mirage.parse.characters.cleaning import clean, one_line, plain_spaces
from mirage.parse.markup.inline import STRUCK
from mirage.parse.rtf.tables import Row, write_table

_BULLET, _INDENT = "- ", "  "
_MAX_DEPTH = 8  # The specification has nine levels of lists.


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look; `script` is `superscript` or `subscript`."""

    script: str | None = None
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """What a paragraph is: a heading of a level from 1, the title, in a table, in a list."""

    level: int | None = None
    is_title: bool = False
    in_table: bool = False
    depth: int = 0


PLAIN, PARAGRAPH = Look(), Kind()
"""Characters and paragraphs without anything particular."""


@dataclass(slots=True)
class Words:
    """Text that belongs to no paragraph, such as the title of the document."""

    parts: list[str] = field(default_factory=list)

    def write(self, text: str, look: Look) -> None:
        """Add text."""
        self.parts.append(text)

    def text(self) -> str:
        """Return the text on one line."""
        return one_line("".join(self.parts))


@dataclass(slots=True)
class Flow:
    """Paragraphs and tables in reading order, of the body, a note, a box or a comment."""

    line: Line = field(default_factory=Line)
    label: str = ""
    row: Row = field(default_factory=Row)
    _blocks: list[Block] = field(default_factory=list)
    _cell: list[Block] = field(default_factory=list)
    _rows: list[Row] = field(default_factory=list)

    def write(self, text: str, look: Look) -> None:
        """Add text to the current paragraph."""
        words = plain_spaces(clean(text))
        if not words:
            return
        if look.struck and words.strip():
            words = f"{STRUCK}{words}{STRUCK}"
        self.line.write(words, look.script)

    def end_paragraph(self, kind: Kind) -> None:
        """End the current paragraph; one outside of a table ends the table before it."""
        line, self.line = self.line, Line()
        label, self.label = self.label, ""
        title = line.title() if kind.level is not None or kind.is_title else ""
        block = Block(line.text(), title=title, notes=tuple(line.notes))
        if block.text:
            block = _shaped(block, label, kind)
        if kind.in_table:
            self._cell += [block, *line.boxes]
            return
        self._end_table()
        if block.text:
            self._blocks.append(block)
        self._blocks += [*map(Block, line.notes), *line.boxes]

    def end_cell(self) -> None:
        """End the current cell of a table."""
        self.end_paragraph(Kind(in_table=True))
        cell, self._cell = self._cell, []
        self.row.cells.append([block for block in cell if block.text or block.notes])

    def begin_row(self) -> None:
        """Forget the edges of the row before."""
        self.row.edges, self.row.covered = [], []

    def add_edge(self, edge: int, *, covered: bool) -> None:
        """Add the right edge of the next cell, in twips."""
        self.row.edges.append(edge)
        self.row.covered.append(covered)

    def end_row(self) -> None:
        """End the current row; the next one has the same cells unless it says so."""
        row = self.row
        self._rows.append(row)
        self.row = Row(edges=[*row.edges], covered=[*row.covered])

    def finish(self) -> list[Block]:
        """Return the blocks; a broken file ends within a row."""
        if self._cell or self.row.cells:
            self.end_cell()
        self.end_paragraph(PARAGRAPH)
        return self._blocks

    def _end_table(self) -> None:
        if self._cell or self.row.cells:  # Nothing says that the row ends.
            self.row.cells.append(self._cell)
            self._cell = []
            self.end_row()
        rows, self._rows = self._rows, []
        for block in write_table(rows):
            if block.text:
                self._blocks.append(block)
            self._blocks += map(Block, block.notes)


def texts(blocks: list[Block]) -> Iterator[str]:
    """Return the texts of blocks that have text."""
    return (block.text for block in blocks if block.text)


def _shaped(block: Block, label: str, kind: Kind) -> Block:
    """Return a paragraph as what it is, with the number or bullet of its list."""
    is_number = any(map(str.isalnum, label))
    if kind.level is not None:
        if is_number:
            text, title = f"{label} {block.text}", f"{label} {block.title}"
            block = replace(block, text=text, title=title, label=label)
        return replace(block, level=kind.level)
    if label:
        lead = f"{label} " if is_number else _BULLET
        text = f"{_INDENT * min(kind.depth, _MAX_DEPTH)}{lead}{block.text}"
        return replace(block, text=text, label=label if is_number else "", is_item=True)
    return replace(block, is_title=kind.is_title)
