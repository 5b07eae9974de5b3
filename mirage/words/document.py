"""The words of a document's passages, and how often each has them, with its surroundings.

A reader knows a passage from what stands around it: in a manual the name of the machine may be on
another page. So words of the surrounding text count, too, but less, and no passage is found by them
alone.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mirage.words.analysis import list_terms

# The surrounding text is counted in blocks at fixed places of the document, so that each is
# analysed once, and so that the counts of a passage do not depend on how others were split.
_BLOCK = 64
_KEPT_BLOCKS = 512
_LONGEST_WORD = 32  # Characters that a block may exceed its end by, so that no word is cut.


@dataclass(frozen=True, slots=True)
class Description:
    """What is known about a document besides its text.

    `language` is an ISO 639-1 code; None: unknown. `name` has the folders.
    """

    language: str | None = None
    title: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class TermCounts:
    """The terms of a passage.

    `own` are those of its text, its heading, and the name and title of its document; `frequencies`
    are how often each stands there or around it, weighted. `length` and `surrounding` count the
    words of text and heading, and of the surrounding text (not weighted).
    """

    own: frozenset[str]
    frequencies: Mapping[str, float]
    length: int
    surrounding: int


class DocumentWords:
    """Counts the terms of passages; fastest in the order of the text."""

    def __init__(self, text: str, description: Description) -> None:
        self._text = text
        self._language = description.language
        self._named = {
            term
            for label in (description.name, description.title or "")
            for term in list_terms(label, self._language)[0]
        }
        self._block = lru_cache(maxsize=_KEPT_BLOCKS)(self._count_block)

    def count(
        self,
        start: int,
        end: int,
        heading: str,
        *,
        window: int,
        name_weight: float,
        surrounding_weight: float,
    ) -> TermCounts:
        """Count the terms of the passage `text[start:end]` and of `window` characters around it.

        Terms of the document's name and title count `name_weight`, as in BM25F (Robertson, Zaragoza
        and Taylor 2004), and are no part of the length: a long name says no less.
        """
        in_heading, words_in_heading = list_terms(heading, self._language)
        terms, words = list_terms(self._text[start:end], self._language)
        frequencies: dict[str, float] = dict(Counter(in_heading + terms))
        for term in self._named:
            frequencies[term] = frequencies.get(term, 0) + name_weight
        own = frozenset(frequencies)
        around: Counter[str] = Counter()
        surrounding = 0
        for number in self._blocks(start, end, window):
            of_block, words_of_block = self._block(number)
            around.update(of_block)
            surrounding += words_of_block
        for term, count in around.items():
            frequencies[term] = frequencies.get(term, 0) + surrounding_weight * count
        return TermCounts(own, frequencies, words_in_heading + words, surrounding)

    def _blocks(self, start: int, end: int, window: int) -> list[int]:
        """Return the blocks around a passage that have nothing in common with it."""
        before = range(-(-max(start - window, 0) // _BLOCK), start // _BLOCK)
        last = min(end + window, len(self._text))
        after = range(-(-end // _BLOCK), -(-last // _BLOCK))
        return [*before, *after]

    def _count_block(self, number: int) -> tuple[list[str], int]:
        """Return the terms of a block, to which a word belongs that begins in it."""
        start, end = number * _BLOCK, (number + 1) * _BLOCK
        return list_terms(self._text[self._word_end(start) : self._word_end(end)], self._language)

    def _word_end(self, at: int) -> int:
        """Return where the word ends that goes across an offset."""
        text = self._text
        if at == 0 or at >= len(text) or text[at - 1].isspace():
            return at
        for end in range(at, min(at + _LONGEST_WORD, len(text))):
            if text[end].isspace():
                return end
        return at
