"""Counts the automatic numbers of paragraphs, as Word shows them: `1.`, `2.1`, `(a)`, `§ 4`.

A paragraph names a list and a level. The list refers to an abstract list, which has the formats of
its nine levels and shares its counters with every list that refers to it. ECMA-376, part 1, 17.9.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from lxml import etree

from mirage.parse.docx.elements import MAX_NUMBER, attribute, is_on, number, setting
from mirage.parse.numerals import write_number

LEVELS = range(9)
BULLET = "bullet"
_BOXES = ("☐", "☑", "☒")

_PLACE = re.compile("%([1-9])")
_MAX_LABEL_CHARACTERS = 200  # guess: the longest seen, `Exhibit A to Schedule 1`, has 23


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a list: `text` has places such as `%1` for the numbers of it and those above.

    `restart` is the level above which it starts again, counted from 1; 0 for never, None for any.
    `style` is the paragraph style that belongs to the level.
    """

    start: int = 1
    format: str = "decimal"
    text: str = ""
    restart: int | None = None
    is_legal: bool = False
    style: str | None = None


@dataclass(frozen=True, slots=True)
class _List:
    """A list: its abstract list, and the levels that start anew where the list begins."""

    abstract: str
    levels: Mapping[int, Level]
    restarts: Mapping[int, int]


@dataclass(slots=True)
class _Counters:
    numbers: dict[int, int] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)


class Numbering:
    """The lists of a document, and how far each was counted."""

    def __init__(self, root: etree._Element | None, lists_of_styles: Mapping[str, str]) -> None:
        """Read `numbering.xml`; `lists_of_styles` maps numbering styles to the ids of lists."""
        self._lists: dict[str, _List] = {}
        self._counters: dict[str, _Counters] = {}
        if root is not None:
            self._read(root, lists_of_styles)

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """Return the level of the list that belongs to a paragraph style."""
        found = self._lists.get(list_id)
        levels = found.levels.items() if found else ()
        return next((at for at, level in levels if level.style == style), None)

    def next_label(self, list_id: str, at: int) -> str | None:
        """Count one more paragraph; return its number, or None where Word shows a bullet.

        The number is empty if the level shows none. A check box is kept, because it says something.
        """
        found = self._lists.get(list_id)
        level = found.levels.get(at) if found else None
        if found is None or level is None:
            return None
        counters = self._counters.setdefault(found.abstract, _Counters())
        if list_id not in counters.begun:
            counters.begun.add(list_id)
            for restarted, start in found.restarts.items():
                counters.numbers[restarted] = start - 1
        self._count(found, counters.numbers, at)
        if level.format == BULLET:
            # Programs give a blank bullet to further paragraphs of an item.
            return level.text.strip() if level.text.isspace() or level.text in _BOXES else None
        return _label(found.levels, level, counters.numbers)

    def _count(self, of: _List, numbers: dict[int, int], at: int) -> None:
        numbers[at] = min(numbers.get(at, of.levels[at].start - 1) + 1, MAX_NUMBER)
        for above in range(at):
            numbers.setdefault(above, of.levels[above].start if above in of.levels else 1)
        for below in range(at + 1, len(LEVELS)):
            level = of.levels.get(below, Level())
            if level.restart is None or at < level.restart:
                numbers.pop(below, None)

    def _read(self, root: etree._Element, lists_of_styles: Mapping[str, str]) -> None:
        abstracts = {attribute(e, "abstractNumId") or "": e for e in root.iter("{*}abstractNum")}
        lists = {attribute(e, "numId") or "": e for e in root.iter("{*}num")}
        for list_id, element in lists.items():
            identity = setting(element, "abstractNumId") or ""
            abstract = abstracts.get(identity)
            if abstract is None:
                continue
            # A list may take its levels from the list of a numbering style.
            linked = lists.get(lists_of_styles.get(setting(abstract, "numStyleLink") or "", ""))
            if linked is not None:
                identity = setting(linked, "abstractNumId") or ""
                abstract = abstracts.get(identity, abstract)
            levels = dict(_levels(abstract.iterfind("{*}lvl")))
            restarts: dict[int, int] = {}
            for override in element.iterfind("{*}lvlOverride"):
                at = number(attribute(override, "ilvl"), 0)
                levels.update(_levels(override.iterfind("{*}lvl")))
                start = setting(override, "startOverride")
                if start is not None and at in LEVELS:
                    restarts[at] = number(start, 0)
                    levels[at] = replace(levels.get(at, Level()), start=restarts[at])
            self._lists[list_id] = _List(identity, levels, restarts)


def _levels(elements: Iterable[etree._Element]) -> Iterable[tuple[int, Level]]:
    for element in elements:
        at = number(attribute(element, "ilvl"), -1)
        if at not in LEVELS:
            continue
        restart = setting(element, "lvlRestart")
        yield (
            at,
            Level(
                start=number(setting(element, "start"), 0),
                format=_format(element),
                text=setting(element, "lvlText") or "",
                restart=None if restart is None else number(restart, 0),
                is_legal=is_on(element, "isLgl"),
                style=setting(element, "pStyle"),
            ),
        )


def _format(level: etree._Element) -> str:
    # A format of a newer Word is in an alternative, with an older format as the other choice.
    for element in level.iter("{*}numFmt"):
        if (value := attribute(element, "val")) != "custom":
            return value or "decimal"
    return "decimal"


def _label(levels: Mapping[int, Level], level: Level, numbers: Mapping[int, int]) -> str:
    if level.format == "none" and not _PLACE.sub("", level.text).strip():
        return ""

    def fill(match: re.Match[str]) -> str:
        at = int(match.group(1)) - 1
        shown = levels.get(at, Level())
        format_ = "decimal" if level.is_legal else shown.format
        return write_number(numbers.get(at, shown.start), format_)

    return " ".join(_PLACE.sub(fill, level.text).split())[:_MAX_LABEL_CHARACTERS]
