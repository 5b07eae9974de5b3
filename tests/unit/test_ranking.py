"""How the scores of both legs become one order."""

from uuid import UUID

import pytest

from mirage.db.search.candidates import Candidate
from mirage.model import NoiseFloor
from mirage.search.ranking import Legs, rank

_FLOOR = NoiseFloor(0.1, 0.1)


def _candidate(
    number: int, similarity: float | None, words: float, language: str | None = "en"
) -> Candidate:
    return Candidate(UUID(int=number), UUID(int=99), language, similarity, words, None, None)


def _order(candidates: list[Candidate], legs: Legs) -> list[int]:
    return [each.candidate.id.int for each in rank(candidates, legs)]


def _hybrid(*languages: str, floor: NoiseFloor | None = _FLOOR) -> Legs:
    return Legs(dense=True, highest_score=10.0, floor=floor, model_languages=languages)


def test_one_leg_alone_ranks_by_its_own_score() -> None:
    candidates = [_candidate(1, 0.2, 5.0), _candidate(2, 0.9, 1.0)]
    assert _order(candidates, Legs(dense=False, highest_score=10.0, floor=None)) == [1, 2]
    assert _order(candidates, Legs(dense=True, highest_score=None, floor=_FLOOR)) == [2, 1]


def test_passage_with_every_word_is_first_whatever_the_cosines_say() -> None:
    candidates = [_candidate(1, 0.95, 2.0), _candidate(2, 0.1, 10.0), _candidate(3, 0.9, 9.9)]
    assert _order(candidates, _hybrid("en")) == [2, 3, 1]


def test_cosines_decide_among_passages_with_the_same_words() -> None:
    candidates = [_candidate(1, 0.3, 4.0), _candidate(2, 0.6, 4.0)]
    for languages in (("en",), ("de",), ()):
        assert _order(candidates, _hybrid(*languages)) == [2, 1]


@pytest.mark.parametrize(
    ("languages", "order"),
    [(("en",), [1, 2]), (("*",), [1, 2]), (("de",), [2, 1]), ((), [2, 1])],
)
def test_cosine_counts_little_in_a_language_that_the_model_does_not_know(
    languages: tuple[str, ...], order: list[int]
) -> None:
    # Five deviations more, against a fifth of the words.
    candidates = [_candidate(1, 0.8, 1.0), _candidate(2, 0.3, 3.0)]
    assert _order(candidates, _hybrid(*languages)) == order


def test_languages_are_those_of_each_passage() -> None:
    candidates = [_candidate(1, 0.8, 1.0, "ru"), _candidate(2, 0.3, 3.0, "en")]
    assert _order(candidates, _hybrid("en")) == [2, 1]


def test_question_without_words_that_are_found_is_ranked_by_cosine() -> None:
    candidates = [_candidate(1, 0.2, 0.0, "ru"), _candidate(2, 0.9, 0.0, "ru")]
    assert _order(candidates, _hybrid("en")) == [2, 1]


def test_floor_that_is_not_measured_is_that_of_the_candidates() -> None:
    candidates = [_candidate(1, 0.75, 3.0), _candidate(2, 0.9, 3.0), _candidate(3, 0.76, 0.0)]
    assert _order(candidates, _hybrid("en", floor=None)) == [2, 1, 3]


def test_floor_without_width_is_no_division_by_zero() -> None:
    candidates = [_candidate(1, 0.9, 0.0), _candidate(2, 0.1, 9.0), _candidate(3, None, 1.0)]
    assert _order(candidates, _hybrid("en", floor=NoiseFloor(0.5, 0.0)))[0] in {1, 2}
    assert rank([], _hybrid("en")) == []


def test_ties_are_in_the_order_of_ids() -> None:
    candidates = [_candidate(n, 0.5, 1.0) for n in (3, 1, 2)]
    assert _order(candidates, _hybrid("en")) == [1, 2, 3]


@pytest.mark.parametrize(
    ("similarity", "words", "weak"),
    [(0.19, 1.4, True), (0.21, 1.4, False), (0.19, 1.6, False), (-0.5, 10.0, False)],
)
def test_passage_is_weak_below_the_floor_and_without_the_words(
    similarity: float, words: float, *, weak: bool
) -> None:
    (ranked,) = rank([_candidate(1, similarity, words)], _hybrid("en"))
    assert ranked.weak is weak


@pytest.mark.parametrize(("words", "weak"), [(0.9, True), (1.1, False)])
def test_words_alone_decide_where_cosines_say_nothing(words: float, *, weak: bool) -> None:
    (foreign,) = rank([_candidate(1, 0.9, words, "ru")], _hybrid("en"))
    lexical = Legs(dense=False, highest_score=10.0, floor=None)
    (alone,) = rank([_candidate(1, None, words)], lexical)
    assert (foreign.weak, alone.weak) == (weak, weak)


def test_weak_is_unknown_until_the_floor_is_measured() -> None:
    (ranked,) = rank([_candidate(1, 0.2, 1.0)], _hybrid("en", floor=None))
    assert ranked.weak is None
