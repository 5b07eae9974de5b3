"""Which of the ranked passages make an answer."""

from typing import Any
from uuid import UUID

import pytest

from mirage.model import Passage
from mirage.search.selection import Chosen, Selection

_TEXT = "abcdefghijklmnopqrstuvwxyz" * 4


def _passage(
    number: int, start: int, end: int, *, document: int = 1, text: str | None = None
) -> Passage:
    text = _TEXT[start:end] if text is None else text
    return Passage(
        id=UUID(int=number),
        document_id=UUID(int=document),
        document_name=f"{document}.txt",
        document_language=None,
        text=text,
        start=start,
        end=end,
        heading_path=(f"section {start}",),
        page_number=start,
        page_label=None,
        last_page_number=end,
        line=None,
        tokens=end - start,
        score=1 / number,
        matches=((0, 2),),
        spans=((start, end),),
    )


def _choose(passages: list[Passage], wanted: int = 10, **options: Any) -> list[Passage]:
    chosen = Chosen(Selection(wanted, **options))
    chosen.add(passages)
    return chosen.passages


def test_passages_that_overlap_are_one_with_both_spans() -> None:
    (merged,) = _choose([_passage(1, 10, 20), _passage(2, 4, 12)])
    assert merged.id == UUID(int=1)
    assert merged.text == _TEXT[4:20]
    assert (merged.start, merged.end) == (4, 20)
    assert merged.spans == ((4, 12), (10, 20))
    assert merged.matches == ((0, 2), (6, 8))
    assert merged.heading_path == ("section 4",)
    assert (merged.page_number, merged.last_page_number) == (4, 20)
    assert merged.tokens == 16


@pytest.mark.parametrize(("start", "count"), [(20, 1), (21, 2)])
def test_passages_that_touch_are_one_and_others_are_not(start: int, count: int) -> None:
    assert len(_choose([_passage(1, 10, 20), _passage(2, start, 30)])) == count


def test_passages_of_two_documents_never_are_one() -> None:
    assert len(_choose([_passage(1, 10, 20), _passage(2, 12, 22, document=2)])) == 2


def test_passage_that_connects_two_others_joins_them_at_the_better_place() -> None:
    ranked = [
        _passage(1, 0, 10),
        _passage(2, 0, 5, document=2),
        _passage(3, 20, 30),
        _passage(4, 10, 20),
    ]
    first, second = _choose(ranked)
    assert (first.id, first.start, first.end) == (UUID(int=1), 0, 30)
    assert first.text == _TEXT[:30]
    assert second.document_id == UUID(int=2)


def test_limit_counts_passages_before_they_are_merged() -> None:
    ranked = [_passage(n, n * 5, n * 5 + 10) for n in range(1, 19)]
    (merged,) = _choose(ranked, wanted=3)
    assert len(merged.spans) == 3


def test_passages_that_fit_are_chosen_and_what_overlaps_is_paid_once() -> None:
    ranked = [
        _passage(1, 0, 10),
        _passage(2, 40, 60),
        _passage(3, 5, 15),
        _passage(4, 80, 85),
    ]
    assert [(p.start, p.end) for p in _choose(ranked, max_tokens=20)] == [(0, 15), (80, 85)]
    assert _choose(ranked, max_tokens=4) == []


def test_passages_are_not_merged_before_context_is_added() -> None:
    assert len(_choose([_passage(1, 10, 20), _passage(2, 4, 12)], merge=False)) == 2


def test_at_most_so_many_passages_of_a_document() -> None:
    ranked = [_passage(n, n * 20, n * 20 + 5) for n in range(1, 5)]
    ranked.append(_passage(9, 0, 5, document=2))
    assert [p.id.int for p in _choose(ranked, per_document=2)] == [1, 2, 9]


def test_passages_that_are_merged_count_for_their_document() -> None:
    ranked = [_passage(1, 0, 10), _passage(2, 5, 15), _passage(3, 0, 5, document=2)]
    assert [len(p.spans) for p in _choose(ranked, wanted=2, per_document=1)] == [1, 1]


_VERSION = "The pump of line {} is primed before each start and drained after the last shift."


def test_versions_of_a_text_are_named_in_the_best_one() -> None:
    ranked = [_passage(n, 0, 90, document=n, text=_VERSION.format(n)) for n in range(1, 13)] + [
        _passage(13, 0, 90, document=13, text="The valve is closed at night by the guard.")
    ]
    first, second = _choose(ranked, wanted=3, fold_duplicates=True)
    assert [p.document_id.int for p in first.duplicates] == list(range(2, 13))
    assert second.document_id == UUID(int=13)
    assert second.duplicates == ()


def test_texts_that_only_resemble_each_other_are_not_folded() -> None:
    texts = (
        "The pump of line 1 is primed before each start and drained after the last shift.",
        "The pump of line 2 must never be started by the night shift without a second person.",
    )
    ranked = [_passage(n, 0, 90, document=n, text=text) for n, text in enumerate(texts, 1)]
    assert len(_choose(ranked, fold_duplicates=True)) == 2
