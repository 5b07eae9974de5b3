"""Writes numbers of lists: Roman numerals, letters of several alphabets, ordinals and others."""

from collections.abc import Callable

_MAX_REPETITIONS = 10  # guess: Word writes aa, bb, …; the 260th item of a list has ten letters


def write_number(counted: int, format_: str) -> str:
    """Return a number in a format as Word calls it (ECMA-376, part 1, 17.18.59).

    Decimal in a format that is not known here. Letters after the last are doubled: z, aa, bb.
    """
    if format_ == "none":
        return ""
    write = _FORMATS.get(format_)
    return (write(counted) if write and counted > 0 else "") or str(counted)


def write_letters(counted: int, letters: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Return a number in letters as web pages count: z, aa, ab; decimal below 1."""
    written, left = "", counted
    while left > 0:
        left, at = divmod(left - 1, len(letters))
        written = letters[at] + written
    return written or str(counted)


def _repeated(letters: str) -> Callable[[int], str]:
    def write(counted: int) -> str:
        times, at = divmod(counted - 1, len(letters))
        return letters[at] * (times + 1) if times < _MAX_REPETITIONS else ""

    return write


def _picked(signs: str) -> Callable[[int], str]:
    return lambda counted: signs[counted - 1] if counted <= len(signs) else ""


_ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip


def _roman(counted: int) -> str:
    if counted >= 4000:
        return ""
    written = ""
    for value, letters in _ROMAN:
        times, counted = divmod(counted, value)
        written += letters * times
    return written


def _ordinal(counted: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(counted % 10, "th")
    return f"{counted}{'th' if counted % 100 in (11, 12, 13) else ending}"


_FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_CHINESE = "一二三四五六七八九"


def _chinese(counted: int) -> str:
    tens, units = divmod(counted, 10)
    if counted >= 100:
        return ""
    ten = ("" if tens < 2 else _CHINESE[tens - 1]) + ("十" if tens else "")
    return ten + (_CHINESE[units - 1] if units else "")


_FORMATS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda counted: f"{counted:02}",
    "lowerLetter": _repeated(_LATIN),
    "upperLetter": _repeated(_LATIN.upper()),
    "lowerRoman": lambda counted: _roman(counted).lower(),
    "upperRoman": _roman,
    "russianLower": _repeated(_RUSSIAN),
    "russianUpper": _repeated(_RUSSIAN.upper()),
    "ordinal": _ordinal,
    "decimalEnclosedCircle": _picked("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalEnclosedCircleChinese": _picked("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"),
    "decimalFullWidth": lambda counted: str(counted).translate(_FULL_WIDTH),
    "numberInDash": lambda counted: f"- {counted} -",
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "ideographDigital": _chinese,
    "japaneseCounting": _chinese,
    "ganada": _repeated("가나다라마바사아자차카타파하"),
    "aiueoFullWidth": _repeated(
        "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
    ),
    "ideographTraditional": _picked("甲乙丙丁戊己庚辛壬癸"),
    "hebrew2": _repeated("אבגדהוזחטיכלמנסעפצקרשת"),
    "arabicAlpha": _repeated("أبتثجحخدذرزسشصضطظعغفقكلمنهوي"),
}
