"""Reads the entries of an OpenDocument file."""

import posixpath

from lxml import etree

from mirage.errors import Damaged, Encrypted
from mirage.parse.archive import Archive, resolve_within
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.tree import parse_xml

_CONTENT, _STYLES, _META, _MANIFEST = (
    "content.xml",
    "styles.xml",
    "meta.xml",
    "META-INF/manifest.xml",
)


class Package:
    """The entries of a file. Each method may raise Damaged, Encrypted or UnsafeArchive.

    `what` is how sentences call such a document.
    """

    def __init__(self, archive: Archive, what: str) -> None:
        self._archive = archive
        self._what = what
        if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
            raise Encrypted(f"The {what} is protected by a password.")
        if _CONTENT not in archive:
            raise Damaged(f"The file is not an {what}: it has no content.")
        self.content = parse_xml(archive.read(_CONTENT))
        self.styles = parse_xml(archive.read(_STYLES)) if _STYLES in archive else None

    def body(self, kind: str) -> etree._Element:
        """Return the element that holds the document, such as `text`."""
        found = self.content.find(f"{{*}}body/{{*}}{kind}")
        if found is None:
            raise Damaged(f"The file is not an {self._what}: its content is something else.")
        return found

    def title(self) -> str | None:
        """Return the title in the properties of the document; None without one."""
        if _META not in self._archive:
            return None
        titles = parse_xml(self._archive.read(_META)).iter("{*}title")
        return next((one_line(title.text or "") or None for title in titles), None)

    def embedded(self, reference: str | None) -> etree._Element | None:
        """Return the root of the content of an object in the file, such as a formula."""
        found = resolve_within(_CONTENT, reference or "")
        if found is None:
            return None
        name = posixpath.join(found[0], _CONTENT)
        return parse_xml(self._archive.read(name)) if name in self._archive else None
