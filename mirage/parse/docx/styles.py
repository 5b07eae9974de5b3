"""The styles of a Word document, and what those they are based on add to them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from mirage.parse.docx.elements import attribute, number, setting

HEADING_LEVELS = 9
"""Outline levels count from 0; this level means that a paragraph is not a heading."""

_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)
_MAX_BASES = 50  # guess: Word writes some five; thousands would take minutes


@dataclass(frozen=True, slots=True)
class Style:
    """A style; None in a field means that the style it is based on decides.

    `level` is an outline level from 0, `list` the id of a list (`0` for no list) and `list_level`
    the level in it. `script` is `superscript`, `subscript` or `baseline`.
    """

    name: str
    kind: str = "paragraph"
    base: str | None = None
    level: int | None = None
    list: str | None = None
    list_level: str | None = None
    script: str | None = None
    font: str | None = None


class Styles:
    """Looks up styles by their ids; None is the style of a paragraph without one."""

    def __init__(self, elements: Iterable[etree._Element]) -> None:
        self._by_id: dict[str, Style] = {}
        self._default = ""
        for element in elements:
            identity = attribute(element, "styleId") or ""
            style = _style(element)
            self._by_id[identity] = style
            if style.kind == "paragraph" and attribute(element, "default") in ("1", "true", "on"):
                self._default = identity

    def heading_level(self, identity: str | None) -> int | None:
        """Return the level from 1; None if it is not the style of a heading."""
        for _, style in self._bases(identity):
            if style.level is not None:
                return style.level + 1 if style.level < HEADING_LEVELS else None
            # The file has English names of built-in styles in every language of Word.
            if match := _HEADING.fullmatch(style.name):
                return int(match.group(1))
        return None

    def list_of(self, identity: str | None) -> tuple[str, str, str | None] | None:
        """Return the list that a style puts its paragraphs into, with the id of the style that says
        so and the level it names.
        """
        for name, style in self._bases(identity):
            if style.list is not None:
                return style.list, name, style.list_level
        return None

    def lists_of_numbering_styles(self) -> dict[str, str]:
        """Return the ids of lists by the numbering styles that refer to them."""
        return {
            identity: style.list
            for identity, style in self._by_id.items()
            if style.kind == "numbering" and style.list is not None
        }

    def is_title(self, identity: str | None) -> bool:
        """Return whether it is the style of the document's title."""
        return any(style.name.lower() == "title" for _, style in self._bases(identity))

    def script(self, identity: str) -> str | None:
        """Return whether a style of characters raises or lowers them, as in `Style`."""
        return next((s.script for _, s in self._bases(identity) if s.script is not None), None)

    def font(self, identity: str) -> str | None:
        """Return the font of a style of characters."""
        return next((s.font for _, s in self._bases(identity) if s.font is not None), None)

    def _bases(self, identity: str | None) -> list[tuple[str, Style]]:
        """Return the style and those it is based on; a circle ends where it closes."""
        identity = self._default if identity is None else identity
        found: dict[str, Style] = {}
        while identity is not None and identity not in found and len(found) < _MAX_BASES:
            # Without a table of styles the id is the name.
            style = self._by_id.get(identity) or Style(identity)
            found[identity] = style
            identity = style.base
        return list(found.items())


def outline_level(properties: etree._Element) -> int | None:
    """Return the outline level from 0; None if a paragraph's properties do not set it."""
    level = number(setting(properties, "outlineLvl"), -1)
    return None if level < 0 else level


def font_of(properties: etree._Element) -> str | None:
    """Return the font of Latin letters that the properties of characters name."""
    fonts = properties.find("{*}rFonts")
    return None if fonts is None else attribute(fonts, "ascii") or attribute(fonts, "hAnsi")


def _style(element: etree._Element) -> Style:
    paragraph, characters = element.find("{*}pPr"), element.find("{*}rPr")
    if paragraph is None:
        paragraph = etree.Element("pPr")
    if characters is None:
        characters = etree.Element("rPr")
    return Style(
        name=setting(element, "name") or "",
        kind=attribute(element, "type") or "paragraph",
        base=setting(element, "basedOn"),
        level=outline_level(paragraph),
        list=setting(paragraph, "numPr/numId"),
        list_level=setting(paragraph, "numPr/ilvl"),
        script=setting(characters, "vertAlign"),
        font=font_of(characters),
    )
