"""The words of a passage, and how often it has each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from mirage.words.analysis import list_terms


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
    """How often a passage has each term; `length` counts the words of text and heading."""

    terms: Mapping[str, float]
    length: int


def count_terms(passage: PassageText, name_weight: float) -> TermFrequencies:
    """Count the terms of a passage; a term of the document's name or title counts `name_weight`.

    That is BM25F with two fields (Robertson, Zaragoza and Taylor 2004); names have no length,
    because a long name says no less about a document.
    """
    found, length = list_terms(passage.heading, passage.language)
    terms, words = list_terms(passage.text, passage.language)
    frequencies: dict[str, float] = dict(Counter(found + terms))
    for named in {*_terms_of_name(passage.name, passage), *_terms_of_name(passage.title, passage)}:
        frequencies[named] = frequencies.get(named, 0) + name_weight
    return TermFrequencies(frequencies, length + words)


def _terms_of_name(name: str, passage: PassageText) -> list[str]:
    return list_terms(name, passage.language)[0]
