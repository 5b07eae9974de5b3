"""The words of a passage, and those of the text around it."""

import pytest

from mirage.words import Description, DocumentWords, TermCounts

_FILLER = "lamp " * 51 + "\n"  # 256 characters, four blocks
_TEXT = f"{_FILLER}{'astrolabe '.ljust(256)}{_FILLER}{'sextant '.ljust(256)}{_FILLER}"


def _count(
    start: int, end: int, *, window: int = 512, name: str = "", heading: str = ""
) -> TermCounts:
    words = DocumentWords(_TEXT, Description("en", "The Lighthouse", name))
    return words.count(start, end, heading, window=window, name_weight=1.0, surrounding_weight=0.5)


def test_words_around_a_passage_count_less_and_are_not_its_own() -> None:
    counted = _count(512, 768)
    assert counted.own == {"lamp", "lighthous"}
    assert counted.frequencies["lamp"] == 51 + 0.5 * 102
    assert counted.frequencies["astrolab"] == 0.5
    assert counted.frequencies["sextant"] == 0.5
    assert (counted.length, counted.surrounding) == (51, 104)


def test_window_bounds_what_counts() -> None:
    assert "sextant" not in _count(256, 512, window=256).frequencies
    assert "sextant" in _count(256, 512, window=512).frequencies


@pytest.mark.parametrize(("start", "end"), [(300, 700), (257, 1023)])
def test_what_is_in_the_passage_is_not_around_it(start: int, end: int) -> None:
    counted = _count(start, end, window=2000)
    assert counted.frequencies["sextant"] == (1 if end == 1023 else 0.5)


def test_words_of_name_title_and_heading_are_own_words() -> None:
    counted = _count(0, 256, name="pumps/AB-1234.pdf", heading="Oil > Store")
    assert {"pump", "ab1234", "1234", "lighthous", "oil", "store"} <= counted.own
    assert counted.length == 51 + 2


def test_word_across_two_blocks_counts_once() -> None:
    text = "x" * 250 + " incomprehensible " + "y " * 300
    words = DocumentWords(text, Description("en"))
    counted = words.count(560, 580, "", window=600, name_weight=1.0, surrounding_weight=0.5)
    assert counted.frequencies["incomprehens"] == 0.5
    assert "incom" not in counted.frequencies


def test_counts_do_not_depend_on_the_order_of_passages() -> None:
    spans = [(0, 256), (300, 600), (512, 768), (900, 1280)]

    def count(ordered: list[tuple[int, int]]) -> list[TermCounts]:
        words = DocumentWords(_TEXT, Description("en"))
        return [
            words.count(start, end, "", window=600, name_weight=1.0, surrounding_weight=0.5)
            for start, end in ordered
        ]

    assert count(spans) == count(spans[::-1])[::-1]
