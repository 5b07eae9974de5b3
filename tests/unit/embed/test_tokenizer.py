import random

import pytest

from mirage.embed.tokenizer import CautiousTokenizer, WordPieceTokenizer
from mirage.model import Tokenizer

VOCABULARY = {
    name: position
    for position, name in enumerate(["[UNK]", "fox", "##es", "run", "##x", "x", "##xx", "."])
}


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in WordPieceTokenizer(VOCABULARY).offsets(text)]


def test_word_piece_takes_the_longest_match_first() -> None:
    assert pieces("Foxes run.") == ["Fox", "es", "run", "."]
    assert WordPieceTokenizer(VOCABULARY).ids("Foxes run.") == [1, 2, 3, 7]


def test_word_piece_makes_one_token_of_an_unknown_word() -> None:
    assert pieces("fox quick run") == ["fox", "quick", "run"]


def test_word_piece_strips_accents_and_keeps_the_span() -> None:
    assert pieces("fo\u0301x") == ["fo\u0301x"]


def test_word_piece_cuts_a_word_of_any_length() -> None:
    text = f"fox {'x' * 301} fox"
    tokens = pieces(text)
    assert tokens[:3] == ["fox", "x", "xx"]
    assert len(tokens) == 1 + 1 + 150 + 1
    assert len(WordPieceTokenizer(VOCABULARY).ids(text)) == len(tokens)


def test_word_piece_leaves_a_long_unknown_word_whole() -> None:
    assert pieces("x" * 200 + "q") == ["x" * 200 + "q"]


def test_word_piece_survives_a_lone_surrogate() -> None:
    assert pieces("fox \ud800 fox") == ["fox", "\ud800", "fox"]


def test_word_piece_can_mind_the_case() -> None:
    cased = WordPieceTokenizer(VOCABULARY, lowercase=False)
    assert cased.ids("Fox fox") == [0, 1]


def test_cautious_tokenizer_cuts_words_into_short_pieces() -> None:
    text = "Foxes, 42!"
    spans = CautiousTokenizer().offsets(text)
    assert [text[start:end] for start, end in spans] == ["Fox", "es", ",", "4", "2", "!"]


def test_cautious_tokenizer_counts_the_bytes_of_other_characters() -> None:
    assert CautiousTokenizer().offsets("ж你") == [(0, 1), (0, 1), (1, 2), (1, 2), (1, 2)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hello", ["hel", "lo"]),
        ("HELLO", ["HE", "LL", "O"]),
        ("xqz", ["x", "q", "z"]),
        ("aGVs9", ["a", "G", "V", "s", "9"]),
        ("getHeader", ["g", "e", "t", "Hea", "der"]),
        ("a" * 21, ["a"] * 21),
    ],
)
def test_cautious_tokenizer_takes_apart_what_is_no_word(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in CautiousTokenizer().offsets(text)] == expected


@pytest.mark.parametrize("tokenizer", [WordPieceTokenizer(VOCABULARY), CautiousTokenizer()])
@pytest.mark.slow
def test_text_has_the_tokens_of_its_parts(tokenizer: Tokenizer) -> None:
    assert tokenizer.divisible
    dice = random.Random(7)  # noqa: S311
    signs = "foxrunFOX.…'1世\u0301\u200b\u00a0\u00ad\x1c\x00\u0130\u1100\u1161\t\r\ud800"
    for _ in range(300):
        parts = ["".join(dice.choices(signs, k=dice.randrange(130))) for _ in range(4)]
        apart = sum(len(tokenizer.offsets(part)) for part in parts)
        for seam in " \n":
            assert len(tokenizer.offsets(seam.join(parts))) == apart
