"""Chooses the passages of an answer from the ranked ones: each text once, and not all of one
document.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from mirage.model import Passage, Span

# Two passages with this share of their pairs of words in common say the same. Versions of a text
# have over 0.8, unrelated texts of one subject below 0.2.
_SAME_TEXT = 0.6


@dataclass(frozen=True, slots=True)
class Selection:
    """How to choose at most `wanted` passages.

    `per_document` is the most passages of one document (None: any number); `fold_duplicates` names
    passages with nearly the same text in the best of them; `max_tokens` is the limit for all of
    them together (None: unlimited). `merge` makes one passage of those that touch.
    """

    wanted: int
    per_document: int | None = None
    fold_duplicates: bool = False
    max_tokens: int | None = None
    merge: bool = True

    @property
    def is_plain(self) -> bool:
        """Return whether no passage is left out for the sake of another."""
        return self.per_document is None and not self.fold_duplicates

    @property
    def takes_first(self) -> bool:
        """Return whether the best passages are chosen, whatever they are."""
        return self.is_plain and self.max_tokens is None


class Chosen:
    """The passages that were chosen so far, best first.

    Those that touch are one passage, so there may be fewer than were chosen.
    """

    def __init__(self, selection: Selection) -> None:
        self.passages: list[Passage] = []
        self._selection = selection
        self._count = 0
        self._of_document: Counter[UUID] = Counter()
        self._pairs: dict[UUID, frozenset[object]] = {}

    @property
    def is_complete(self) -> bool:
        """Return whether there are enough."""
        return self._count >= self._selection.wanted

    def add(self, ranked: Iterable[Passage]) -> None:
        """Choose from the next best passages until there are enough."""
        for passage in ranked:
            if self.is_complete:
                return
            if self._has_enough_of(passage.document_id) or self._fold(passage):
                continue
            merged = self.passages.copy()
            if not (self._selection.merge and merge_into(merged, passage)):
                merged.append(passage)
            if not self._has_room_for(merged):
                continue  # A shorter one may fit.
            self.passages = merged
            self._count += 1
            self._of_document[passage.document_id] += 1

    def _has_enough_of(self, document: UUID) -> bool:
        most = self._selection.per_document
        return most is not None and self._of_document[document] >= most

    def _has_room_for(self, passages: list[Passage]) -> bool:
        most = self._selection.max_tokens
        return most is None or sum(passage.tokens for passage in passages) <= most

    def _fold(self, passage: Passage) -> bool:
        """Name a passage in one with nearly the same text; return False if there is none."""
        if not self._selection.fold_duplicates:
            return False
        pairs = _pairs_of_words(passage.text)
        for at, other in enumerate(self.passages):
            if other.document_id != passage.document_id and _is_same(pairs, self._pairs[other.id]):
                self.passages[at] = replace(other, duplicates=(*other.duplicates, passage))
                return True
        self._pairs[passage.id] = pairs
        return False


def merge_into(passages: list[Passage], passage: Passage) -> bool:
    """Merge a passage into those that it touches, which stay in order; return whether it did.

    A passage may connect two others, of which the better one keeps its place.
    """
    place = None
    for at in reversed(range(len(passages))):
        if touch(passages[at], passage):
            place, passage = at, union(passages.pop(at), passage)
    if place is not None:
        passages.insert(place, passage)
    return place is not None


def touch(one: Passage, other: Passage) -> bool:
    """Return whether two passages of one document overlap, or one begins where the other ends."""
    return (
        one.document_id == other.document_id and one.start <= other.end and other.start <= one.end
    )


def union(better: Passage, other: Passage) -> Passage:
    """Merge two passages that touch, with rank, id and scores of the better one.

    Its tokens are estimated from the characters that both have in common.
    """
    earlier, later = sorted((better, other), key=lambda passage: passage.start)
    last = max(better, other, key=lambda passage: passage.end)
    added = later.text[max(earlier.end - later.start, 0) :]
    shift = later.start - earlier.start
    share = len(added) / max(len(later.text), 1)
    return replace(
        better,
        text=earlier.text + added,
        start=earlier.start,
        end=last.end,
        heading_path=earlier.heading_path,
        page_number=earlier.page_number,
        page_label=earlier.page_label,
        line=earlier.line,
        table_header=earlier.table_header,
        last_page_number=last.last_page_number,
        tokens=earlier.tokens + round(share * later.tokens),
        matches=_merge_spans(
            (*earlier.matches, *((start + shift, end + shift) for start, end in later.matches))
        ),
        spans=tuple(sorted({*better.spans, *other.spans})),
        sections=tuple(
            sorted({*better.sections, *other.sections}, key=lambda section: section.start)
        ),
    )


def _merge_spans(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order; what overlaps is one span."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return tuple(merged)


def _pairs_of_words(text: str) -> frozenset[object]:
    words = text.casefold().split()
    return frozenset(zip(words, [*words[1:], ""], strict=True))


def _is_same(one: frozenset[object], other: frozenset[object]) -> bool:
    """Return whether two sets have most of their elements in common (Jaccard)."""
    both = len(one & other)
    return both >= _SAME_TEXT * max(len(one) + len(other) - both, 1)
