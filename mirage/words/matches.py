"""Where a passage has the words of a question."""

from collections.abc import Set

from mirage.model import Span
from mirage.words.analysis import analyze


def find_matches(text: str, language: str | None, terms: Set[str]) -> list[Span]:
    """Return the spans of the words of a text that have one of the terms, in order, not touching.

    Parts of a match are no matches of their own, and pairs of characters that overlap are one.
    """
    if not terms:
        return []
    spans = sorted(
        (token.start, token.end)
        for token in analyze(text, language)
        if not terms.isdisjoint(token.terms)
    )
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
