"""Runs of `mirage eval` as files, and their comparison."""

import json
from pathlib import Path
from typing import Any

import pytest

from mirage.cli.evaluation.run import (
    InvalidRun,
    ModeResult,
    QueryResult,
    compare_queries,
    load_run,
    save_run,
    summarise,
)
from mirage.evaluation import Scores

MEANS = {"ndcg_at_10": 0.5, "recall_at_10": 0.5, "recall_at_100": 1, "mrr": 0.2}
QUERY = {**MEANS, "seconds": 0.1, "ranking": ["a"]}


def result(ndcg: float, **fields: Any) -> QueryResult:
    return QueryResult(Scores(ndcg, 0.5, 1.0, 0.25), 0.125, **fields)


def mode(**ndcg: float) -> ModeResult:
    queries = {query: result(value) for query, value in ndcg.items()}
    return summarise(queries, too_long=0, degraded=0)


def test_saved_run_is_read_again(tmp_path: Path) -> None:
    names = [f"d{at}</script>\n" for at in range(12)]
    queries = {"1": result(0.1, ranking=names), "é": result(0.0, failure="no vector")}
    saved = {"hybrid": summarise(queries, too_long=1, degraded=0)}
    save_run(tmp_path / "run.json", saved)
    read = load_run(tmp_path / "run.json")
    assert read["hybrid"].means == saved["hybrid"].means
    assert read["hybrid"].queries["1"] == result(0.1, ranking=names[:10])
    assert list(read["hybrid"].failures()) == [("é", "no vector")]


def test_means_count_failures_as_misses_but_not_their_time() -> None:
    queries = {"1": result(0.5), "2": QueryResult(Scores(0, 0, 0, 0), 9.0, failure="no")}
    means = summarise(queries, too_long=0, degraded=0).means
    assert (means["ndcg_at_10"], means["median_seconds"]) == (0.25, 0.125)
    assert means["queries_failed"] == 1


def test_comparison_orders_the_queries_of_both_runs() -> None:
    now = mode(a=0.5, b=0.5, c=0.5, new=1.0)
    comparison = compare_queries(now, mode(a=0.1, b=0.7, c=0.5 + 1e-12, old=1.0))
    assert comparison is not None
    assert [query for query, _ in comparison.changes] == ["a", "c", "b"]
    assert (comparison.better, comparison.worse, comparison.unchanged) == (1, 1, 1)


def test_runs_without_common_queries_are_not_compared() -> None:
    assert compare_queries(mode(a=0.5), None) is None
    assert compare_queries(mode(a=0.5), ModeResult({"mrr": 0.5})) is None
    assert compare_queries(mode(a=0.5), mode(b=0.5)) is None


def test_file_of_an_earlier_release_is_read(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps({"dense": {**MEANS, "queries_too_long": 0}}))
    read = load_run(tmp_path / "run.json")
    assert read["dense"].means["mrr"] == 0.2
    assert read["dense"].queries == {}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "5",
        '{"dense": 1}',
        '{"dense": {"mrr": "0.5"}}',
        '{"dense": {"mrr": true}}',
        '{"dense": {"mrr": NaN}}',
        '{"dense": {"mrr": 1e999}}',
        '{"dense": {"mrr": 1.5}}',
        '{"dense": {"median_seconds": -1}}',
        '{"dense": {"queries": []}}',
        '{"dense": {"queries": {"1": 5}}}',
        '{"dense": {"queries": {"1": {"mrr": 0.5}}}}',
        json.dumps({"dense": {"queries": {"1": {**QUERY, "ranking": [5]}}}}),
        json.dumps({"dense": {"queries": {"1": {**QUERY, "ranking": "a"}}}}),
        json.dumps({"dense": {"queries": {"1": {**QUERY, "failure": []}}}}),
        json.dumps({"dense": {"queries": {"1": {**QUERY, "ndcg_at_10": 2}}}}),
        "[" * 100_000,
        "\x00",
    ],
)
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "run.json").write_text(content)
    with pytest.raises(InvalidRun, match=r"run\.json was not written by --save"):
        load_run(tmp_path / "run.json")


def test_missing_and_binary_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        with pytest.raises(InvalidRun):
            load_run(tmp_path / name)
