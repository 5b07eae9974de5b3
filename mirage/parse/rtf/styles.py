"""Reads the table of styles: which paragraphs are headings or the title."""

import re
from dataclasses import dataclass, field

_HEADING = re.compile(r"(?:heading|заголовок|überschrift|titre|título) ?([1-9])", re.IGNORECASE)
_TITLES = ("title", "название", "titel", "titre", "título")
_LEVELS = 9


def level_of(outline: int | None) -> int | None:
    """Return the level of a heading from 1 for an outline level, which counts from 0."""
    return outline + 1 if outline is not None and 0 <= outline < _LEVELS else None


@dataclass(slots=True)
class _Style:
    name: str = ""
    outline: int | None = None


@dataclass(slots=True)
class Styles:
    """The styles of paragraphs by number. The entry of style 0 may leave its number out."""

    _by_number: dict[int, _Style] = field(default_factory=dict)
    _current: _Style = field(default_factory=_Style)

    def begin(self, number: int | None) -> None:
        """Begin the entry of a style; `number` is None for a style of characters or tables."""
        self._current = _Style()
        if number is not None:
            self._by_number[number] = self._current

    def set_outline(self, outline: int | None) -> None:
        """Set the outline level of the current entry."""
        self._current.outline = outline

    def write(self, text: str) -> None:
        """Add to the name of the current entry."""
        self._current.name = (self._current.name + text).partition(";")[0]

    def level(self, number: int) -> int | None:
        """Return the level of the headings of a style, from 1; None for other text."""
        style = self._by_number.get(number)
        if style is None:
            return None
        named = _HEADING.fullmatch(style.name.strip())
        if style.outline is None and named:
            return int(named.group(1))
        return level_of(style.outline)

    def is_title(self, number: int) -> bool:
        """Return whether it is the style of the document's title."""
        style = self._by_number.get(number)
        return style is not None and style.name.strip().lower() in _TITLES
