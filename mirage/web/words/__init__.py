"""The words of the page: a catalogue per language, with the plural forms of CLDR."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Entry = str | Mapping[str, str]
"""A text, or one text per plural form."""

_FOLDER = Path(__file__).parent
_NARROW_SPACE = "\u202f"


def _english(n: int) -> str:
    return "one" if n == 1 else "other"


def _russian(n: int) -> str:
    if n % 10 == 1 and n % 100 != 11:
        return "one"
    return "few" if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else "many"


# The rules of CLDR for whole numbers.
PLURALS: Mapping[str, Callable[[int], str]] = {"en": _english, "ru": _russian}
_SEPARATORS = {"en": ",", "ru": _NARROW_SPACE}
DEFAULT = "en"
_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte")


@dataclass(frozen=True, slots=True)
class Words:
    """The catalogue of one language."""

    language: str
    entries: Mapping[str, Entry]

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values; `n` chooses the plural form. Raises KeyError."""
        entry = self.entries[key]
        if not isinstance(entry, str):
            number = values["n"]
            entry = entry[PLURALS[self.language](number if isinstance(number, int) else 0)]
        shown = {k: self.number(v) if isinstance(v, int) else v for k, v in values.items()}
        return entry.format(**shown)

    def has(self, key: str) -> bool:
        """Return whether there is such a text."""
        return key in self.entries

    def number(self, value: int) -> str:
        """Return a whole number as people of this language write it."""
        return f"{value:,}".replace(",", _SEPARATORS[self.language])

    def size(self, count: int) -> str:
        """Return a number of bytes in the largest unit of which there is at least one."""
        power = min(max(len(str(count)) - 1, 0) // 3, len(_UNITS) - 1)
        shown = f"{count / 1000**power:.1f}".removesuffix(".0")
        return self.say(f"sizes.{_UNITS[power]}", size=shown.replace(".", self.say("sizes.point")))


@cache
def load(language: str) -> Words:
    """Return the words of a language that there are words of."""
    found = tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    entries: dict[str, Entry] = {}
    for group, texts in found.items():
        for name, text in texts.items():
            entries[f"{group}.{name}"] = text
    return Words(language, entries)


def choose(chosen: str | None, accepted: str) -> str:
    """Return the language to answer in: the chosen one, or the best of `Accept-Language`."""
    if chosen is not None and chosen in PLURALS:
        return chosen
    best, weight = DEFAULT, 0.0
    for part in accepted.split(",")[:20]:
        found = re.fullmatch(r"\s*([A-Za-z]{1,8})[\w-]*\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part)
        if found and (language := found[1].lower()) in PLURALS:
            quality = float(found[2] or 1)
            if quality > weight:
                best, weight = language, quality
    return best
