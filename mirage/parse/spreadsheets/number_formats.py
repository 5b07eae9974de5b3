"""Writes the numbers of a workbook as its number formats show them.

The decimals, percent signs, currencies and units of a format are kept. Thousands are not set apart,
and dates are written as 2024-02-01, because the language of the reader decides about those.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne

GENERAL = "General"
# The formats without a code in the file. https://learn.microsoft.com/dotnet/api/documentformat.openxml.spreadsheet.numberingformat
BUILT_IN = {
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    14: "yyyy-mm-dd", 15: "yyyy-mm-dd", 16: "yyyy-mm-dd", 17: "yyyy-mm", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0", 38: "#,##0", 39: "#,##0.00",
    40: "#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "0.0E+0",
}  # fmt: skip
_MAX_CODE = 255  # Excel's own limit.
# Quoted text, an escaped sign, a blank as wide as a sign, a filling sign, a condition, others.
_TOKEN = re.compile(
    r'"([^"]*)"?|\\(.)|[_*].?|\[([^\]]*)\]?|(General|AM/PM|A/P)|(.)', re.IGNORECASE | re.DOTALL
)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_CONDITION = re.compile(r"([<>]=?|<>|=)(-?\d{1,15}(?:\.\d{1,15})?)")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne,
}  # fmt: skip
_SIGNS = re.compile(r"[-\u2212()\s]")
_PLACES = frozenset("#0?")
_DIGITS = 15  # Significant digits of a number in a workbook.
_MAX_PLAIN = 10**21
_LAST_SERIAL = 2_958_466  # The first day after the year 9999.
_LITERAL = "\0"

Write = Callable[[float], str]


def write_general(value: float) -> str:
    """Return a number with 15 digits, as a cell without a format shows it."""
    if value.is_integer() and abs(value) < 10**_DIGITS:
        return str(int(value))
    written = format(value, f".{_DIGITS}g")
    if "e" in written and abs(value) < _MAX_PLAIN:
        written = format(Decimal(written), "f")
    return written.upper()


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a code: its signs, of which a literal is one, and the texts of the literals.

    It is for the values that fulfil its condition, such as `<=` and 9999999.
    """

    shape: str
    literals: list[str]
    condition: tuple[str, float] | None = None

    def texts(self) -> list[str]:
        """Return the signs with the literals in their places."""
        waiting = iter(self.literals)
        return [next(waiting, "") if sign == _LITERAL else sign for sign in self.shape]

    def around(self, start: int = 0, end: int | None = None) -> str:
        """Return the text around a number: literals, and signs that stand for themselves."""
        signs = list(zip(self.shape, self.texts(), strict=True))[start:end]
        return "".join(text for sign, text in signs if sign not in "#0?.,%()")

    def words(self) -> str:
        """Return what is shown instead of a number; empty if that is a number, or no word."""
        text = "" if _PLACES & set(self.shape) else self.around().strip()
        return text if any(letter.isalpha() for letter in text) else ""


@lru_cache(maxsize=1024)
def writer_of(code: str, *, since_1904: bool = False) -> Write:
    """Return the function that writes numbers in the format of a code; it never fails."""
    parts = _read(code) if len(code) <= _MAX_CODE else [_Part(GENERAL, [])]
    writers = [_writer(part, since_1904=since_1904) for part in parts]
    positive = negative = zero = writers[0]
    if any(part.condition for part in parts):
        return lambda value: _find(parts, writers, value)(value)
    if len(parts) > 1 and _says_more(parts[1], parts[0]):
        negative = writers[1] if _shows_sign(parts[1]) else lambda value: writers[1](-value)
    if len(parts) > 2 and parts[2].words():
        zero = writers[2]
    return lambda value: (negative if value < 0 else positive if value else zero)(value)


def _find(parts: list[_Part], writers: list[Write], value: float) -> Write:
    for part, write in zip(parts, writers, strict=True):
        if part.condition is None or _COMPARE[part.condition[0]](value, part.condition[1]):
            return write
    return write_general


def _says_more(part: _Part, first: _Part) -> bool:
    """Return whether the part for numbers below zero says more than their sign."""
    said, before = (_SIGNS.sub("", each.around()) for each in (part, first))
    return bool(part.words()) or (bool(_PLACES & set(part.shape)) and said != before)


def _shows_sign(part: _Part) -> bool:
    """Return whether the sign is shown by parentheses, which are written as a hyphen."""
    return "(" in part.shape and "-" not in part.around()


def _writer(part: _Part, *, since_1904: bool) -> Write:
    shape = part.shape
    kept = set(shape.lower().replace("e+", "").replace("e-", ""))
    if "general" in shape.lower() or "@" in shape:
        at = shape.find(GENERAL)
        behind = part.around(at + len(GENERAL))
        if at < 0 or part.around(0, at):  # A sign would have to stand before the text.
            return write_general
        return lambda value: f"{write_general(value)}{behind}".strip()
    if kept & set("ymdhs"):
        return lambda value: _write_date(value, shape.lower(), since_1904=since_1904)
    if words := part.words():
        return lambda value: words
    if not _PLACES & set(shape) or "E" in shape.upper() or "/" in shape:
        return write_general
    return _number_writer(part)


def _number_writer(part: _Part) -> Write:
    shape, texts = part.shape, part.texts()
    places = [at for at, sign in enumerate(shape) if sign in _PLACES]
    first, end = places[0], places[-1] + 1
    point = shape.find(".", max(first - 1, 0), end)
    if point < 0:
        point = end
    whole, decimals = shape[first:point], shape[point + 1 : end]
    if shape[end : end + 1] == "," or not _PLACES.issuperset(decimals):
        return write_general
    percents = shape.count("%")
    divisions = "".join(
        text for sign, text in zip(whole, texts[first:point], strict=True) if sign not in "#0?,"
    )
    # A blank sets the thousands apart, unless there is a digit for each place.
    if divisions.strip() or (divisions and whole.count("0") > 1):
        around = "".join(texts[:first]), "".join(texts[end:])
        return lambda value: _write_places(value, whole, texts[first:point], decimals, around)
    before, behind = part.around(0, first), part.around(end)
    zeros = whole.count("0")
    return lambda value: _write_fixed(value, zeros, decimals, percents, before, behind)


def _write_places(
    value: float, whole: str, texts: list[str], decimals: str, around: tuple[str, str]
) -> str:
    """Write a number whose digits are set apart, such as that of a telephone: 495-123-45-67."""
    digits, point, fraction = _write_fixed(abs(value), 0, decimals, 0, "", "").partition(".")
    if not digits.isdecimal():
        return write_general(value)
    left, written = list(digits), ""
    for at in range(len(whole) - 1, -1, -1):
        if whole[at] in _PLACES:
            written = (left.pop() if left else "0" if whole[at] == "0" else "") + written
        elif left or "0" in whole[:at]:
            written = texts[at].replace(",", "") + written
    sign = "-" if value < 0 else ""
    number = f"{''.join(left)}{written}{point}{fraction}"
    return f"{sign}{around[0]}{number}{around[1]}".strip()


def _read(code: str) -> list[_Part]:
    """Return the parts of a code."""
    parts = [_Part("", [])]
    for token in _TOKEN.finditer(code):
        quoted, escaped, bracketed, word, sign = token.groups()
        shape = ""
        if sign == ";":
            parts.append(_Part("", []))
            continue
        if bracketed is not None:
            quoted = bracketed[1:].partition("-")[0] if bracketed.startswith("$") else ""
            if _ELAPSED.fullmatch(bracketed):
                shape = f"[{bracketed}]"
            elif condition := _CONDITION.fullmatch(bracketed):
                limit = (condition[1], float(condition[2]))
                parts[-1] = replace(parts[-1], condition=limit)
        if word:
            shape = GENERAL if word.lower() == "general" else ""
        elif literal := quoted or escaped:
            shape = _LITERAL
            parts[-1].literals.append(literal)
        elif sign:
            shape = sign
        parts[-1] = replace(parts[-1], shape=parts[-1].shape + shape)
    return parts[:4]


def _write_fixed(
    value: float, whole: int, decimals: str, percents: int, before: str, behind: str
) -> str:
    """Write a number with at least `whole` digits before the point; `decimals` are its signs."""
    try:
        exact = Decimal(format(value, f".{_DIGITS}g")).scaleb(2 * percents)
        rounded = exact.quantize(Decimal(1).scaleb(-len(decimals)), ROUND_HALF_UP)
    except InvalidOperation:
        return write_general(value)
    written = format(abs(rounded), "f")
    written = "0" * (whole - len(written.partition(".")[0])) + written
    for sign in reversed(decimals):
        if sign == "0" or not written.endswith("0"):
            break
        written = written[:-1]  # This digit is shown only if it is not zero.
    sign = "-" if rounded < 0 else ""
    return f"{sign}{before}{written.removesuffix('.')}{'%' * percents}{behind}".strip()


def _write_date(value: float, shape: str, *, since_1904: bool) -> str:
    if not 0 <= value < _LAST_SERIAL:
        return write_general(value)
    seconds = round(value * 86_400)
    if "[" in shape:
        minutes, left = divmod(seconds, 60)
        return f"{minutes // 60}:{minutes % 60:02}" + (f":{left:02}" if "s" in shape else "")
    # Excel counts a day that the year 1900 did not have. A cell has no time zone.
    first = datetime(1904, 1, 1) if since_1904 else datetime(1899, 12, 30 + (value < 60))  # noqa: DTZ001
    try:
        at = first + timedelta(seconds=seconds)
    except OverflowError:
        return write_general(value)
    has_time = "h" in shape or "s" in shape
    has_date = "y" in shape or "d" in shape or not has_time
    written = at.isoformat(" ")  # Always of the same length: 2024-02-01 12:30:00.
    day = written[:7] if "d" not in shape and "y" in shape else written[:10]
    if "y" in shape and "m" not in shape and "d" not in shape:
        day = written[:4]
    time = written[11:] if "s" in shape else written[11:16]
    return " ".join([day] * has_date + [time] * has_time)
