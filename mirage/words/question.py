"""The words of a question, in each language of the documents that it asks."""

from collections import defaultdict
from collections.abc import Iterable

from mirage.words.analysis import analyze

# Bounds the cost of a search. Of a very long question the longest words are used.
_MOST_WORDS = 64

_Place = tuple[int, int]

Word = tuple[str, ...]
"""The terms of one word: its forms in each language. One of them is enough to match."""


def question_words(question: str, languages: Iterable[str | None]) -> list[Word]:
    """Return the words of a question, longest first; empty if it has none that could be found.

    A word in several languages is one word, so that it weighs once. A stop word of the language of
    the question is none, although it may be a word in another language of the documents.
    """
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
    words = {
        tuple(sorted(terms, key=lambda term: (-len(term), term))) for terms in at_place.values()
    }
    return sorted(words, key=lambda word: (-len(word[0]), word))[:_MOST_WORDS]


def _own_stop_words(stop_words: Iterable[set[_Place]]) -> set[_Place]:
    """Return the stop words of the language in which the question has most of them."""
    found = list(stop_words)
    most = max(map(len, found), default=0)
    return set().union(*(places for places in found if len(places) == most))
