"""Which passages are worth to be scored."""

from mirage.db.search.bm25_query import _candidates


def _chosen(frequencies: dict[str, int], size: int = 100_000) -> str:
    return _candidates([(word,) for word in frequencies], list(frequencies.values()), size)


def test_rare_words_find_passages_by_themselves() -> None:
    assert _chosen({"seal": 40, "pump": 900}) == "('seal') | ('pump')"


def test_common_words_have_to_be_two() -> None:
    # 10,000 * 20,000 / 100,000 = 2,000 passages are expected to have both.
    chosen = _chosen({"seal": 40, "water": 10_000, "page": 20_000})
    assert chosen == "('seal') | (('water') & ('page'))"


def test_pair_that_finds_too_much_is_left_out() -> None:
    # 60,000 * 70,000 / 100,000 = 42,000
    assert _chosen({"seal": 40, "water": 60_000, "page": 70_000}) == "('seal')"


def test_words_beyond_the_bound_are_taken_as_common() -> None:
    assert _chosen({"a": 3_000, "b": 3_500}) == "('a')"


def test_single_common_word_finds_its_passages() -> None:
    assert _chosen({"water": 60_000}) == "('water')"


def test_common_words_that_meet_seldom_find_passages_by_one_of_them() -> None:
    assert _chosen({"water": 6_000, "page": 7_000}, 1_000_000).endswith("| ('water')")
