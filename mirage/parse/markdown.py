"""Markdown by markdown-it: a section per heading, its text as it stands in the source."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

from mirage.errors import Blank
from mirage.model import Parsed, Section
from mirage.parse.cleaning import one_line
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.text import read_text

# Only titles are parsed within the line: all lines would take ten times the time and memory.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 20}).disable(["inline", "text_join"])
_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TITLE = re.compile(r"""^title:[ \t]*(["']?)(.+?)\1[ \t]*$""", re.MULTILINE | re.IGNORECASE)


def parse(path: Path) -> Parsed:
    """Raises Damaged for what is no text, or Blank."""
    source = read_text(path)
    front = _FRONT_MATTER.match(source)
    body = source[front.end() :] if front else source
    first_line = source.count("\n", 0, len(source) - len(body)) + 1
    sections = tuple(join_bare_headings(_sections(body, first_line)))
    if not sections:
        raise Blank("The Markdown file holds no text.")
    return Parsed(sections, title=_title(front.group(1) if front else None, sections))


def _sections(body: str, first_line: int) -> Iterator[Section]:
    lines = body.split("\n")
    path: HeadingPath = []
    start = 0
    for line, level, title in [*_headings(body), (len(lines), 0, "")]:
        text = "\n".join(lines[start:line])
        if text.strip():
            blank = len(text) - len(text.lstrip("\n"))
            yield Section(text.strip("\n"), titles(path), line=first_line + start + blank)
        path = descend(path, level, title)
        start = line


def _headings(body: str) -> Iterator[tuple[int, int, str]]:
    """Line (from 0), level and plain title of the headings that are not inside of anything."""
    tokens = _BLOCKS.parse(body)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            yield opening.map[0], int(opening.tag[1:]), _plain(inline.content)


def _plain(title: str) -> str:
    (inline,) = _INLINE.parseInline(title)
    kept = ("text", "code_inline", "softbreak", "hardbreak", "image", "text_special")
    parts = [child.content or " " for child in inline.children or () if child.type in kept]
    return one_line("".join(parts))


def _title(front: str | None, sections: tuple[Section, ...]) -> str | None:
    """The front matter's `title`, else the first heading."""
    match = _TITLE.search(front or "")
    if match:
        return one_line(match.group(2))
    return next((section.heading_path[0] for section in sections if section.heading_path), None)
