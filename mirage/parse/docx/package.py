"""Reads the parts of a Word document, their relations, and the meaning of its styles."""

import posixpath
import re
from dataclasses import dataclass

from lxml import etree

from mirage.errors import Damaged
from mirage.parse.archive import Archive, resolve
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.tree import parse_xml

_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)
_LEVELS = 9
"""Outline levels count from 0; this level means that a paragraph is not a heading."""
_MAX_BASES = 50  # guess: Word writes some five; thousands would take minutes
_OTHERS = {"workbook": "an Excel workbook", "presentation": "a PowerPoint presentation"}


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style; None in a field means that the style it is based on decides.

    `level` is an outline level from 0, `numbering` the id of a list (`0` for no list).
    """

    name: str
    base: str | None
    level: int | None
    numbering: str | None


class Package:
    """The parts of a document; each method may raise Damaged, Encrypted or UnsafeArchive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._package = self._related("")
        self._name = self._package.get("officeDocument", "")
        if self._name not in archive:
            raise Damaged("The file is not a Word document: it has no main part.")
        self._parts = self._related(self._name)

    def document(self) -> etree._Element:
        """Return the main part."""
        root = parse_xml(self._archive.read(self._name))
        kind = tag_of(root)
        if kind in _OTHERS:
            raise Damaged(f"The file is {_OTHERS[kind]} with the file ending of a Word document.")
        if kind != "document":
            raise Damaged("The file is not a Word document: its main part is something else.")
        return root

    def title(self) -> str | None:
        """Return the title in the document's properties; None without one."""
        for title in self._elements(self._package, "core-properties", "title"):
            return one_line(title.text or "") or None
        return None

    def styles(self) -> "Styles":
        """Return the paragraph styles."""
        found: dict[str, Style] = {}
        default = ""
        for element in self._elements(self._parts, "styles", "style"):
            if attribute(element, "type") in (None, "paragraph"):
                identity = attribute(element, "styleId") or ""
                found[identity] = _style(element)
                if attribute(element, "default") in ("1", "true", "on"):
                    default = identity
        return Styles(found, default)

    def notes(self, kind: str) -> dict[str, etree._Element]:
        """Return the notes by their id; `kind` is `footnote` or `endnote`."""
        elements = self._elements(self._parts, f"{kind}s", kind)
        return {attribute(element, "id") or "": element for element in elements}

    def _elements(self, related: dict[str, str], kind: str, name: str) -> list[etree._Element]:
        part = related.get(kind)
        if part is None or part not in self._archive:
            return []
        return list(parse_xml(self._archive.read(part)).iter(f"{{*}}{name}"))

    def _related(self, part: str) -> dict[str, str]:
        """Return the names of the parts that a part refers to, by kind; `''` is the package."""
        folder, file = posixpath.split(part)
        name = posixpath.join(folder, "_rels", f"{file}.rels")
        found: dict[str, str] = {}
        if name not in self._archive:
            return found
        for relation in parse_xml(self._archive.read(name)).iter("{*}Relationship"):
            if relation.get("TargetMode") == "External":
                continue
            reference = relation.get("Target", "")
            base = "" if reference.startswith("/") else part
            target = resolve(base, reference.removeprefix("/"))
            kind = relation.get("Type", "").rpartition("/")[2]
            if target is not None:
                found.setdefault(kind, target[0])
        return found


@dataclass(frozen=True, slots=True)
class Styles:
    """Looks up styles and those they are based on; `default` is for a paragraph without a style."""

    by_id: dict[str, Style]
    default: str

    def heading_level(self, identity: str | None) -> int | None:
        """Return the level from 1; None if it is not the style of a heading."""
        for style in self._bases(identity):
            if style.level is not None:
                return style.level + 1 if style.level < _LEVELS else None
            # The file has English names of built-in styles in every language of Word.
            if match := _HEADING.fullmatch(style.name):
                return int(match.group(1))
        return None

    def numbering(self, identity: str | None) -> str | None:
        """Return the id of the list that the style puts its paragraphs into."""
        return next((s.numbering for s in self._bases(identity) if s.numbering is not None), None)

    def is_title(self, identity: str | None) -> bool:
        """Return whether it is the style of the document's title."""
        return any(style.name.lower() == "title" for style in self._bases(identity))

    def _bases(self, identity: str | None) -> list[Style]:
        """Return the style and those it is based on; a circle ends where it closes."""
        identity = self.default if identity is None else identity
        found: dict[str, Style] = {}
        while identity is not None and identity not in found and len(found) < _MAX_BASES:
            # Without a table of styles the id is the name.
            style = self.by_id.get(identity) or Style(identity, None, None, None)
            found[identity] = style
            identity = style.base
        return list(found.values())


def tag_of(element: etree._Element) -> str:
    """Return the tag without its namespace."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its local name; two editions of the format differ in namespaces."""
    for key, value in element.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return None


def setting(element: etree._Element, path: str) -> str | None:
    """Return the value of the element at a path; empty without value, None without element."""
    found = element.find("/".join(f"{{*}}{name}" for name in path.split("/")))
    return None if found is None else attribute(found, "val") or ""


def outline_level(properties: etree._Element) -> int | None:
    """Return the outline level from 0; None if a paragraph's properties do not set it."""
    value = setting(properties, "outlineLvl")
    return int(value) if value and value.isascii() and value.isdigit() else None


def _style(element: etree._Element) -> Style:
    properties = element.find("{*}pPr")
    return Style(
        name=setting(element, "name") or "",
        base=setting(element, "basedOn"),
        level=None if properties is None else outline_level(properties),
        numbering=None if properties is None else setting(properties, "numPr/numId"),
    )
