"""What an office document consists of: blocks of text, and the paragraph while it is read."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mirage.model import Section
from mirage.parse.characters.cleaning import one_line
from mirage.parse.characters.superscripts import lowered, raised
from mirage.parse.headings import HeadingPath, descend, titles
from mirage.parse.markup.inline import STRUCK

_STRUCK_WORDS = re.compile(rf"{STRUCK}[^~]+{STRUCK}(?=\w)")


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a table or a note; `level` (from 1) makes it a heading.

    `title` is its text without note marks; `notes` are the notes that it refers to first. `label`
    is its automatic number, which `text` and `title` begin with.
    """

    text: str
    level: int | None = None
    title: str = ""
    is_item: bool = False
    is_title: bool = False
    notes: tuple[str, ...] = ()
    label: str = ""


@dataclass(slots=True)
class Line:
    """A paragraph while it is read."""

    boxes: list[Block] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _marks: set[int] = field(default_factory=set)  # Indices of the parts that are note marks.
    _script: str | None = None
    _scripted: str = ""

    def write(self, text: str, script: str | None = None) -> None:
        """Add text; `script` is `superscript` or `subscript`."""
        if script != self._script:
            self._end_script()
            self._script = script
        if script is None:
            self._parts.append(text)
        else:
            self._scripted += text

    def write_mark(self, text: str) -> None:
        """Add the mark of a note, which is not part of a title."""
        self._end_script()
        self._marks.add(len(self._parts))
        self._parts.append(text)

    def place(self) -> int:
        """Return a place for `text_since`."""
        self._end_script()
        return len(self._parts)

    def text_since(self, place: int) -> str:
        """Return the text that was added since."""
        self._end_script()
        return "".join(self._parts[place:])

    def text(self) -> str:
        """Return the text, without blanks around its lines."""
        lines = _join_struck(self.text_since(0)).split("\n")
        return "\n".join(line.rstrip() for line in lines).strip()

    def title(self) -> str:
        """Return the text on one line, without note marks."""
        self._end_script()
        words = (part for at, part in enumerate(self._parts) if at not in self._marks)
        return one_line(_join_struck("".join(words)))

    def _end_script(self) -> None:
        text, self._scripted = self._scripted, ""
        if text:
            self._parts.append(_scripted(text, self._script or "", self._last()))
        self._script = None

    def _last(self) -> str:
        return next((part[-1] for part in reversed(self._parts) if part), " ")


def _join_struck(text: str) -> str:
    """Join struck text that Word keeps in several runs, and set it off from what follows."""
    return _STRUCK_WORDS.sub(r"\g<0> ", text.replace(STRUCK * 2, ""))


def _scripted(text: str, script: str, before: str) -> str:
    """Write raised or lowered text so that its digits do not join those before it."""
    words = text.strip()
    is_raised = script == "superscript"
    written = raised(words) if is_raised else lowered(words)
    if written is None and before.isalnum() and any(letter.isdigit() for letter in words):
        written = f"{'^' if is_raised else '_'}({words})"
    return text.replace(words, written, 1) if written is not None else text


def sections_of(blocks: Sequence[Block]) -> Iterator[Section]:
    """Return a section per heading with the blocks up to the next one."""
    path: HeadingPath = []
    held: list[str] = []
    after_item = False
    for block in blocks:
        if block.level is not None:
            if held:
                yield Section("".join(held), titles(path))
            path = descend(path, block.level, block.title)
            held = []
        if held:
            held.append("\n" if block.is_item and after_item else "\n\n")
        held.append(block.text)
        after_item = block.is_item
    if held:
        yield Section("".join(held), titles(path))


def first_title(blocks: Sequence[Block]) -> str | None:
    """Return the title on the title page, else the first heading."""
    named = [block for block in blocks if block.is_title]
    headed = [block for block in blocks if block.level is not None]
    found = (block.title.removeprefix(block.label).strip() for block in [*named, *headed])
    return next(filter(None, found), None)
