"""Reads the table of contents of an EPUB, and the list of the pages of the printed book.

Both come from the navigation document, else from the NCX.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.archive import Archive, resolve_within
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


@dataclass(slots=True)
class Contents:
    """The entries of the table of contents, per file, and the pages by file and fragment.

    `bad_links` counts those that lead out of the book.
    """

    entries: dict[str, list[Entry]]
    pages: dict[tuple[str, str], str]
    bad_links: int = 0


def read_contents(archive: Archive, package: Package) -> Contents:
    """Return the table; without a readable one only the heading paths and pages are lost."""
    contents = Contents(defaultdict(list), {})
    entries: list[Entry] = []
    for read in (_navigation, _ncx):
        with suppress(Damaged):
            lists = read(archive, package)
            entries = entries or list(_entries(archive, contents, *lists["toc"]))
            for page in _entries(archive, contents, *lists["page-list"]):
                contents.pages.setdefault((page.file, page.fragment), page.path[-1])
    for entry in entries:
        contents.entries[entry.file].append(entry)
    return contents


_Lists = dict[str, tuple[etree._Element | None, str, str]]
"""Per kind of list: its element, the path from an entry to those below it, and its file."""


def _navigation(archive: Archive, package: Package) -> _Lists:
    found: dict[str, etree._Element] = {}
    if package.navigation:
        for nav in read_markup(archive, package.navigation).iter("{*}nav"):
            # A list that does not say what it is holds the contents.
            kinds = (semantics(nav) - {"navigation"}) or {"toc"}
            for kind in ("toc", "page-list", "pagelist"):
                if kind in kinds:
                    found.setdefault("toc" if kind == "toc" else "page-list", nav)
    base = package.navigation or ""
    return {kind: (found.get(kind), "{*}ol/{*}li", base) for kind in ("toc", "page-list")}


def _ncx(archive: Archive, package: Package) -> _Lists:
    root = read_markup(archive, package.ncx) if package.ncx else None
    kinds = {"toc": ("navMap", "navPoint"), "page-list": ("pageList", "pageTarget")}
    return {
        kind: (
            None if root is None else next(root.iter(f"{{*}}{name}"), None),
            f"{{*}}{below}",
            package.ncx or "",
        )
        for kind, (name, below) in kinds.items()
    }


def _entries(
    archive: Archive, contents: Contents, top: etree._Element | None, below: str, base: str
) -> Iterator[Entry]:
    """Return the entries in order; `below` is the path from an entry to those under it."""
    if top is None:
        return
    waiting: list[tuple[etree._Element, tuple[str, ...]]]
    waiting = [(item, ()) for item in reversed(top.findall(below))]
    while waiting:
        item, path = waiting.pop()
        label, reference = _read_item(item)
        if title := read_title(label):
            path = heading_path((*path, title))
        target = resolve_within(base, reference) if reference else None
        if reference and target is None:
            contents.bad_links += 1
        if target and path:
            yield Entry(archive.name_of(target[0]), target[1], path)
        waiting += [(under, path) for under in reversed(item.findall(below))]


def _read_item(item: etree._Element) -> tuple[etree._Element | None, str | None]:
    """Return the label and the target of an entry, in the markup of either table."""
    for label, target, key in (("{*}a", "{*}a", "href"), ("{*}navLabel", "{*}content", "src")):
        named, leading = item.find(label), item.find(target)
        if named is not None or leading is not None:
            return named, leading.get(key) if leading is not None else None
    return item.find("{*}span"), None
