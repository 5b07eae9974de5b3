"""Numbers that people write in groups: telephones, cards, accounts, amounts.

The same telephone is `+7 (495) 123-45-67`, `8 495 123 45 67` and `84951234567`, and the same amount
`1 250 000` and `1250000`.
"""

from collections.abc import Iterable, Iterator

import regex

_HYPHENS = r"\-\u2010-\u2015\u2212"
_BLANKS = r" \u00A0\u2009\u202F"
_GROUPED = regex.compile(
    rf"(?<![\p{{L}}\p{{Nd}}.,])\+?\(?\p{{Nd}}++"
    rf"(?:(?:[{_BLANKS}]?[()]{{1,2}}[{_BLANKS}{_HYPHENS}]?|[{_BLANKS}{_HYPHENS}])\p{{Nd}}++)++"
)
_GOES_ON = regex.compile(r"\p{L}|[.,]?\p{Nd}")
_GROUP = regex.compile(r"\p{Nd}+")
_DIVIDED = regex.compile(rf"[{_BLANKS}()]")
_THOUSANDS = regex.compile(rf"\p{{Nd}}{{1,3}}(?:[{_BLANKS}]\p{{Nd}}{{3}})+")
_DECIMALS = regex.compile(r"[.,](\p{Nd}{1,2})(?!\p{L}|[.,]?\p{Nd})")
"""Of money. Three digits after a comma may as well be thousands."""
_SIGNS = regex.compile(rf"[+(){_HYPHENS}]")
_FEWEST, _MOST = 5, 24
"""Digits: of `12 500`, and of an account with the bank that keeps it."""
_MOST_GROUPS = 8
_FEWEST_IN_GROUPS = 9  # Digits of three groups or more; `10 20 30` are three numbers.
_LONG_GROUP = 6
_LONGEST_COUNTRY = 3
_RUSSIAN = 11
"""Digits of a telephone with the 7 or 8 that stands before the number in Russia and Kazakhstan."""


def grouped_numbers(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield start, end and terms of each number that has blanks or parentheses within it."""
    for found in _GROUPED.finditer(text):
        # Without a blank it is a run, which has its terms already.
        if not _DIVIDED.search(found[0]):
            continue
        decimals = _DECIMALS.match(text, found.end())
        if decimals and _THOUSANDS.fullmatch(found[0]):
            whole = _digits(_GROUP.findall(found[0]))
            yield found.start(), decimals.end(), (whole, f"{whole}.{_digits(decimals.groups())}")
        if _GOES_ON.match(text, found.end()):
            continue
        groups = _GROUP.findall(found[0])
        if _is_one(found[0], groups):
            yield found.start(), found.end(), _terms(groups, is_international=found[0][0] == "+")


def _is_one(written: str, groups: list[str]) -> bool:
    """Return whether groups of digits are one number, and not several, such as two years."""
    digits = sum(map(len, groups))
    if not _FEWEST <= digits <= _MOST or len(groups) > _MOST_GROUPS:
        return False
    if _THOUSANDS.fullmatch(written) or _SIGNS.search(written):
        return True
    if len(groups) == 2:
        return max(map(len, groups)) >= _LONG_GROUP
    return digits >= _FEWEST_IN_GROUPS


def undivided_terms(digits: str) -> tuple[str, ...]:
    """Return the further terms of a number without groups: a telephone without its first digit."""
    return (digits[1:],) if len(digits) == _RUSSIAN and digits[0] in "78" else ()


def _digits(groups: Iterable[str]) -> str:
    """Return the digits of all groups in ASCII."""
    return "".join(str(int(digit)) for group in groups for digit in group)


def _terms(groups: list[str], *, is_international: bool) -> tuple[str, ...]:
    digits = _digits(groups)
    first = len(groups[0])
    terms = [digits, *undivided_terms(digits)]
    if is_international and first <= _LONGEST_COUNTRY:
        terms.append(digits[first:].lstrip("0"))
    terms.append(digits.lstrip("0"))
    return tuple(dict.fromkeys(term for term in terms if len(term) >= _FEWEST))
