"""What is known while an RTF document is read."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

from mirage.parse.blocks import Line
from mirage.parse.characters.symbol_fonts import symbol
from mirage.parse.rtf.flows import PARAGRAPH, PLAIN, Flow, Kind, Look, Words
from mirage.parse.rtf.fonts import Font, Fonts
from mirage.parse.rtf.styles import Styles

Sink = Flow | Words


@dataclass(slots=True)
class Field:
    """A field while it is read; its result follows its code."""

    code: str = ""


@dataclass(slots=True)
class DrawingProperty:
    """A property of a drawing."""

    name: str = ""


@dataclass(slots=True)
class Group:
    """What holds until the group ends. Each group begins as a copy of the one around it.

    `sink` is None where text is not part of the document; `host` is the last one around it. Nothing
    in a `dropped` group is part of it either.
    `fallback` counts the characters that stand for one of Unicode, and `table` is the table at the
    head of the file that the group belongs to. `begins` and `is_starred` describe the first words.
    """

    sink: Sink | None
    host: Sink
    look: Look = PLAIN
    paragraph: Kind = PARAGRAPH
    style: int = 0
    outline: int | None = None
    font: int | None = None
    fallback: int = 1
    dropped: bool = False
    hidden: bool = False
    covered: bool = False
    begins: bool = False
    is_starred: bool = False
    table: str = ""
    field: Field | None = None
    drawing: DrawingProperty | None = None
    end: Callable[[], None] | None = None

    def nested(self) -> Self:
        """Return the group that begins within; written out, because it takes most of the time."""
        return type(self)(
            self.sink, self.host, self.look, self.paragraph, self.style, self.outline, self.font,
            self.fallback, self.dropped, self.hidden, self.covered, True, False, self.table,
            self.field, self.drawing,
        )  # fmt: skip

    def leave_out(self) -> None:
        """Take the text of the group for no part of the document."""
        if self.sink is not None:
            self.host = self.sink
        self.sink = None

    @property
    def flow(self) -> Flow | None:
        """Return where paragraphs go; None where there are none."""
        return self.sink if isinstance(self.sink, Flow) else None

    @property
    def line(self) -> Line | None:
        """Return the paragraph that a box or a note belongs to; hidden ones take theirs along."""
        host = self.host if self.sink is None else self.sink
        return host.line if isinstance(host, Flow) and not self.hidden else None


@dataclass(slots=True)
class State:
    """The current group, the tables at the head of the file, and what was found apart from text.

    `comments` have their authors; `margins` are the texts of page headers and footers. `skip`
    counts the characters that stand for one that was written already.
    """

    group: Group
    fonts: Fonts
    styles: Styles = field(default_factory=Styles)
    title: str = ""
    comments: list[str] = field(default_factory=list)
    margins: dict[str, dict[str, None]] = field(
        default_factory=lambda: {"header": {}, "footer": {}}
    )
    has_pictures: bool = False
    notes: int = 0
    author: str = ""
    skip: int = 0
    surrogate: int = 0

    @property
    def font(self) -> Font:
        """Return the current font."""
        return self.fonts.get(self.group.font)

    def write(self, text: str) -> None:
        """Add text to what the current group is a part of."""
        self.surrogate = 0
        if self.group.table == "fonts":
            self.fonts.write(text)
        elif self.group.table == "styles":
            self.styles.write(text)
        elif self.group.sink is not None and not self.group.hidden:
            self.group.sink.write(text, self.group.look)

    def write_bytes(self, content: bytes) -> None:
        """Add text in the encoding of the current font."""
        font = self.font
        if font.has_own_signs and not self.group.table:
            self.write("".join(symbol(font.name, code) for code in content))
        else:
            self.write(content.decode(self.fonts.encoding(font), "replace"))

    def begin_flow(self, end: Callable[[Flow, Line | None], None]) -> None:
        """Read paragraphs apart from the current one; `end` takes them and the current one."""
        flow, line = Flow(), self.group.line
        self.group = replace(
            self.group, sink=flow, host=flow, look=PLAIN, paragraph=PARAGRAPH, hidden=False,
            style=0, outline=None, end=lambda: end(flow, line),
        )  # fmt: skip

    def begin_words(self, end: Callable[[str], None]) -> None:
        """Read words apart from the current paragraph; `end` takes them."""
        words = Words()
        self.group.sink = self.group.host = words
        self.group.hidden = False
        self.group.end = lambda: end(words.text())
