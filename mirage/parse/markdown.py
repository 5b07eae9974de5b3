"""Markdown by markdown-it: a section per heading, its text as it stands in the source."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import yaml
from markdown_it import MarkdownIt

from mirage.errors import Blank
from mirage.model import Parsed, Section
from mirage.parse.cleaning import one_line
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.text import read_text

# Only titles are parsed within the line: all lines would take ten times the time and memory.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 20}).disable(["inline", "text_join"])
_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
_RULED_OFF = re.compile(r"---[ \t]*\n(\S.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_MAX_FRONT_MATTER = 16 * 1024  # Characters, which take some 0.2 s to read.


def parse(path: Path) -> Parsed:
    """Raises Damaged for what is no text, or Blank."""
    source = read_text(path)
    metadata, body = _front_matter(source)
    first_line = source.count("\n", 0, len(source) - len(body)) + 1
    sections = tuple(join_bare_headings(_sections(body, first_line)))
    if not sections:
        raise Blank("The Markdown file holds no text.")
    return Parsed(sections, title=_title(metadata, sections))


def _front_matter(source: str) -> tuple[Mapping[str, object], str]:
    """What is ruled off at the very beginning, if it says something in YAML, and the rest."""
    ruled_off = _RULED_OFF.match(source)
    if ruled_off is None or ruled_off.end(1) > _MAX_FRONT_MATTER:
        return {}, source
    try:
        content = yaml.safe_load(ruled_off.group(1))
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: of a 30th of February.
        return {}, source
    if not isinstance(content, dict):
        return {}, source
    return {str(key).lower(): value for key, value in content.items()}, source[ruled_off.end() :]


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


def _title(metadata: Mapping[str, object], sections: tuple[Section, ...]) -> str | None:
    """The front matter's `title`, else the first heading."""
    title = metadata.get("title")
    if title is not None and not isinstance(title, dict | list):
        return one_line(str(title)) or None
    return next((section.heading_path[0] for section in sections if section.heading_path), None)
