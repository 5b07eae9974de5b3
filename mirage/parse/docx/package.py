"""Reads the parts of a Word document."""

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.archive import Archive
from mirage.parse.docx.elements import attribute, tag_of
from mirage.parse.docx.numbering import Numbering
from mirage.parse.docx.styles import Styles
from mirage.parse.relations import Part, main_part

_OTHERS = {"workbook": "an Excel workbook", "presentation": "a PowerPoint presentation"}


class Package:
    """The parts of a document; each method may raise Damaged, Encrypted or UnsafeArchive."""

    def __init__(self, archive: Archive) -> None:
        self._package = Part(archive, "")
        main = main_part(self._package)
        if main is None:
            raise Damaged("The file is not a Word document: it has no main part.")
        self._main = main

    def document(self) -> etree._Element:
        """Return the main part."""
        root = self._main.root()
        kind = tag_of(root)
        if kind in _OTHERS:
            raise Damaged(f"The file is {_OTHERS[kind]} with the file ending of a Word document.")
        if kind != "document":
            raise Damaged("The file is not a Word document: its main part is something else.")
        return root

    def title(self) -> str | None:
        """Return the title in the document's properties; None without one."""
        return self._package.title()

    def styles(self) -> Styles:
        """Return the styles."""
        return Styles(
            element for part in self.related("styles")[:1] for element in part.iter("{*}style")
        )

    def numbering(self, styles: Styles) -> Numbering:
        """Return the lists of numbered paragraphs."""
        part = next(iter(self.related("numbering")), None)
        return Numbering(part, styles.lists_of_numbering_styles())

    def notes(self, kind: str) -> dict[str, etree._Element]:
        """Return the notes by their id; `kind` is `footnote` or `endnote`."""
        return {
            attribute(element, "id") or "": element
            for part in self.related(f"{kind}s")[:1]
            for element in part.iter(f"{{*}}{kind}")
        }

    def related(self, kind: str) -> list[etree._Element]:
        """Return the parts of a kind that the main part refers to, such as `header`."""
        return [part.root() for part in self._main.related(kind)]

    def part(self, identity: str | None) -> etree._Element | None:
        """Return the part that the main part calls by this id; None if it is not there."""
        part = self._main.part(identity)
        return None if part is None else part.root()

    def address(self, identity: str | None) -> str | None:
        """Return the address outside of the file that the main part calls by this id."""
        return self._main.address(identity)
