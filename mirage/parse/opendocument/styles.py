"""Reads the styles of characters, paragraphs and lists."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from lxml import etree

from mirage.parse.opendocument.elements import attribute, count, tag_of

LEVELS = 10
_MAX_NUMBER = 10**6
_MAX_PARENTS = 50  # Styles may be based on each other in a ring.


@dataclass(frozen=True, slots=True)
class Look:
    """How characters look; None: as the style says that this one is based on."""

    script: str | None = None
    struck: bool | None = None
    hidden: bool | None = None
    parent: str | None = None

    def over(self, other: "Look") -> "Look":
        """Return this look with what it does not say from another one."""
        return replace(
            self,
            script=other.script if self.script is None else self.script,
            struck=other.struck if self.struck is None else self.struck,
            hidden=other.hidden if self.hidden is None else self.hidden,
        )


@dataclass(frozen=True, slots=True)
class ListLevel:
    """How a level of a list is numbered; `format_` as OpenDocument calls it, None for a bullet."""

    format_: str | None
    before: str = ""
    after: str = ""
    shown: int = 1
    start: int = 1


class Styles:
    """The styles of a document, by their names."""

    def __init__(self, *roots: etree._Element | None) -> None:
        self._looks: dict[str, Look] = {}
        self._titles: set[str] = set()
        self._lists: dict[str, dict[int, ListLevel]] = {}
        self.outline: dict[int, ListLevel] = {}
        """How headings are numbered, by their level from 1."""
        self._list_of_style: dict[str, str] = {}
        for root in roots:
            if root is not None:
                self._read(root)

    def look(self, name: str | None) -> Look:
        """Return how the text of a style looks."""
        found = Look()
        for _ in range(_MAX_PARENTS):
            style = self._looks.get(name or "")
            if style is None:
                break
            found, name = found.over(style), style.parent
        return found

    def is_title(self, name: str | None) -> bool:
        """Return whether a paragraph style is that of the title of the document."""
        for _ in range(_MAX_PARENTS):
            if name == "Title":
                return True
            style = self._looks.get(name or "")
            if style is None:
                return False
            name = style.parent
        return False

    def list_levels(self, name: str | None) -> dict[int, ListLevel]:
        """Return the levels of a list style, from 1."""
        return self._lists.get(name or "", {})

    def list_of(self, paragraph_style: str | None) -> str | None:
        """Return the list style that a paragraph style names."""
        return self._list_of_style.get(paragraph_style or "")

    def _read(self, root: etree._Element) -> None:
        for style in root.iter("{*}style", "{*}list-style", "{*}outline-style"):
            name = attribute(style, "name") or ""
            if tag_of(style) == "style":
                self._looks[name] = _look(style)
                if listed := attribute(style, "list-style-name"):
                    self._list_of_style[name] = listed
            elif tag_of(style) == "list-style":
                self._lists[name] = _levels(style)
            else:
                self.outline = _levels(style)


def _look(style: etree._Element) -> Look:
    found = Look(parent=attribute(style, "parent-style-name"))
    for properties in style.iterchildren("{*}text-properties"):
        position = (attribute(properties, "text-position") or "").split()
        line = attribute(properties, "text-line-through-style")
        display = attribute(properties, "display")
        found = replace(
            found,
            script=_script(position[0]) if position else found.script,
            struck=line != "none" if line else found.struck,
            hidden=display == "none" if display else found.hidden,
        )
    return found


def _script(position: str) -> str:
    """Return the script of `super`, `sub`, or a share of the height such as `-33%`."""
    if position == "super":
        return "superscript"
    if position == "sub" or position.startswith("-"):
        return "subscript"
    return "" if position.strip("0.") in ("", "%") else "superscript"


def _levels(style: etree._Element) -> dict[int, ListLevel]:
    return {
        count(level, "level", 1, LEVELS): ListLevel(
            None if "bullet" in tag_of(level) or "image" in tag_of(level) else _format(level),
            attribute(level, "num-prefix") or "",
            attribute(level, "num-suffix") or "",
            count(level, "display-levels", 1, LEVELS),
            count(level, "start-value", 1, _MAX_NUMBER),
        )
        for level in _children(style)
    }


def _format(level: etree._Element) -> str:
    return attribute(level, "num-format") or ""


def _children(style: etree._Element) -> Iterable[etree._Element]:
    return (child for child in style.iterchildren(etree.Element) if attribute(child, "level"))
