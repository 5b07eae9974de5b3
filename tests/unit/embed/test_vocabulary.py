from typing import Any

import pytest

from mirage.embed.tokenizer import CautiousTokenizer
from mirage.embed.vocabulary import build_tokenizer


def pieces(metadata: dict[str, Any], text: str) -> list[str]:
    full = {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    tokenizer = build_tokenizer(full)
    assert not isinstance(tokenizer, CautiousTokenizer)
    return [text[start:end] for start, end in tokenizer.offsets(text)]


BERT = {"model": "bert", "tokens": ["[PAD]", "[UNK]", "▁fox", "es", "▁.", "▁Run", "▁run"]}


def test_bert_vocabulary_marks_the_beginnings_of_words() -> None:
    assert pieces(BERT, "Foxes run.") == ["Fox", "es", "run", "."]


def test_bert_vocabulary_minds_the_case_when_the_model_does() -> None:
    cased = {**BERT, "normalizer.lowercase": False, "tokens": [*BERT["tokens"], "n", "▁R", "u"]}
    assert pieces(cased, "Run") == ["Run"]
    assert pieces({**cased, "normalizer.lowercase": True}, "Run fox") == ["Run", "fox"]


def test_unigram_vocabulary_takes_the_likeliest_pieces() -> None:
    metadata = {
        "model": "t5",
        "tokens": ["<s>", "<pad>", "</s>", "<unk>", "▁fox", "es", "▁", "f", "o", "x", "▁foxe", "s"],
        "scores": [0, 0, 0, 0, -2, -2, -3, -5, -5, -5, -9, -2],
        "unknown_token_id": 3,
    }
    assert pieces(metadata, "foxes") == ["fox", "es"]


def test_sentence_piece_vocabulary_merges_by_score() -> None:
    metadata = {
        "model": "llama",
        "tokens": ["<unk>", "▁", "f", "o", "x", "fo", "▁fo", "ox", "▁fox"],
        "scores": [0, -9, -9, -9, -9, -1, -2, -3, -4],
        "unknown_token_id": 0,
    }
    assert pieces(metadata, "fox ox") == ["fox", " ", "ox"]


def test_byte_level_vocabulary_merges_in_order() -> None:
    metadata = {
        "model": "gpt2",
        "pre": "qwen2",
        "tokens": ["f", "o", "x", "Ġ", "fo", "fox", "Ġfox", "Ã", "¤"],
        "merges": ["f o", "fo x", "Ġ fox"],
    }
    assert pieces(metadata, "fox fox") == ["fox", " fox"]
    assert pieces(metadata, "xä") == ["x", "ä", "ä"]


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"model": "bert"},
        {"model": "bert", "tokens": None},
        {"model": "bert", "tokens": ["▁without", "▁unknown"]},
        {"model": "bert", "tokens": [1, 2]},
        {"model": "t5", "tokens": ["a"], "scores": [1, 2]},
        {"model": "t5", "tokens": ["a"], "scores": [1], "unknown_token_id": 99},
        {"model": "llama", "tokens": ["a"], "scores": ["x"]},
        {"model": "gpt2", "tokens": ["a"], "merges": ["a b"]},
        {"model": "rwkv", "tokens": ["a"]},
        {"model": ["bert"], "tokens": ["a"]},
    ],
)
def test_unusable_vocabulary_makes_a_cautious_tokenizer(metadata: dict[str, Any]) -> None:
    full = {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    assert isinstance(build_tokenizer(full), CautiousTokenizer)
