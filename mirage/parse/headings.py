"""Builds heading paths; all formats share these rules."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mirage.model import SECTION_SEPARATOR, Section
from mirage.parse.characters.superscripts import LOWERED_DIGITS, RAISED_DIGITS

HeadingPath = list[tuple[int, str]]
"""Levels and titles of the headings above a place in the text, from the top."""

MAX_TITLE_CHARACTERS = 300  # guess: the longest chapter title seen, in a novel, has 168
MAX_DEPTH = 10  # guess: the deepest book seen has 4

# What programs write in place of a missing title: ReportLab, word processors, browsers.
_PLACEHOLDER = re.compile(
    r"\(?(?:anonymous|unspecified|untitled(?: document)?|no title|ohne titel|unbenannt|sans titre"
    r"|sin t[ií]tulo|senza titolo|без названия|без имени)\)?(?:[ -]?\d{1,3})?"
    r"|(?:document|документ|dokument|documento)[ -]?\d{1,3}",
    re.IGNORECASE,
)

# A range, because each single sign costs time for each character of a text.
_NO_LETTERS = re.compile(rf"[\W\d_{RAISED_DIGITS}{LOWERED_DIGITS[0]}-{LOWERED_DIGITS[-1]}]+")


def plain_words(text: str) -> str:
    """Return the letters only, to compare a title with a line that also has numbers or leaders."""
    return " ".join(_NO_LETTERS.sub(" ", text).casefold().split())


def label(title: str) -> str:
    """Return a title for citations, filters and embedded headings, shortened with an ellipsis.

    Each passage under a heading repeats its title, so a title of a megabyte would be multiplied.
    """
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    kept = title[: MAX_TITLE_CHARACTERS - 1]
    return (kept.rpartition(" ")[0] or kept).rstrip() + "…"


def named_title(title: str | None) -> str | None:
    """Return a document's title as a label; None if a program only filled the place."""
    is_named = title is not None and _PLACEHOLDER.fullmatch(title.strip()) is None
    return label(title) if title and is_named else None


def heading_path(titles: Sequence[str]) -> tuple[str, ...]:
    """Return a section's `heading_path`: labels, and of too many levels the first and the last."""
    kept = titles if len(titles) <= MAX_DEPTH else (*titles[: MAX_DEPTH - 1], titles[-1])
    return tuple(label(title) for title in kept)


def descend(path: HeadingPath, level: int, title: str) -> HeadingPath:
    """Return the path after a heading; a heading without a title only ends the deeper ones."""
    return [*(above for above in path if above[0] < level), (level, title)]


def titles(path: HeadingPath) -> tuple[str, ...]:
    """Return the heading path of the sections below these headings."""
    return heading_path([title for _, title in path if title])


def join_bare_headings(sections: Iterable[Section]) -> Iterator[Section]:
    """Join a heading without text of its own with the section of the next heading under it."""
    held: Section | None = None
    for section in sections:
        whole = section
        if held is not None:
            if _belongs_under(section, held):
                text = held.text + SECTION_SEPARATOR + section.text
                whole = replace(section, text=text, line=held.line)
            else:
                yield held
        held = whole if _is_bare(whole) else None
        if held is None:
            yield whole
    if held is not None:
        yield held


def _belongs_under(section: Section, heading: Section) -> bool:
    depth = len(heading.heading_path)
    return section.heading_path[:depth] == heading.heading_path and heading.page_number in (
        None,
        section.page_number,
    )


def _is_bare(section: Section) -> bool:
    """Return whether the text consists only of titles in the heading path."""
    words = plain_words(section.text)
    titles = [plain_words(title) for title in section.heading_path]
    return bool(words) and any(
        words == " ".join(titles[start:]).strip() for start in range(len(titles))
    )
