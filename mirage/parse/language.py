"""Detects the language of a text with Compact Language Detector 3; its wheel holds the model."""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate

import gcld3

from mirage.languages import normalise
from mirage.model import Section
from mirage.parse.alphabets import settle_language

# Samples per book: a preface or a bibliography in another language fills one or two of twelve.
_SAMPLES = 12
_SAMPLE_CHARACTERS = 400
# Measured in 37 languages: of texts of 40 characters, 0.9 % get a wrong language and 8 % get no
# language; of texts of 20 characters, 4.9 % and 23 %. At a probability of 0.7, which is the
# detector's own limit, 2.2 % of the texts of 40 characters get a wrong language.
_MIN_LETTERS = 40
_MIN_PROBABILITY = 0.9
_FIRST_WIDE = "\u1100"  # Hangul; all wide East Asian characters come after it.


def find_language(sections: Sequence[Section], declared: str | None = None) -> str | None:
    """Return the ISO 639-1 code of the language of most of the text; None if it is unclear.

    `declared` is the language that the document states, as a BCP 47 tag; it counts only if the
    text does not show its language. Reads at most some 5,000 characters.
    """
    samples = [_letters(sample) for sample in _samples([section.text for section in sections])]
    if sum(map(_count, samples)) < _MIN_LETTERS:
        return normalise(declared)
    votes: Counter[str] = Counter()
    for sample in samples:
        if language := _reliable(sample):
            votes[language] += _count(sample)
    if not votes and (language := _reliable(" ".join(samples))):
        votes[language] = _MIN_LETTERS  # Each sample has too few letters, all together have enough.
    winner, letters = max(votes.items(), key=lambda vote: vote[1], default=("", 0))
    # A transliteration (`ru-Latn`) is not a text in the language for search.
    detected = normalise(winner) if letters * 2 > votes.total() and "-" not in winner else None
    return settle_language(" ".join(samples), detected) or normalise(declared)


def classify(text: str) -> tuple[str, float]:
    """Return the detector's code of the likeliest language of a short text, and its probability."""
    found = _detector().FindLanguage(text=_letters(text))
    return str(found.language), float(found.probability)


@cache
def _detector() -> gcld3.NNetLanguageIdentifier:
    return gcld3.NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=8 * _SAMPLE_CHARACTERS)


def _reliable(letters: str) -> str | None:
    if _count(letters) < _MIN_LETTERS:
        return None
    language, probability = classify(letters)
    return language if probability >= _MIN_PROBABILITY else None


def _samples(texts: Sequence[str]) -> Iterator[str]:
    """Return parts of the text at equal distances, the first and the last included."""
    starts = list(accumulate(map(len, texts), initial=0))
    last = max(starts.pop() - _SAMPLE_CHARACTERS, 0)
    count = min(_SAMPLES, last // _SAMPLE_CHARACTERS + 2) if last else 1
    for number in range(count):
        yield _read(texts, starts, last * number // max(count - 1, 1))


def _read(texts: Sequence[str], starts: Sequence[int], at: int) -> str:
    pieces: list[str] = []
    left = _SAMPLE_CHARACTERS
    for number in range(max(bisect_right(starts, at) - 1, 0), len(texts)):
        begin = max(at - starts[number], 0)
        pieces.append(texts[number][begin : begin + left])
        left -= len(pieces[-1])
        if left <= 0:
            break
    return " ".join(pieces)


def _letters(text: str) -> str:
    """Return only the words, because numbers, signs and addresses mislead the detector.

    Marks stay with their letters, and so do apostrophes.
    """
    kept = (
        character
        if character.isalpha() or character in "'’" or unicodedata.category(character)[0] == "M"
        else " "
        for character in text
    )
    return " ".join("".join(kept).split())


def _count(letters: str) -> int:
    """Return the number of letters; a Chinese, Japanese or Korean sign counts as three."""
    wide = 0
    if max(letters, default="") >= _FIRST_WIDE:
        wide = sum(unicodedata.east_asian_width(letter) == "W" for letter in letters)
    return len(letters) - letters.count(" ") + 2 * wide
