"""Collects the text of a page, with the offsets of its anchors and headings."""

import re
from dataclasses import dataclass, field

from mirage.parse.characters.cleaning import one_line, plain_spaces

_WHITESPACE = re.compile(r"[ \t\n]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading on one line; `length` counts its characters in the flow's text from `offset`."""

    offset: int
    level: int
    text: str
    length: int


@dataclass(slots=True)
class Flow:
    """The text of a file. `anchors` maps each id to the offset where its block begins; `pages` are
    the offsets where pages of the printed book begin, with their labels and ids.
    """

    text: str = ""
    pages: list[tuple[int, str, str]] = field(default_factory=list)
    anchors: dict[str, int] = field(default_factory=dict)
    headings: list[Heading] = field(default_factory=list)


class Writer:
    """Collects text; breaks and spaces are written once text follows them."""

    def __init__(self) -> None:
        self.preformatted = 0
        """How many `pre` elements are open."""
        self.in_cell = False
        """Whether a cell of a data table is open, whose row stays on one line."""
        self._flow = Flow()
        self._parts: list[str] = []
        self._marks: set[int] = set()  # Indices of the parts that are note marks.
        self._length = 0
        self._block_start = 0
        self._glue = ""
        self._tabs = 0
        self._sets_off = False
        self._prefix: list[str] = []
        self._is_ended = False
        self._waiting: list[str] = []
        self._pages: list[tuple[str, str]] = []
        self._heading: tuple[int, int | None] = (0, None)
        self._has_words = False

    def write(self, text: str | None, *, is_words: bool = True) -> None:
        """Add text; whitespace collapses to one space, unless it is preformatted."""
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
        """Add the mark of a note, which is not part of a heading's title."""
        self.write(text)
        self._marks.add(len(self._parts) - 1)

    def separate(self, glue: str) -> None:
        """Require at least this glue before the next text; in a cell a blank."""
        if self.in_cell:
            glue = " "
        if "\n" in glue:
            # Drops the tabs of empty cells at the end of a row.
            self._glue = self._glue.strip(" \t")
            self._tabs = 0
        if len(glue) > len(self._glue) or self._glue == " ":
            self._glue = glue

    def break_line(self) -> None:
        """Require a line break; a second one in a row leaves a line empty."""
        self.separate("\n\n" if self._glue == "\n" else "\n")

    def next_cell(self) -> None:
        """Begin the next cell, also after an empty one, so that columns do not shift."""
        self._tabs += 1

    def set_off(self) -> None:
        """Require a blank before the next text if both sides are letters or digits."""
        self._sets_off = True

    def begin_with(self, text: str) -> None:
        """Have the next text begin with this, such as the number of an item."""
        self._prefix.append(text)

    def end_with(self, text: str) -> None:
        """Add this to the last text; if none followed its `begin_with`, that is dropped instead."""
        if self._prefix and self._prefix[-1] == text:
            self._prefix.pop()
        elif self._parts:
            self._parts[-1] += text
            self._length += len(text)
            self._is_ended = True

    def forget(self, text: str) -> None:
        """Drop what `begin_with` added, because nothing followed."""
        if self._prefix and self._prefix[-1] == text:
            self._prefix.pop()

    def place(self) -> int:
        """Return a place for `text_since`."""
        return len(self._parts)

    def text_since(self, place: int) -> str:
        """Return the text that was added since."""
        return "".join(self._parts[place:])

    def anchor(self, name: str) -> None:
        """Note an id at the beginning of its block, which may not have begun yet."""
        if "\n" in self._glue or not self._parts:
            self._waiting.append(name)
        else:
            self._flow.anchors.setdefault(name, self._block_start)

    def begin_page(self, label: str, name: str) -> None:
        """Note that a page of the printed book begins with the next text."""
        self._pages.append((label, name))

    def begin_heading(self) -> None:
        """Begin a heading with the next text."""
        self._heading = (len(self._parts), None)

    def end_heading(self, level: int) -> None:
        """End the heading; the text since its beginning is its title."""
        part, offset = self._heading
        parts = range(part, len(self._parts))
        text = one_line("".join(self._parts[at] for at in parts if at not in self._marks))
        if text and offset is not None:
            self._flow.headings.append(Heading(offset, level, text, self._length - offset))
        self.begin_heading()  # A heading around this one keeps only the text that follows.

    def finish(self) -> Flow:
        """Return all that was written."""
        self._settle()
        # Alternative texts alone, such as `cover`, are not text.
        self._flow.text = "".join(self._parts) if self._has_words else ""
        return self._flow

    def _append(self, text: str) -> None:
        glue = "" if self._tabs and self._glue == " " else self._glue
        if self._parts and not self._tabs and self._is_set_off(text):
            glue = glue or " "
        text = "".join([*self._prefix, text])
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
        self._prefix.clear()
        self._is_ended = False

    def _is_set_off(self, text: str) -> bool:
        if self._is_ended or any(self._prefix):
            return text[0].isalnum() and not self._parts[-1][-1].isspace()
        return self._sets_off and _touch(self._parts[-1], text)

    def _settle(self) -> None:
        for name in self._waiting:
            self._flow.anchors.setdefault(name, self._length)
        self._waiting.clear()
        self._flow.pages += ((self._length, *page) for page in self._pages)
        self._pages.clear()


def _touch(before: str, after: str) -> bool:
    return all(c.isalpha() or c.isdecimal() for c in (before[-1], after[0]))
