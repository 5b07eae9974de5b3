"""Parses Markdown with markdown-it: one section per heading, with the text of the source."""

import re
from collections.abc import Iterator
from itertools import pairwise, takewhile
from pathlib import Path

from markdown_it import MarkdownIt

from mirage.errors import Blank
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.text import read_text

# Only titles are parsed for inline markup; all lines would take ten times the time and memory.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 20}).disable(["inline", "text_join"])
_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
_RULED_OFF = re.compile(r"---[ \t]*\n(\S.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_MAX_FRONT_MATTER = 16 * 1024  # guess: characters; a longer block is data that people search for
# A line of a YAML mapping: a key with a value, the continuation of a value, or a comment.
_YAML_LINE = re.compile(r"""["']?[^\s"'#:{\[-][^:\n]{0,100}:(?:\s|$)|[ \t#\]}-]|$""")
_TITLE = re.compile(r"""["']?title["']?[ \t]*:(.*)""", re.IGNORECASE)
_IN_DOUBLE_QUOTES = re.compile(r'"((?:[^"\\]|\\.)*)"')
_IN_SINGLE_QUOTES = re.compile(r"'((?:[^']|'')*)'")
_COMMENT = re.compile(r"\s#")


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged if it is not text, or Blank."""
    source = read_text(path)
    front = _front_matter(source)
    body = source[front.end() :] if front else source
    first_line = source.count("\n", 0, len(source) - len(body)) + 1
    sections = tuple(join_bare_headings(_sections(body, first_line)))
    if not sections:
        raise Blank("The Markdown file contains no text.")
    title = _title(front.group(1)) if front else ""
    return Parsed(sections, title=title or _first_heading(sections))


def _front_matter(source: str) -> re.Match[str] | None:
    """Return the block between rules at the beginning, if each of its lines could be YAML.

    It need not be valid, because site generators are lenient; so is the reading of its title.
    """
    ruled_off = _RULED_OFF.match(source)
    if ruled_off is None or ruled_off.end(1) > _MAX_FRONT_MATTER:
        return None
    first, *others = ruled_off.group(1).split("\n")
    is_yaml = ":" in first and all(_YAML_LINE.match(line) for line in (first, *others))
    return ruled_off if is_yaml else None


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
    """Return line (from 0), level and plain title of each heading outside of quotes and lists."""
    tokens = _BLOCKS.parse(body)
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and opening.level == 0 and opening.map:
            yield opening.map[0], int(opening.tag[1:]), _plain(inline.content)


def _plain(title: str) -> str:
    (inline,) = _INLINE.parseInline(title)
    kept = ("text", "code_inline", "softbreak", "hardbreak", "image", "text_special")
    parts = [child.content or " " for child in inline.children or () if child.type in kept]
    return one_line("".join(parts))


def _title(front: str) -> str:
    """Return the front matter's `title`; empty if there is no title or it is not text."""
    lines = iter(front.split("\n"))
    value = next((match.group(1) for line in lines if (match := _TITLE.match(line))), "").strip()
    if value[:1] in ("|", ">"):
        return one_line("\n".join(takewhile(lambda line: line[:1] in ("", " ", "\t"), lines)))
    if quoted := _IN_DOUBLE_QUOTES.match(value):
        return one_line(re.sub(r"\\(.)", r"\1", quoted.group(1)))
    if quoted := _IN_SINGLE_QUOTES.match(value):
        return one_line(quoted.group(1).replace("''", "'"))
    return "" if value[:1] in ("[", "{", "#") else one_line(_COMMENT.split(value, maxsplit=1)[0])


def _first_heading(sections: tuple[Section, ...]) -> str | None:
    return next((section.heading_path[0] for section in sections if section.heading_path), None)
