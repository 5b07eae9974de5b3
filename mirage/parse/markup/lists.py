"""Numbers the items of ordered lists as browsers do."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from mirage.parse.markup.tree import local_name
from mirage.parse.numerals import write_letters, write_number

_STYLE = re.compile(
    r"list-style(?:-type)?\s*:\s*(?:(?:inside|outside)\b\s*)?([a-z]+(?:-[a-z]+)*)", re.IGNORECASE
)
_INTEGER = re.compile(r"[+-]?\d{1,9}")
_TYPES = {
    "1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman",
}  # fmt: skip
_UNNUMBERED = ("none", "disc", "circle", "square")
_OUTSIDE = re.compile(r"\s*[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_FORMATS: dict[str, Callable[[int], str]] = {
    "decimal-leading-zero": lambda number: write_number(number, "decimalZero"),
    "lower-alpha": write_letters,
    "lower-latin": write_letters,
    "upper-alpha": lambda number: write_letters(number).upper(),
    "upper-latin": lambda number: write_letters(number).upper(),
    "lower-roman": lambda number: write_number(number, "lowerRoman"),
    "upper-roman": lambda number: write_number(number, "upperRoman"),
    "lower-greek": lambda number: write_letters(number, "αβγδεζηθικλμνξοπρστυφχψω"),
}


@dataclass(slots=True)
class List:
    """A list while it is read. `next` is the number of its next item; None without numbers."""

    next: int | None = None
    step: int = 1
    style: str = "decimal"

    def label(self, item: etree._Element) -> str:
        """Return the number of an item, and count it; empty without one."""
        if self.next is None:
            return ""
        number = _integer(item.get("value"), self.next)
        self.next = number + self.step
        style = _style(item) or self.style
        if style in _UNNUMBERED or _is_entry(item):
            return ""
        write = _FORMATS.get(style)
        return f"{write(number) if write and number > 0 else number}."


def begin_list(element: etree._Element) -> List:
    """Return the list of an `ol`, which has numbers, or of another element, which has none."""
    if local_name(element) != "ol":
        return List()
    style = _style(element) or "decimal"
    if element.get("reversed") is None:
        return List(_integer(element.get("start"), 1), 1, style)
    items = sum(local_name(child) == "li" for child in element.iterchildren(etree.Element))
    return List(_integer(element.get("start"), items), -1, style)


def _is_entry(item: etree._Element) -> bool:
    """Return whether an item is an entry of a table of contents: a link within the document, and at
    most a list below it. Contents are shown without numbers, or with those of the chapters.
    """
    link, *others = item.iterchildren(etree.Element) if len(item) else (None,)
    return (
        link is not None
        and local_name(link) == "a"
        and not _OUTSIDE.match(link.get("href") or "")
        and not f"{item.text or ''}{link.tail or ''}".strip()
        and all(local_name(other) in ("ol", "ul") for other in others)
    )


def _style(element: etree._Element) -> str:
    if named := _STYLE.search(element.get("style") or ""):
        return named.group(1).lower()
    return _TYPES.get((element.get("type") or "").strip(), "")


def _integer(value: str | None, otherwise: int) -> int:
    match = _INTEGER.match((value or "").strip())
    return int(match.group()) if match else otherwise
