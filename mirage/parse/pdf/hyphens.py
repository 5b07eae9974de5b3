"""Decides what a hyphen at the end of a line means.

It may divide a word, belong to a compound, or stand for a part left out. The spelling elsewhere in
the document decides, else the words themselves.
"""

import re
from collections.abc import Iterable

from mirage.parse.pdf.page import Line, PageLines

_LONGEST = 100  # Letters of a word; the bound keeps the search in a long line linear.
_SYLLABLE = 3  # Letters; shorter parts are words only by accident, such as `pro` and `in`.

_WORD = re.compile(r"\w+")
_COMPOUND = re.compile(r"(?=\b(\w+)[-\u2010\u2011](\w+))")
_LAST_WORD = re.compile(r"\w+$")
_ANY_HYPHEN = re.compile(r"[-\u2010\u2011]")
_RANGE = re.compile(r"\d[\u2012\u2013\u2212]$")
_HYPHENS = ("-", "\u2011")
_HYPHEN_END = re.compile(r"\w[-\u2011]$")
_ANOTHER_HYPHEN = re.compile(r"\w+[-\u2010\u2011]\w")
# Words after a hyphen that stands for a part left out: `Vor- und Nachteile`, `pre- and post-war`.
_CONJUNCTION = re.compile(
    "und|oder|bzw|sowie|bis|and|or|to|versus|et|ou|y|e|o|u|ed|i|и|или|й|та|або|en|of|och|og|eller|"
    "ja|tai|oraz|lub|czy|ve|veya"
)
_FEW_LETTERS = 2  # The conjunction may be the end of a word, as in `pho-to`.
# Words in the middle of a compound of three or more: `up-to-date`, `state-of-the-art`.
_LINK = re.compile("a|an|and|at|by|de|for|in|la|le|of|off|on|or|out|per|sur|the|to|up")
_COMPOUNDS = re.compile(
    "(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-"
    "(?:one|two|three|four|five|six|seven|eight|nine|first|second|third|fourth|fifth|sixth)|"
    "self-(?!ish|less|same|hood).*|well-(?!ness).*|so-called|"
    "(?:ex|vice)-(?:wife|husband|partner|girlfriend|boyfriend|president|minister|chancellor|convict|member)"
)


def known_words(pages: Iterable[PageLines]) -> set[str]:
    """Return the words that the document writes undivided, and the pairs it joins by a hyphen.

    All of them are case-folded.
    """
    words: set[str] = set()
    for page in pages:
        divided = False
        for text, goes_on in page.texts():
            folded = text.casefold()
            found = _WORD.findall(folded)
            words.update(found[1 if divided else 0 : -1 if goes_on else None])
            if _ANY_HYPHEN.search(folded):
                words.update(map("-".join, _COMPOUND.findall(folded)))
            divided = goes_on
    return words


def mend_word(before: Line, after: Line, known: set[str]) -> str | None:
    """Return the text to put between two lines; None if the first does not end in a hyphen."""
    if not before.divided and not before.text.endswith(_HYPHENS):
        range_goes_on = _RANGE.search(before.text[-2:]) and after.text[:1].isdigit()
        return "" if range_goes_on else None
    stem, rest = _LAST_WORD.search(before.text[-_LONGEST:]), _WORD.match(after.text)
    if not before.divided:
        if rest is None or not _HYPHEN_END.search(before.text[-2:]):
            return None
        return " " if _CONJUNCTION.fullmatch(rest.group()) else ""
    if stem is None or rest is None:
        return "-"
    first, second = stem.group(), rest.group()
    whole, compound = (first + second).casefold() in known, f"{first}-{second}".casefold() in known
    if whole or compound:
        return "-" if compound else ""
    goes_on = bool(_ANOTHER_HYPHEN.match(after.text))
    is_word = len(second) > _FEW_LETTERS or second in known
    if is_word and _CONJUNCTION.fullmatch(second) and not goes_on:
        return "- "
    return "-" if _is_compound(first, second, known, goes_on=goes_on) else ""


def _is_compound(first: str, second: str, known: set[str], *, goes_on: bool) -> bool:
    if not second[0].islower() or len(first) == 1 or not first[1:].islower():
        return True  # `Anglo-Saxons`, `x-ray`, `pH-value`: syllables are in small letters.
    first = first.casefold()
    if _COMPOUNDS.fullmatch(f"{first}-{second}"):
        return True
    both_known = first in known and second in known
    if goes_on and (both_known or _LINK.fullmatch(second)):
        return True
    return both_known and min(len(first), len(second)) > _SYLLABLE
