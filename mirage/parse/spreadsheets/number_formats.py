"""Writes the numbers of a workbook as its number formats show them.

The decimals, percent signs, currencies and units of a format are kept. Thousands are not set apart,
and dates are written as 2024-02-01, because the language of the reader decides about those.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

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
_NUMBER = re.compile(r"([#0?][#0?,]*)(?:\.([#0?]*))?(,*)")
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


@lru_cache(maxsize=1024)
def writer_of(code: str, *, since_1904: bool = False) -> Write:
    """Return the function that writes numbers in the format of a code; it never fails."""
    shape, literals = _read(code) if len(code) <= _MAX_CODE else (GENERAL, [])
    kept = set(shape.lower().replace("e+", "").replace("e-", ""))
    if "general" in shape.lower() or "@" in shape:
        return write_general
    if kept & set("ymdhs"):
        return lambda value: _write_date(value, shape.lower(), since_1904=since_1904)
    number = _NUMBER.search(shape)
    if number is None or number.group().endswith(",") or "E" in shape.upper() or "/" in shape:
        return write_general
    before = _literal(shape[: number.start()], literals)
    behind = _literal(shape[number.end() :], literals[shape[: number.start()].count(_LITERAL) :])
    whole, decimals = number.group(1).count("0"), number.group(2) or ""
    percents = shape.count("%")
    return lambda value: _write_fixed(value, whole, decimals, percents, before, behind)


def _read(code: str) -> tuple[str, list[str]]:
    """Return the first part of a code with each literal as one sign, and the literals."""
    shape: list[str] = []
    literals: list[str] = []
    for token in _TOKEN.finditer(code):
        quoted, escaped, bracketed, word, sign = token.groups()
        if sign == ";":
            break
        if bracketed is not None:
            if _ELAPSED.fullmatch(bracketed):
                shape.append(f"[{bracketed}]")
                continue
            quoted = bracketed[1:].partition("-")[0] if bracketed.startswith("$") else ""
        if word:
            shape.append(GENERAL if word.lower() == "general" else "")
        elif literal := quoted or escaped:
            shape.append(_LITERAL)
            literals.append(literal)
        elif sign:
            shape.append(sign)
    return "".join(shape), literals


def _literal(shape: str, literals: list[str]) -> str:
    """Return the text around a number: its literals, and signs that stand for themselves."""
    waiting = iter(literals)
    return "".join(
        next(waiting, "") if sign == _LITERAL else sign for sign in shape if sign not in "#0?.,%()"
    )


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
