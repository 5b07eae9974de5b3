"""Parses FictionBook 2 (FB2), also packed as .fb2.zip: one section per titled section of the book.

The first section has what a title page shows. Each body of notes is one section, in which a note
begins with the mark by which the text refers to it.
"""

import re
from collections.abc import Iterator
from itertools import groupby, takewhile
from pathlib import Path

from lxml import etree

from mirage.errors import Blank, Damaged
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import HeadingPath, descend, heading_path, join_bare_headings
from mirage.parse.headings import label as shorten
from mirage.parse.headings import titles as titles_of
from mirage.parse.markup.reader import read_flow, read_title
from mirage.parse.markup.tree import local_name, parse_markup

_ZIP = b"PK\x03\x04"
_ENDING = ".fb2"
_PICTURES = (".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp")
_MAX_NAMED = 20  # guess
# Pictures are written as letters, which are most of an illustrated book.
_BINARY = re.compile(rb"<binary\b[^<>]*>[^<]*</binary\s*>", re.IGNORECASE)
# Broken markup may be read as HTML, to which these names mean something else.
_AMBIGUOUS = re.compile(rb"(</?)(body|image|style|title)(?=[\s/>])", re.IGNORECASE)
_APART = "fb-"
# What HTML calls the elements of FB2; elements of the same name are alike.
_TAGS = {
    "annotation": "blockquote", "cite": "blockquote", "date": "div", "emphasis": "em",
    "empty-line": "hr", "epigraph": "blockquote", "image": "img", "poem": "blockquote",
    "stanza": "blockquote", "strikethrough": "s", "style": "span", "subtitle": "p",
    "text-author": "p", "v": "div",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_PARENTS = ("body", "section")
_NAMES = ("first-name", "middle-name", "last-name")
_EDITION = ("publisher", "city", "year")


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or Blank."""
    content, warnings = _read(path)
    root = parse_markup(_AMBIGUOUS.sub(rb"\1fb-\2", _BINARY.sub(b"", content)))
    book = next((found for found in root.iter(etree.Element) if _is_book(found)), None)
    if book is None:
        raise Damaged("The file is not an FB2 book: its markup is that of another format.")
    _rename(book)
    _mark_notes(book)
    info = next(book.iter("title-info"), None)
    sections = tuple(_sections(book))
    if not sections:
        raise Blank("The FB2 book contains no text.")
    if info is None:
        return Parsed(sections, warnings=warnings)
    title = read_title(info.find("book-title")) or None
    if front := _front(info):
        sections = (Section(front), *sections)
    return Parsed(sections, title, warnings=warnings, language=info.findtext("lang"))


def _read(path: Path) -> tuple[bytes, tuple[str, ...]]:
    """Return the markup of the book, and warnings about what else is in its archive."""
    with path.open("rb") as file:
        is_packed = file.read(len(_ZIP)) == _ZIP
    if not is_packed:
        return path.read_bytes(), ()
    with Archive(path) as archive:
        names = [name for name in archive.names if not name.endswith("/")]
        books = [name for name in names if name.lower().endswith(_ENDING)]
        if not books:
            raise Damaged("The archive contains no FB2 book.")
        others = [name for name in names if name != books[0]]
        return archive.read(books[0]), tuple(_left_out(others))


def _left_out(names: list[str]) -> Iterator[str]:
    unread = [name for name in names if not name.lower().endswith(_PICTURES)]
    for name in unread[:_MAX_NAMED]:
        yield f"Only the first book of the archive is read, not: {shorten(one_line(name))}."
    if more := len(unread[_MAX_NAMED:]):
        yield f"The same is true of {more:,} more of its files."


def _is_book(element: etree._Element) -> bool:
    return local_name(element) == "fictionbook"


def _rename(book: etree._Element) -> None:
    """Give the elements the names that the reader of markup knows, without namespaces."""
    for element in book.iter(etree.Element):
        name = local_name(element).removeprefix(_APART)
        parent = element.getparent()
        if name == "title" and (parent is None or parent.tag not in _PARENTS):
            name = "blockquote"  # The title of a poem or of a part of it.
        element.tag = _TAGS.get(name, name if _NAME.fullmatch(name) else "span")
        if name == "a":
            _set_address(element)


def _set_address(link: etree._Element) -> None:
    for key, value in link.attrib.items():
        # The attribute has a prefix without a namespace if the markup is broken.
        if re.split("[:}]", str(key))[-1] == "href":
            link.set("href", value)


def _mark_notes(book: etree._Element) -> None:
    """Mark the links to notes, whether or not they say so themselves; a note without a title gets
    the text of the first link to it.
    """
    notes = {
        f"#{identity}"
        for body in _bodies(book)
        if _is_notes(body)
        for section in body.iter("section")
        if (identity := section.get("id"))
    }
    marks: dict[str, str] = {}
    for link in book.iter("a"):
        if link.get("type") == "note" or link.get("href") in notes:
            link.set("role", "doc-noteref")
            marks.setdefault(link.get("href", ""), read_title(link))
    for body in filter(_is_notes, _bodies(book)):
        for section in body.iter("section"):
            mark = marks.get(f"#{section.get('id')}")
            if mark and section.find("title") is None:
                title = etree.Element("title")
                title.text = mark
                section.insert(0, title)


def _bodies(book: etree._Element) -> Iterator[etree._Element]:
    """Return the bodies; broken markup may have them anywhere, also in each other."""
    for body in book.iter("body"):
        around = takewhile(lambda element: element is not book, body.iterancestors())
        if all(element.tag != "body" for element in around):
            yield body


def _is_notes(body: etree._Element) -> bool:
    return bool((body.get("name") or "").strip())


def _sections(book: etree._Element) -> Iterator[Section]:
    for body in _bodies(book):
        heading = read_title(body.find("title")) or one_line(body.get("name") or "")
        parts = list(_parts(body))
        if _is_notes(body):
            if text := "\n\n".join(filter(None, (_note(*part) for part in parts))):
                yield Section(text, heading_path((heading,)))
        else:
            yield from join_bare_headings(_chapters(parts))


_Part = tuple[HeadingPath, etree._Element]


def _chapters(parts: list[_Part]) -> Iterator[Section]:
    for path, group in groupby(parts, key=lambda part: part[0]):
        texts = (read_flow(element).text.strip("\n") for _, element in group)
        if text := "\n\n".join(filter(None, texts)):
            # The title of the body is that of the book.
            yield Section(text, titles_of([entry for entry in path if entry[0] > 1]))


def _note(path: HeadingPath, part: etree._Element) -> str:
    """Return a note behind its mark; the title of all notes as it is."""
    title = part.find("title")
    if title is None or not path or path[-1][0] < 2:
        return read_flow(part).text.strip("\n")
    mark = read_title(title)
    part.remove(title)
    text = read_flow(part).text.strip("\n")
    return f"{mark if mark.startswith('[') else f'[{mark}]'} {text}".strip() if mark else text


def _parts(body: etree._Element) -> Iterator[_Part]:
    """Return the content of each section without the sections in it, in the order of the text."""
    opened = [(body, iter(list(body)))]
    path: HeadingPath = []
    part = _begin(body.text)
    while opened:
        section, children = opened[-1]
        child = next(children, None)
        if child is not None and child.tag != "section":
            if child.tag == "title":
                path = descend(path, len(opened), read_title(child))
            part.append(child)
            continue
        yield path, part
        if child is not None:
            opened.append((child, iter(list(child))))
            part = _begin(child.text)
        else:
            path = [entry for entry in path if entry[0] < len(opened)]
            opened.pop()
            part = _begin(section.tail if opened else "")


def _begin(text: str | None) -> etree._Element:
    """Return an element for a part; text outside of paragraphs is not valid, but is read."""
    part = etree.Element("div")
    part.text = text
    return part


def _front(info: etree._Element) -> str:
    """Return the text of a title page: authors, title, series, edition and annotation."""
    authors = ", ".join(filter(None, map(_name, info.iterchildren("author"))))
    series = "\n".join(filter(None, map(_series, info.iterchildren("sequence"))))
    translators = ", ".join(filter(None, map(_name, info.iterchildren("translator"))))
    named = [
        authors,
        read_title(info.find("book-title")),
        series,
        translators and f"Translated by {translators}",
        _edition(info),
    ]
    about = info.find("blockquote")  # What was the annotation.
    annotation = read_flow(about).text.strip("\n") if about is not None else ""
    return "\n\n".join(filter(None, ("\n".join(filter(None, named)), annotation)))


def _edition(info: etree._Element) -> str:
    """Return who published the printed book where and when, and its ISBN."""
    parent = info.getparent()
    published = None if parent is None else parent.find("publish-info")
    if published is None:
        return ""
    parts = [read_title(published.find(name)) for name in _EDITION]
    isbn = read_title(published.find("isbn"))
    return ", ".join(filter(None, (*parts, isbn and f"ISBN {isbn}")))


def _name(author: etree._Element) -> str:
    parts = [read_title(author.find(name)) for name in _NAMES]
    return " ".join(filter(None, parts)) or read_title(author.find("nickname"))


def _series(sequence: etree._Element) -> str:
    return one_line(f"{sequence.get('name') or ''} {sequence.get('number') or ''}")
