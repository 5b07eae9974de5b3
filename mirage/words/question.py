"""The words of a question, in each language of the documents that it asks."""

from collections import defaultdict
from collections.abc import Iterable
from unicodedata import normalize

from mirage.words.analysis import analyze

# Bounds the cost of a search. Of a very long question codes and then the longest words are used.
_MOST_WORDS = 128

# What the whole of a code weighs, where a word has 1. Its parts are words, too, and a passage that
# repeats them often must not come before one that has the code.
_CODE_WEIGHT = 3.0

_Place = tuple[int, int]

Word = tuple[str, ...]
"""The terms of one word: its forms in each language. One of them is enough to match."""


def question_words(question: str, languages: Iterable[str | None]) -> dict[Word, float]:
    """Return the words of a question with their weights; empty if it has none that could be found.

    A word in several languages is one word, so that it weighs once. A stop word of the language of
    the question is none, although it may be a word in another language of the documents.
    """
    question = normalize("NFC", question)
    at_place: dict[_Place, dict[str, None]] = defaultdict(dict)
    stop_words: dict[str | None, set[_Place]] = {}
    for language in languages:
        stop_words[language] = set()
        for token in analyze(question, language, with_stop_words=True):
            if token.terms:
                at_place[token.start, token.end].update(dict.fromkeys(token.terms))
            else:
                stop_words[language].add((token.start, token.end))
    for place in _own_stop_words(stop_words.values()):
        at_place.pop(place, None)
    words: dict[Word, float] = {}
    for place, terms in at_place.items():
        word = tuple(sorted(terms, key=lambda term: (-len(term), term)))
        weight = _CODE_WEIGHT if _is_whole_code(place, word, at_place) else 1.0
        words[word] = max(weight, words.get(word, 0.0))
    chosen = sorted(
        words, key=lambda word: (-words[word], not _has_digit(word), -len(word[0]), word)
    )
    return {word: words[word] for word in chosen[:_MOST_WORDS]}


def _is_whole_code(place: _Place, word: Word, places: Iterable[_Place]) -> bool:
    """Return whether a word with a digit has other words as its parts."""
    start, end = place
    return _has_digit(word) and any(
        start <= other[0] and other[1] <= end and other != place for other in places
    )


def _has_digit(word: Word) -> bool:
    return any(character.isdecimal() for character in word[0])


def _own_stop_words(stop_words: Iterable[set[_Place]]) -> set[_Place]:
    """Return the stop words of the language in which the question has most of them."""
    found = list(stop_words)
    most = max(map(len, found), default=0)
    return set().union(*(places for places in found if len(places) == most))
