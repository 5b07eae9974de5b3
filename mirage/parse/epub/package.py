"""Reads the package of an EPUB: its title, and the files of its text in reading order."""

from dataclasses import dataclass, field
from posixpath import splitext

from lxml import etree

from mirage.errors import Damaged, Encrypted
from mirage.parse.archive import Archive, resolve
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.reader import read_title
from mirage.parse.markup.tree import parse_markup

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_NCX = "application/x-dtbncx+xml"
_PLAIN = "text/plain"
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"
_MARKUP = frozenset(
    ("application/xhtml+xml", "text/html", "application/xml", "text/xml", "image/svg+xml",
     "application/x-dtbook+xml", "text/x-oeb1-document")
)  # fmt: skip
_MARKUP_NAMES = frozenset((".htm", ".html", ".xht", ".xhtml"))


@dataclass(slots=True)
class Package:
    """The facts of the OPF. `spine` holds names of archive entries in reading order.

    Entries in `plain` are not markup. `unread` names items of the spine that are not text.
    """

    title: str | None
    language: str | None
    navigation: str | None
    ncx: str | None
    spine: list[str] = field(default_factory=list)
    plain: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


def read_package(archive: Archive) -> Package:
    """Return the package. Raises Damaged if it lists no text, or Encrypted."""
    rootfile = next(read_markup(archive, _CONTAINER).iter("{*}rootfile"), None)
    target = resolve("", rootfile.get("full-path", "")) if rootfile is not None else None
    if target is None:
        raise Damaged("The EPUB is damaged: its container names no package.")
    name = target[0]
    opf = read_markup(archive, name)
    items = {item.get("id", ""): item for item in opf.iter("{*}item")}
    navigation = next(
        (item for item in items.values() if "nav" in item.get("properties", "").split()), None
    )
    ncx = next((item for item in items.values() if item.get("media-type") == _NCX), None)
    title = next(opf.iter(f"{_DUBLIN_CORE}title"), None)
    package = Package(
        title=read_title(title) or None,
        language=opf.findtext(f".//{_DUBLIN_CORE}language"),
        navigation=_target(name, navigation),
        ncx=_target(name, ncx),
    )
    references = list(opf.iter("{*}itemref"))
    # Covers, notes and answers come after the others.
    for reference in sorted(references, key=lambda r: r.get("linear") == "no"):
        _add_to_spine(package, name, items, reference.get("idref", ""))
    if not package.spine:
        raise Damaged("The EPUB is damaged: its package lists no text to read.")
    _refuse_encrypted(archive, package)
    return package


def read_markup(archive: Archive, name: str) -> etree._Element:
    """Return the root element of an entry. Raises Damaged if the entry or its markup is missing."""
    if name not in archive:
        raise Damaged(f"The EPUB is damaged: {one_line(name)} is missing.")
    return parse_markup(archive.read(name))


def _add_to_spine(
    package: Package, base: str, items: dict[str, etree._Element], identity: str
) -> None:
    """Add the item to the spine, or its fallback if the item is not text."""
    passed: set[str] = set()
    following = identity
    while following in items and following not in passed:
        passed.add(following)
        item = items[following]
        file = _target(base, item)
        kind = _kind(item)
        if file and kind:
            package.spine.append(file)
            if kind == _PLAIN:
                package.plain.add(file)
            return
        following = item.get("fallback", "")
    package.unread.append(items[identity].get("href", identity) if identity in items else identity)


def _kind(item: etree._Element) -> str:
    """Return the type of markup or plain text; empty for anything else."""
    declared = item.get("media-type", "").partition(";")[0].strip().lower()
    if declared in _MARKUP or declared == _PLAIN:
        return declared
    # Some packages declare `application/xhtml`.
    is_named = splitext(item.get("href", "").partition("#")[0])[1].lower() in _MARKUP_NAMES
    return "text/html" if is_named else ""


def _target(base: str, item: etree._Element | None) -> str | None:
    target = resolve(base, item.get("href", "")) if item is not None else None
    return target[0] if target else None


def _refuse_encrypted(archive: Archive, package: Package) -> None:
    """Raise Encrypted if a file of the text is encrypted; obfuscated fonts are harmless."""
    if _ENCRYPTION not in archive:
        return
    text = set(package.spine)
    for reference in read_markup(archive, _ENCRYPTION).iter("{*}CipherReference"):
        target = resolve("", reference.get("URI", ""))
        if target and target[0] in text:
            raise Encrypted("The EPUB is protected by digital rights management (DRM).")
