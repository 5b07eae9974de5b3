"""The words of a question, in each language of the documents that it asks."""

from collections import defaultdict
from collections.abc import Iterable

from mirage.words.analysis import analyze

# Bounds the cost of a search. Of a very long question the longest words are used.
_MOST_WORDS = 64

Word = tuple[str, ...]
"""The terms of one word: its forms in each language. One of them is enough to match."""


def question_words(question: str, languages: Iterable[str | None]) -> list[Word]:
    """Return the words of a question, longest first; empty if it has none that could be found.

    A word in several languages is one word, so that it weighs once.
    """
    at_place: dict[tuple[int, int], dict[str, None]] = defaultdict(dict)
    for language in languages:
        for token in analyze(question, language):
            at_place[token.start, token.end].update(dict.fromkeys(token.terms))
    words = {
        tuple(sorted(terms, key=lambda term: (-len(term), term)))
        for terms in at_place.values()
        if terms
    }
    return sorted(words, key=lambda word: (-len(word[0]), word))[:_MOST_WORDS]
