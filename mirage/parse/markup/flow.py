"""The text of a page while it is written, with the places of its anchors and headings."""

import re
from dataclasses import dataclass, field

from mirage.parse.characters.cleaning import one_line, plain_spaces

_WHITESPACE = re.compile(r"[ \t\n]+")


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


class Writer:
    """Collects text; breaks and spaces are written once something follows them."""

    def __init__(self) -> None:
        self.preformatted = 0
        """How deep inside of `pre`."""
        self.in_cell = False
        """Whether in a cell of a table of figures, whose row stays on its line."""
        self._flow = Flow()
        self._parts: list[str] = []
        self._marks: set[int] = set()  # Which of the parts are marks of notes.
        self._length = 0
        self._block_start = 0
        self._glue = ""
        self._tabs = 0
        self._sets_off = False
        self._waiting: list[str] = []
        self._heading: tuple[int, int | None] = (0, None)
        self._has_words = False

    def write(self, text: str | None, *, is_words: bool = True) -> None:
        """Whitespace says only that there is some, unless it is preformatted."""
        text = plain_spaces(text or "")
        if not text:
            return
        self._has_words = self._has_words or (is_words and not text.isspace())
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

    def write_mark(self, text: str) -> None:
        """The mark of a note, which is no part of a heading's title."""
        self.write(text)
        self._marks.add(len(self._parts) - 1)

    def separate(self, glue: str) -> None:
        """At least this much between what is written and what follows; in a cell a blank."""
        if self.in_cell:
            glue = " "
        if "\n" in glue:
            self._glue = self._glue.strip(" \t")  # Empty cells at the end of a row.
            self._tabs = 0
        if len(glue) > len(self._glue) or self._glue == " ":
            self._glue = glue

    def break_line(self) -> None:
        """A second break in a row leaves a line empty."""
        self.separate("\n\n" if self._glue == "\n" else "\n")

    def next_cell(self) -> None:
        """Also behind an empty one, so that columns do not shift."""
        self._tabs += 1

    def set_off(self) -> None:
        """A blank between what is written and what follows, where both are letters or digits."""
        self._sets_off = True

    def anchor(self, name: str) -> None:
        """Before any text of its block it waits for the block; inside it means the block."""
        if "\n" in self._glue or not self._parts:
            self._waiting.append(name)
        else:
            self._flow.anchors.setdefault(name, self._block_start)

    def begin_heading(self) -> None:
        """What follows is a heading."""
        self._heading = (len(self._parts), None)

    def end_heading(self, level: int) -> None:
        """What was written since its beginning is its text."""
        part, offset = self._heading
        parts = range(part, len(self._parts))
        text = one_line("".join(self._parts[at] for at in parts if at not in self._marks))
        if text and offset is not None:
            self._flow.headings.append(Heading(offset, level, text, self._length - offset))
        self.begin_heading()  # One around this one has only what follows.

    def finish(self) -> Flow:
        """All that was written."""
        self._settle()
        # Descriptions of pictures alone, such as `cover`, are no text.
        self._flow.text = "".join(self._parts) if self._has_words else ""
        return self._flow

    def _append(self, text: str) -> None:
        glue = "" if self._tabs and self._glue == " " else self._glue
        if self._sets_off and self._parts and not self._tabs and _touch(self._parts[-1], text):
            glue = glue or " "
        if self._parts and glue:
            self._parts.append(glue)
            self._length += len(glue)
        if "\n" in glue or not self._parts:
            self._block_start = self._length
        self._settle()
        if self._heading[1] is None:
            self._heading = (self._heading[0], self._length)
        self._parts.append("\t" * self._tabs + text)
        self._length += self._tabs + len(text)
        self._glue, self._tabs, self._sets_off = "", 0, False

    def _settle(self) -> None:
        for name in self._waiting:
            self._flow.anchors.setdefault(name, self._length)
        self._waiting.clear()


def _touch(before: str, after: str) -> bool:
    return all(c.isalpha() or c.isdecimal() for c in (before[-1], after[0]))
