"""Parses EPUB 2 and 3: container -> package -> spine; one section per contents entry or heading.

Items that are not `linear` (covers, notes, answers) are kept and come after the others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mirage.errors import Damaged, NoText
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import clean, one_line
from mirage.parse.characters.decoding import decode
from mirage.parse.epub.contents import Contents, Entry, read_contents
from mirage.parse.epub.package import Package, read_package
from mirage.parse.epub.pages import find_pages, page_number_of, split_by_page
from mirage.parse.headings import heading_path, join_bare_headings, label, plain_words
from mirage.parse.markup.flow import Flow, Heading
from mirage.parse.markup.reader import read_flow
from mirage.parse.markup.tree import parse_markup

_MAX_NAMED = 20  # guess: a book of scanned pages has one file per page


@dataclass(slots=True)
class _Place:
    """A place in the book: the entry of the contents, and headings that the contents do not list.

    `level` is the level of the heading that belongs to the entry. `elsewhere`: the contents do not
    name the current file.
    """

    entry: tuple[str, ...] = ()
    level: int = 0
    below: list[tuple[int, str]] = field(default_factory=list)
    elsewhere: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        """Return the heading path of the place."""
        return heading_path((*self.entry, *(title for _, title in self.below)))

    def enter(self, path: tuple[str, ...]) -> None:
        """Go to an entry of the contents."""
        self.entry, self.level, self.below, self.elsewhere = path, 0, [], False

    def meet(self, level: int, title: str, *, first: bool) -> None:
        """Pass a heading; `first`: no text is between it and the beginning of the entry."""
        title = label(title)
        named = plain_words(self.entry[-1]) if self.entry else ""
        words = plain_words(title)
        own = named.endswith(words) if first and self.level else named == words
        if (words and own) or (first and not self.level):
            self.level = level
            return
        if self.elsewhere and level <= max(self.level, 1):  # The contents omit the chapter.
            self.entry, self.level, self.below = self.entry[:-1], level - 1, []
        while self.below and self.below[-1][0] >= level:
            self.below.pop()
        self.below.append((level, title))


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    with Archive(path) as archive:
        package = read_package(archive)
        contents = read_contents(archive, package)
        files = list(dict.fromkeys(archive.name_of(name) for name in package.spine))
        package.plain = {archive.name_of(name) for name in package.plain}
        missing = [name for name in files if name not in archive]
        damaged: list[str] = []
        flows = _flows(archive, package, [name for name in files if name in archive], damaged)
        sections = tuple(join_bare_headings(_sections(flows, contents)))
    if len(missing) == len(files):
        raise Damaged("The EPUB is damaged: the files of its text are missing.")
    if damaged and not sections:
        raise Damaged("The EPUB is damaged: the files of its text cannot be read.")
    if not sections:
        raise NoText("The EPUB contains no text.")
    warnings = (
        *_name("is missing in the file", missing),
        *_name("is damaged and was left out", damaged),
        *_name("is not text that can be read", package.unread),
        *_bad_links(contents.bad_links),
    )
    return Parsed(sections, title=package.title, warnings=warnings, language=package.language)


def _name(verdict: str, files: list[str]) -> Iterator[str]:
    for file in files[:_MAX_NAMED]:
        yield f"A part of the book {verdict}: {label(one_line(file))}."
    if more := len(files[_MAX_NAMED:]):
        yield f"The same is true of {more} more of its parts."


def _bad_links(count: int) -> Iterator[str]:
    if count:
        entries = "1 entry that leads" if count == 1 else f"{count:,} entries that lead"
        yield f"The table of contents has {entries} out of the book."


def _flows(
    archive: Archive, package: Package, files: list[str], damaged: list[str]
) -> Iterator[tuple[str, Flow]]:
    """Return the text of each file; add the names of unreadable files to `damaged`."""
    for file in files:
        try:
            content = archive.read(file)
            flow = (
                _read_plain(content) if file in package.plain else read_flow(parse_markup(content))
            )
        except Damaged:
            damaged.append(file)
        else:
            yield file, flow


def _read_plain(content: bytes) -> Flow:
    text = decode(content)
    if text is None:
        raise Damaged("The document is damaged: one of its files is not text.")
    return Flow(clean(text))


def _sections(flows: Iterator[tuple[str, Flow]], contents: Contents) -> Iterator[Section]:
    place = _Place()
    page: str | None = None
    for file, flow in flows:
        pages = find_pages(file, flow, contents.pages)
        for begin, end, path in _parts(flow, contents.entries.get(file, []), place):
            for start, stop, printed in split_by_page(flow.text, begin, end, pages, page):
                page = printed
                if text := flow.text[start:stop].rstrip().lstrip("\n"):
                    yield Section(text, path, page_number_of(page), page)


def _parts(
    flow: Flow, entries: list[Entry], place: _Place
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Return the parts of a file's text, from and until an offset, one per place in the book.

    `place` is moved along.
    """
    begun: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    headings: dict[int, list[Heading]] = defaultdict(list)
    for offset, path in _beginnings(flow, entries):
        begun[offset].append(path)
    for heading in flow.headings:
        headings[heading.offset].append(heading)
    place.elsewhere = not entries
    begin = 0
    first = False
    headed_until = 0
    for offset in sorted({*begun, *headings}):
        path = place.path
        first = first and not flow.text[headed_until:offset].strip()
        for at, entered in enumerate(begun.get(offset, ())):
            if at == 0 or entered[: len(place.entry)] == place.entry:
                place.enter(entered)
                first = True
        for heading in headings.get(offset, ()):
            place.meet(heading.level, heading.text, first=first)
            headed_until = offset + heading.length
        if offset in begun or place.path != path:
            yield begin, offset, path
            begin = offset
    yield begin, len(flow.text), place.path


def _beginnings(flow: Flow, entries: list[Entry]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Return where entries begin.

    An entry whose fragment is missing begins at a heading with its title. If the file has no entry
    with a known place, the first one begins with the file.
    """
    headings = reversed(flow.headings)
    named = {words: head.offset for head in headings if (words := plain_words(head.text))}
    offsets = [
        flow.anchors.get(entry.fragment, named.get(plain_words(entry.path[-1])))
        if entry.fragment
        else 0
        for entry in entries
    ]
    if entries and all(offset is None for offset in offsets):
        offsets[0] = 0
    for entry, offset in zip(entries, offsets, strict=True):
        if offset is not None:
            yield offset, entry.path
