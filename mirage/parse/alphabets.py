"""Tells languages with the Cyrillic script apart by the letters that only some of them have.

The detector takes lists of names, parts and payments for the wrong one of them, or for no language:
they have no sentences. Their letters still tell: a text with `ы` is not Bulgarian, and a page
without any `і` is not Ukrainian.
"""

from collections import Counter
from dataclasses import dataclass

_COMMON = frozenset("абвгдежзиклмнопрстуфхцчш")
_CYRILLIC = range(0x0400, 0x0530)


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What speaks against a language: more than `foreign` letters that it does not have (and more
    than that share of all), or none of its own where `expected` of them are.
    """

    foreign: int
    foreign_share: float
    expected: float


# Foreign names have foreign letters. Of a language's own texts, 8 % have none of its own letters by
# chance where 2.5 are expected (e^-2.5), and 0.2 % where 6 are.
_OF_THE_DETECTED = _Doubt(1, 0.02, 6.0)
_OF_OTHERS = _Doubt(0, 0.01, 2.5)


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """Letters besides the common ones, and the share of `own` among all letters of a text."""

    letters: frozenset[str]
    own: frozenset[str]
    share: float

    def fits(self, counts: Counter[str], doubt: _Doubt) -> bool:
        """Return whether a text of these letters may be in the language."""
        total = counts.total()
        foreign = sum(n for letter, n in counts.items() if letter not in self.letters | _COMMON)
        if foreign > max(doubt.foreign, doubt.foreign_share * total):
            return False
        return self.share * total < doubt.expected or any(counts[letter] for letter in self.own)


def _alphabet(letters: str, own: str, share: float) -> _Alphabet:
    return _Alphabet(frozenset(letters + own), frozenset(own), share)


# Shares of the first six are those of the sentences in tests/data, of the others guesses.
_ALPHABETS = {
    "ru": _alphabet("йщъюя", "ыэёь", 0.04),
    "uk": _alphabet("йщьюя", "іїєґ", 0.10),
    "be": _alphabet("йыьэюяё", "іў", 0.11),
    "bg": _alphabet("йщюя", "ъ", 0.02),
    "sr": _alphabet("", "јљњђћџ", 0.06),
    "mk": _alphabet("", "јљњѓќѕџ", 0.025),
    "kk": _alphabet("йщъыьэюяё", "әғқңөұүһі", 0.12),
    "ky": _alphabet("йщъыьэюяё", "ңөү", 0.05),
    "mn": _alphabet("йщъыьэюяё", "өү", 0.06),
    "tg": _alphabet("йъэюяё", "ӣӯқғҳҷ", 0.05),
}


def settle_language(letters: str, detected: str | None) -> str | None:
    """Return the language of a Cyrillic text; `detected` is what the detector is sure of.

    A language that the letters speak against gives way to the only one that they leave. A text in
    another script keeps what was detected.
    """
    counts = Counter(letters.lower())
    del counts[" "], counts["'"], counts["’"]
    if detected not in _ALPHABETS and not _is_cyrillic(counts):
        return detected
    counts = Counter({letter: n for letter, n in counts.items() if ord(letter) in _CYRILLIC})
    if detected in _ALPHABETS and _ALPHABETS[detected].fits(counts, _OF_THE_DETECTED):
        return detected
    left = [code for code, alphabet in _ALPHABETS.items() if alphabet.fits(counts, _OF_OTHERS)]
    return left[0] if len(left) == 1 else None


def _is_cyrillic(counts: Counter[str]) -> bool:
    cyrillic = sum(n for letter, n in counts.items() if ord(letter) in _CYRILLIC)
    return cyrillic * 2 > counts.total()
