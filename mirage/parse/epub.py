"""EPUB 2 and 3: container -> package -> spine, a section per entry of the contents or heading.

Items that are not `linear` (covers, notes, answers) are kept and come after the others.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from mirage.errors import Damaged, Encrypted, NoText
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive, resolve
from mirage.parse.cleaning import one_line
from mirage.parse.flow import Flow, Heading
from mirage.parse.headings import heading_path, join_bare_headings, label, plain_words
from mirage.parse.inline import EPUB_TYPE
from mirage.parse.markup import parse_markup
from mirage.parse.xhtml import read_flow, read_title

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NCX = "application/x-dtbncx+xml"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_READABLE = frozenset(
    ("application/xhtml+xml", "text/html", "application/xml", "text/xml", "image/svg+xml",
     "application/x-dtbook+xml", "text/x-oeb1-document")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Package:
    """What the OPF says. `spine` holds names of entries, in the order in which they are read."""

    title: str | None
    language: str | None
    spine: list[str]
    navigation: str | None
    ncx: str | None


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the table of contents."""

    file: str
    fragment: str
    path: tuple[str, ...]


@dataclass(slots=True)
class _Place:
    """Where in the book one is: the entry of the contents, and headings that it does not list.

    `level` is that of the heading which belongs to the entry. `elsewhere`: in a file that the
    contents do not name.
    """

    entry: tuple[str, ...] = ()
    level: int = 0
    below: list[tuple[int, str]] = field(default_factory=list)
    elsewhere: bool = False

    @property
    def path(self) -> tuple[str, ...]:
        return heading_path((*self.entry, *(title for _, title in self.below)))

    def enter(self, path: tuple[str, ...]) -> None:
        self.entry, self.level, self.below, self.elsewhere = path, 0, [], False

    def meet(self, level: int, title: str, *, first: bool) -> None:
        """Pass a heading; `first` when no text stands between it and the entry before it."""
        title = label(title)
        named = plain_words(self.entry[-1]) if self.entry else ""
        words = plain_words(title)
        own = named.endswith(words) if first and self.level else named == words
        if (words and own) or (first and not self.level):
            self.level = level
            return
        if self.elsewhere and level <= max(self.level, 1):  # A chapter the contents leave out.
            self.entry, self.level, self.below = self.entry[:-1], level - 1, []
        while self.below and self.below[-1][0] >= level:
            self.below.pop()
        self.below.append((level, title))


def parse(path: Path) -> Parsed:
    """Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    with Archive(path) as archive:
        package = _read_package(archive)
        _refuse_encrypted(archive, package)
        contents = _read_contents(archive, package)
        missing = [name for name in package.spine if name not in archive]
        sections = tuple(join_bare_headings(_sections(archive, package, contents)))
    if missing and len(missing) == len(package.spine):
        raise Damaged("The EPUB is damaged: the files of its text are missing.")
    if not sections:
        raise NoText("The EPUB holds no text.")
    warnings = [f"A part of the book is missing in the file: {one_line(name)}." for name in missing]
    return Parsed(
        sections, title=package.title, warnings=tuple(warnings), language=package.language
    )


def _read_package(archive: Archive) -> _Package:
    rootfile = next(_markup(archive, _CONTAINER).iter("{*}rootfile"), None)
    target = resolve("", rootfile.get("full-path", "")) if rootfile is not None else None
    if target is None:
        raise Damaged("The EPUB is damaged: its container names no package.")
    name = target[0]
    package = _markup(archive, name)
    items = {item.get("id"): item for item in package.iter("{*}item")}
    spine: dict[bool, list[str]] = {True: [], False: []}
    for reference in package.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if item is not None and item.get("media-type", "").lower() in _READABLE:
            file = _target(name, item)
            if file is not None:
                spine[reference.get("linear", "yes") != "no"].append(file)
    if not (spine[True] or spine[False]):
        raise Damaged("The EPUB is damaged: its package lists no text to read.")
    navigation = next(
        (item for item in items.values() if "nav" in item.get("properties", "").split()), None
    )
    ncx = next((item for item in items.values() if item.get("media-type") == _NCX), None)
    title = next(package.iter(f"{_DUBLIN_CORE}title"), None)
    return _Package(
        title=read_title(title) or None,
        language=package.findtext(f".//{_DUBLIN_CORE}language"),
        spine=[*spine[True], *spine[False]],
        navigation=_target(name, navigation),
        ncx=_target(name, ncx),
    )


def _target(base: str, item: etree._Element | None) -> str | None:
    target = resolve(base, item.get("href", "")) if item is not None else None
    return target[0] if target else None


def _markup(archive: Archive, name: str) -> etree._Element:
    if name not in archive:
        raise Damaged(f"The EPUB is damaged: {one_line(name)} is missing.")
    return parse_markup(archive.read(name))


def _refuse_encrypted(archive: Archive, package: _Package) -> None:
    """Obfuscated fonts are common and harmless; text under digital rights management is not."""
    if _ENCRYPTION not in archive:
        return
    text = set(package.spine)
    for reference in _markup(archive, _ENCRYPTION).iter("{*}CipherReference"):
        target = resolve("", reference.get("URI", ""))
        if target and target[0] in text:
            raise Encrypted("The EPUB is protected by digital rights management (DRM).")


def _read_contents(archive: Archive, package: _Package) -> dict[str, list[_Entry]]:
    """The table of contents by file: the navigation document's, else the NCX's."""
    entries: list[_Entry] = []
    if package.navigation and package.navigation in archive:
        navs = list(_markup(archive, package.navigation).iter("{*}nav"))
        toc = [nav for nav in navs if "toc" in nav.get(EPUB_TYPE, "toc").split()]
        for nav in toc[:1]:
            entries = list(_nav_entries(nav, package.navigation, ()))
    if not entries and package.ncx and package.ncx in archive:
        for navigation in _markup(archive, package.ncx).iter("{*}navMap"):
            entries = list(_ncx_entries(navigation, package.ncx, ()))
    by_file: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        by_file[entry.file].append(entry)
    return by_file


def _nav_entries(parent: etree._Element, base: str, path: tuple[str, ...]) -> Iterator[_Entry]:
    for item in parent.findall("{*}ol/{*}li"):
        label = item.find("{*}a")
        reference = label.get("href") if label is not None else None
        if label is None:
            label = item.find("{*}span")
        below = _extend(path, label)
        yield from _entry(base, reference, below)
        yield from _nav_entries(item, base, below)


def _ncx_entries(parent: etree._Element, base: str, path: tuple[str, ...]) -> Iterator[_Entry]:
    for point in parent.findall("{*}navPoint"):
        content = point.find("{*}content")
        below = _extend(path, point.find("{*}navLabel"))
        yield from _entry(base, content.get("src") if content is not None else None, below)
        yield from _ncx_entries(point, base, below)


def _extend(path: tuple[str, ...], label: etree._Element | None) -> tuple[str, ...]:
    title = read_title(label)
    return heading_path((*path, title)) if title else path


def _entry(base: str, reference: str | None, path: tuple[str, ...]) -> Iterator[_Entry]:
    target = resolve(base, reference) if reference else None
    if target and path:
        yield _Entry(*target, path)


def _sections(
    archive: Archive, package: _Package, contents: dict[str, list[_Entry]]
) -> Iterator[Section]:
    place = _Place()
    for file in dict.fromkeys(package.spine):
        if file in archive:
            flow = read_flow(parse_markup(archive.read(file)))
            for text, path in _cut(flow, contents.get(file, []), place):
                if text := text.rstrip().lstrip("\n"):
                    yield Section(text, path)


def _cut(flow: Flow, entries: list[_Entry], place: _Place) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Cut a file's text where the place in the book changes; `place` goes on to the next file."""
    begun: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    headings: dict[int, list[Heading]] = defaultdict(list)
    for entry in entries:
        begun[flow.anchors.get(entry.fragment, 0)].append(entry.path)
    for heading in flow.headings:
        headings[heading.offset].append(heading)
    place.elsewhere = not entries
    cut = 0
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
            yield flow.text[cut:offset], path
            cut = offset
    yield flow.text[cut:], place.path
