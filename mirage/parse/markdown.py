"""Parses Markdown with markdown-it: one section per heading, with the text of the source.

Pictures that are written into the text are left out, except for their alternative texts.
"""

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise, takewhile
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mirage.errors import Blank
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.text import read_text

# Only titles are parsed for inline markup; all lines would take ten times the time and memory.
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": 20}).disable(["inline", "text_join"])
_INLINE = MarkdownIt("commonmark", {"maxNesting": 20})
_NOTHING = Token("end", "", 0)
_RULED_OFF = re.compile(r"---[ \t]*\n(\S.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_TOML = re.compile(r"\+\+\+[ \t]*\n(.*?\n)\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
_MAX_FRONT_MATTER = 16 * 1024  # guess: characters; a longer block is data that people search for
# A line of a YAML mapping: a key with a value, the continuation of a value, or a comment.
_YAML_LINE = re.compile(r"""["']?[^\s"'#:{\[-][^:\n]{0,100}:(?:\s|$)|[ \t#\]}-]|$""")
# A line of TOML: a key with a value, a table, a comment, or the continuation of a value.
_TOML_LINE = re.compile(r"""[\w."'-]+[ \t]*=|\[|[ \t#\]}"']|$""")
_TITLE = re.compile(r"""["']?title["']?[ \t]*[:=](.*)""", re.IGNORECASE)
_IN_DOUBLE_QUOTES = re.compile(r'"((?:[^"\\]|\\.)*)"')
_IN_SINGLE_QUOTES = re.compile(r"'((?:[^']|'')*)'")
_COMMENT = re.compile(r"\s#")
# Attributes of a heading, as several converters write them: `{#id .class key=value}`, `{: #id }`.
_ATTRIBUTES = re.compile(r"\{:?\s*(?:[#.][\w:.-]+|[\w-]+=\S+)(?:\s+[^{}]*)?\}\s*$")
_DATA = r"data:[\w/+.;=-]{0,100},"
_DATA_PICTURE = re.compile(rf"!\[([^\[\]]*)\]\(\s*<?{_DATA}[^\s()<>]*>?[^()\n]*\)")
_DATA_DEFINITION = re.compile(rf"^ {{0,3}}\[[^\[\]\n]*\]:[ \t]*<?{_DATA}.*$", re.MULTILINE)
_DATA_ADDRESS = re.compile(rf"{_DATA}[\w+/=%-]{{40,}}")
# Bounded, because each of many that never end would be read to the end of the file.
_HTML_HEADING = re.compile(
    r"<h([1-6])\b[^>]{0,500}>(.{0,2000}?)</h\1\s*>", re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<[^<>]*>")


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged if it is not text, or Blank."""
    return read_markdown(read_text(path))


def read_markdown(text: str) -> Parsed:
    """Return what Markdown says. Raises Blank."""
    source = _without_data(text)
    front = _front_matter(source)
    body = source[front.end() :] if front else source
    first_line = source.count("\n", 0, len(source) - len(body)) + 1
    sections = tuple(join_bare_headings(_sections(body, first_line)))
    if front and front.group(1).strip():
        sections = (Section(front.group(1).strip("\n"), line=2), *sections)
    if not sections:
        raise Blank("The Markdown file contains no text.")
    title = _title(front.group(1)) if front else ""
    return Parsed(sections, title=title or _first_heading(sections))


def _without_data(source: str) -> str:
    """Return the source without pictures that it holds as data: their letters are no words."""
    if "data:" not in source:
        return source
    shown = _DATA_PICTURE.sub(lambda picture: f"[{picture[1]}]" if picture[1] else "", source)
    return _DATA_ADDRESS.sub("", _DATA_DEFINITION.sub("", shown))


def _front_matter(source: str) -> re.Match[str] | None:
    """Return the block between rules at the beginning, if each of its lines could be YAML or TOML.

    It need not be valid, because site generators are lenient; so is the reading of its title.
    """
    if found := _TOML.match(source):
        lines = found.group(1).split("\n")
        is_toml = "=" in found.group(1) and all(map(_TOML_LINE.match, lines))
        return found if is_toml and found.end(1) <= _MAX_FRONT_MATTER else None
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
    for opening, inline in pairwise([*tokens, _NOTHING]):
        if opening.level or not opening.map:
            continue
        if opening.type == "heading_open":
            yield opening.map[0], int(opening.tag[1:]), _plain(inline.content)
        elif opening.type == "html_block":
            yield from _html_headings(opening.content, opening.map[0])


def _html_headings(block: str, line: int) -> Iterator[tuple[int, int, str]]:
    for heading in _HTML_HEADING.finditer(block):
        title = one_line(unescape(_TAG.sub("", heading.group(2))))
        if title:
            yield line + block.count("\n", 0, heading.start()), int(heading.group(1)), title


def _plain(title: str) -> str:
    (inline,) = _INLINE.parseInline(_ATTRIBUTES.sub("", title))
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
