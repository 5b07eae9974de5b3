"""Measures against values worked out by hand."""

import json
from pathlib import Path

import pytest

from mirage.evaluation import InvalidCollection, evaluate, load_collection, ndcg


def test_ndcg_discounts_by_rank() -> None:
    # 3 / log2(3) + 1 / log2(4), over the best order 3 / log2(2) + 1 / log2(3).
    assert ndcg(["x", "a", "b"], {"a": 3, "b": 1}, 10) == pytest.approx(2.392789 / 3.630930)
    assert ndcg(["a", "b"], {"a": 3, "b": 1}, 10) == 1
    assert ndcg(["x"] * 10 + ["a"], {"a": 1}, 10) == 0


def test_means_count_queries_without_an_answer() -> None:
    scores = evaluate({"1": ["x", "a"]}, {"1": {"a": 1, "b": 1}, "2": {"c": 1}})
    assert scores.recall_at_10 == 0.25
    assert scores.recall_at_100 == 0.25
    assert scores.mrr == 0.25


@pytest.mark.parametrize("place", ["qrels.tsv", "qrels/test.tsv"])
def test_collection_is_read_in_both_layouts(tmp_path: Path, place: str) -> None:
    _write(tmp_path, place, "query-id\tcorpus-id\tscore\n1\td1\t2\n1\td2\t0\n9\td1\t1\n")
    collection = load_collection(tmp_path)
    assert collection.corpus == {"d1": "Title\n\nText\n"}
    assert collection.queries == {"1": "what"}
    assert collection.judgments == {"1": {"d1": 2}}


def test_broken_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidCollection, match=r"corpus\.jsonl cannot be read"):
        load_collection(tmp_path)
    _write(tmp_path, "qrels.tsv", "query-id\tcorpus-id\tscore\n1\td1\n")
    with pytest.raises(InvalidCollection, match=r"qrels\.tsv cannot be read"):
        load_collection(tmp_path)


def test_judgments_need_no_header(tmp_path: Path) -> None:
    _write(tmp_path, "qrels.tsv", "1\td1\t1\n")
    assert load_collection(tmp_path).judgments == {"1": {"d1": 1}}


def test_collection_that_judges_nothing_is_refused(tmp_path: Path) -> None:
    _write(tmp_path, "qrels.tsv", "query-id\tcorpus-id\tscore\n")
    with pytest.raises(InvalidCollection, match="no query with a relevant document"):
        load_collection(tmp_path)


@pytest.mark.parametrize("text", ["null", "5"])
def test_text_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    _write(tmp_path, "qrels.tsv", "1\td1\t1\n")
    (tmp_path / "corpus.jsonl").write_text(f'{{"_id": "d1", "text": {text}}}')
    with pytest.raises(InvalidCollection, match="its `text` is not a string"):
        load_collection(tmp_path)


def _write(folder: Path, place: str, judgments: str) -> None:
    documents = [
        {"_id": "d1", "title": "Title", "text": "Text"},
        {"_id": "d2", "title": "", "text": " "},
    ]
    (folder / "corpus.jsonl").write_text("\n".join(json.dumps(row) for row in documents))
    (folder / "queries.jsonl").write_text('{"_id": "1", "text": "what"}\n')
    (folder / place).parent.mkdir(exist_ok=True)
    (folder / place).write_text(judgments)
