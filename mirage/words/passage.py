"""The words of a passage, and how often it has each."""

from collections import Counter
from dataclasses import dataclass

from mirage.words.analysis import analyze


@dataclass(frozen=True, slots=True)
class PassageText:
    """What a passage is found by. `language` is an ISO 639-1 code; None: unknown.

    `name` is the document's, with its folders.
    """

    language: str | None
    text: str
    heading: str = ""
    title: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class TermFrequencies:
    """How often a passage has each term. `length` counts the words of text and heading."""

    terms: Counter[str]
    length: int


def count_terms(passage: PassageText, name_weight: float) -> TermFrequencies:
    """Count the terms of a passage; a term of the document's name or title counts `name_weight`.

    That is BM25F with two fields (Robertson, Zaragoza and Taylor 2004); names have no length,
    because a long name says no less about a document.
    """
    terms: Counter[str] = Counter()
    length = 0
    for text in (passage.heading, passage.text):
        for token in analyze(text, passage.language):
            terms.update(token.terms)
            length += token.counted
    named = {
        term
        for text in (passage.name, passage.title)
        for token in analyze(text, passage.language)
        for term in token.terms
    }
    for term in named:
        terms[term] += name_weight  # type: ignore[assignment]  # A weight is a part of a word.
    return TermFrequencies(terms, length)
