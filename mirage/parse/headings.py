"""What the formats share in dealing with headings."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from mirage.model import SECTION_SEPARATOR, Section
from mirage.parse.characters.superscripts import LOWERED_DIGITS, RAISED_DIGITS

HeadingPath = list[tuple[int, str]]
"""Levels and titles of the headings that one is under, from the top."""

MAX_TITLE_CHARACTERS = 300  # guess: the longest chapter title at hand, of a novel, has 168
MAX_DEPTH = 10  # guess: no book at hand has more than 4

_NO_LETTERS = re.compile(rf"[\W\d_{RAISED_DIGITS}{LOWERED_DIGITS}]+")


def plain_words(text: str) -> str:
    """Letters only, to compare a title with a line that may carry numbers or leaders as well."""
    return " ".join(_NO_LETTERS.sub(" ", text).casefold().split())


def label(title: str) -> str:
    """A title as citations, filters and embedded headings carry it: with an ellipsis when long.

    It stands beside every passage below it, so a heading of a megabyte would be multiplied.
    """
    if len(title) <= MAX_TITLE_CHARACTERS:
        return title
    kept = title[: MAX_TITLE_CHARACTERS - 1]
    return (kept.rpartition(" ")[0] or kept).rstrip() + "…"


def heading_path(titles: Sequence[str]) -> tuple[str, ...]:
    """What a section's `heading_path` says: labels, and of too many levels the top and the last."""
    kept = titles if len(titles) <= MAX_DEPTH else (*titles[: MAX_DEPTH - 1], titles[-1])
    return tuple(label(title) for title in kept)


def descend(path: HeadingPath, level: int, title: str) -> HeadingPath:
    """Where one is after passing a heading; one without a title ends those below its level."""
    return [*(above for above in path if above[0] < level), (level, title)]


def titles(path: HeadingPath) -> tuple[str, ...]:
    """The heading path of the sections below these headings."""
    return heading_path([title for _, title in path if title])


def join_bare_headings(sections: Iterable[Section]) -> Iterator[Section]:
    """Put a heading that has nothing but the next heading under it in front of that one's text."""
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
    return (
        section.heading_path[:depth] == heading.heading_path
        and section.page_number == heading.page_number
    )


def _is_bare(section: Section) -> bool:
    """Whether the text is made of the titles in the heading path and nothing else."""
    words = plain_words(section.text)
    titles = [plain_words(title) for title in section.heading_path]
    return bool(words) and any(
        words == " ".join(titles[start:]).strip() for start in range(len(titles))
    )
