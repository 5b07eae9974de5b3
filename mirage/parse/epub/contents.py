"""Reads the table of contents of an EPUB from the navigation document, else from the NCX."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.archive import Archive, resolve
from mirage.parse.epub.package import Package, read_markup
from mirage.parse.headings import heading_path
from mirage.parse.markup.inline import semantics
from mirage.parse.markup.reader import read_title


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the table of contents."""

    file: str
    fragment: str
    path: tuple[str, ...]


def read_contents(archive: Archive, package: Package) -> dict[str, list[Entry]]:
    """Return the entries per file; without a readable table only the heading paths are lost."""
    entries: list[Entry] = []
    with suppress(Damaged):
        entries = list(_navigation(archive, package))
    if not entries:
        with suppress(Damaged):
            entries = list(_ncx(archive, package))
    by_file: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_file[entry.file].append(entry)
    return by_file


def _navigation(archive: Archive, package: Package) -> Iterator[Entry]:
    if package.navigation:
        navs = read_markup(archive, package.navigation).iter("{*}nav")
        toc = next(
            (nav for nav in navs if "toc" in (semantics(nav) - {"navigation"} or "toc")), None
        )
        if toc is not None:
            yield from _entries(toc, "{*}ol/{*}li", package.navigation)


def _ncx(archive: Archive, package: Package) -> Iterator[Entry]:
    if package.ncx:
        for navigation in read_markup(archive, package.ncx).iter("{*}navMap"):
            yield from _entries(navigation, "{*}navPoint", package.ncx)


def _entries(top: etree._Element, below: str, base: str) -> Iterator[Entry]:
    """Return the entries in order; `below` is the path from an entry to those under it."""
    waiting: list[tuple[etree._Element, tuple[str, ...]]]
    waiting = [(item, ()) for item in reversed(top.findall(below))]
    while waiting:
        item, path = waiting.pop()
        label, reference = _read_item(item)
        if title := read_title(label):
            path = heading_path((*path, title))
        target = resolve(base, reference) if reference else None
        if target and path:
            yield Entry(*target, path)
        waiting += [(under, path) for under in reversed(item.findall(below))]


def _read_item(item: etree._Element) -> tuple[etree._Element | None, str | None]:
    """Return the label and the target of an entry, in the markup of either table."""
    for label, target, key in (("{*}a", "{*}a", "href"), ("{*}navLabel", "{*}content", "src")):
        named, leading = item.find(label), item.find(target)
        if named is not None or leading is not None:
            return named, leading.get(key) if leading is not None else None
    return item.find("{*}span"), None
