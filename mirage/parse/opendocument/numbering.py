"""Counts the items of lists and the headings, as the programs that show a document do."""

from dataclasses import dataclass, field

from mirage.parse.numerals import write_number
from mirage.parse.opendocument.styles import LEVELS, ListLevel

# Formats of OpenDocument as Word calls them.
_FORMATS = {
    "1": "decimal",
    "a": "lowerLetter",
    "A": "upperLetter",
    "i": "lowerRoman",
    "I": "upperRoman",
    "а": "russianLower",
    "А": "russianUpper",
    "Русский": "russianUpper",
    "русский": "russianLower",
    "①, ②, ③, ...": "decimalEnclosedCircle",
    "一, 二, 三, ...": "chineseCounting",
}


@dataclass(slots=True)
class Counter:
    """The present numbers of a list, by level from 1."""

    _numbers: dict[int, int] = field(default_factory=dict)

    def label(self, level: int, levels: dict[int, ListLevel], start: int | None = None) -> str:
        """Count an item, and return its number; empty for a level without numbers.

        `start` is the number that the item itself states.
        """
        shape = levels.get(level)
        first = shape.start if shape else 1
        counted = self._numbers.get(level, first - 1) + 1
        self._numbers[level] = counted if start is None else start
        for deeper in range(level + 1, LEVELS + 1):
            self._numbers.pop(deeper, None)
        if shape is None or not shape.format_:
            return ""
        written = [
            write_number(self._numbers.get(at, one.start), _FORMATS.get(one.format_, "decimal"))
            for at in range(max(level - shape.shown + 1, 1), level + 1)
            if (one := levels.get(at)) is not None and one.format_
        ]
        return f"{shape.before}{'.'.join(written)}{shape.after}".strip()
