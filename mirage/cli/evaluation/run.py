"""The results of one run: per query and as means, in memory and as a file of `--save`."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from statistics import median
from typing import Any

from mirage.errors import InvalidInput
from mirage.evaluation import Scores, mean

MEASURES = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_10": "recall@10",
    "recall_at_100": "recall@100",
    "mrr": "MRR",
}
"""Names of the measures from 0 to 1, as fields of `Scores` and for people."""

SECONDS = "median_seconds"
TOO_LONG = "queries_too_long"
FAILED = "queries_failed"
DEGRADED = "queries_degraded"

_QUERIES = "queries"
_SAVED_RANKS = 10
# A smaller difference of a measure is the rounding error of its computation.
_ROUNDING = 1e-9


class InvalidRun(InvalidInput):
    """Give a file that `mirage eval --save` wrote."""

    code = "invalid-run"


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The result of one query in one mode.

    `ranking` has the documents' names, best first, each once. `failure` is the API's error
    if it refused the query; then the ranking is empty and all measures are 0.
    """

    scores: Scores
    seconds: float
    ranking: Sequence[str] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class ModeResult:
    """The results of one search mode. `queries` is empty if the file has only means."""

    means: Mapping[str, float]
    queries: Mapping[str, QueryResult] = field(default_factory=dict)

    def failures(self) -> Iterator[tuple[str, str]]:
        """Yield each query that the API refused, with the API's sentence."""
        for query, result in self.queries.items():
            if result.failure is not None:
                yield query, result.failure


Run = Mapping[str, ModeResult]
"""Maps each search mode to its results."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The queries that are in two runs, each with its change of nDCG@10, largest gain first."""

    changes: Sequence[tuple[str, float]]

    @property
    def better(self) -> int:
        """Return how many queries gained."""
        return sum(change > 0 for _, change in self.changes)

    @property
    def worse(self) -> int:
        """Return how many queries lost."""
        return sum(change < 0 for _, change in self.changes)

    @property
    def unchanged(self) -> int:
        """Return how many queries have the same measure."""
        return len(self.changes) - self.better - self.worse


def summarise(queries: Mapping[str, QueryResult], *, too_long: int, degraded: int) -> ModeResult:
    """Return the results with their means; a query that failed counts with measures of 0."""
    answered = [result.seconds for result in queries.values() if result.failure is None]
    means = asdict(mean([result.scores for result in queries.values()])) | {
        SECONDS: median(answered) if answered else 0.0,
        TOO_LONG: too_long,
        FAILED: len(queries) - len(answered),
        DEGRADED: degraded,
    }
    return ModeResult(means, queries)


def compare_queries(now: ModeResult, before: ModeResult | None) -> Comparison | None:
    """Compare the queries of both runs; None if there are none in both."""
    earlier = before.queries if before else {}
    changes = [
        (query, result.scores.ndcg_at_10 - earlier[query].scores.ndcg_at_10)
        for query, result in now.queries.items()
        if query in earlier
    ]
    rounded = [(query, change if abs(change) > _ROUNDING else 0.0) for query, change in changes]
    return Comparison(sorted(rounded, key=lambda item: -item[1])) if rounded else None


def save_run(path: Path, run: Run) -> None:
    """Write the means of each mode, and each query with its measures and its first ten ranks."""
    content = {
        mode: {
            **result.means,
            _QUERIES: {query: _as_json(one) for query, one in result.queries.items()},
        }
        for mode, result in run.items()
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load_run(path: Path) -> Run:
    """Read a file of `save_run`; older files have only means. Raises InvalidRun."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {mode: _mode_result(values) for mode, values in content.items()}
    except (OSError, ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        raise InvalidRun(f"{path} was not written by --save: {error}") from error


def _as_json(result: QueryResult) -> dict[str, Any]:
    failure = {"failure": result.failure} if result.failure is not None else {}
    return {
        **asdict(result.scores),
        "seconds": round(result.seconds, 4),
        "ranking": list(result.ranking[:_SAVED_RANKS]),
        **failure,
    }


def _mode_result(values: Mapping[str, Any]) -> ModeResult:
    return ModeResult(
        {name: _number(name, value) for name, value in values.items() if name != _QUERIES},
        {query: _query_result(one) for query, one in values.get(_QUERIES, {}).items()},
    )


def _query_result(values: Mapping[str, Any]) -> QueryResult:
    ranking, failure = values["ranking"], values.get("failure")
    if not isinstance(ranking, list) or not all(isinstance(name, str) for name in ranking):
        raise TypeError("`ranking` is not a list of names")
    if not isinstance(failure, str | None):
        raise TypeError("`failure` is not a text")
    scores = Scores(*(_number(each.name, values[each.name]) for each in fields(Scores)))
    return QueryResult(scores, _number("seconds", values["seconds"]), ranking, failure)


def _number(name: str, value: Any) -> float:
    """Return a measure of the file. Raises ValueError unless it is in its range."""
    highest = 1.0 if name in MEASURES else math.inf
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= highest:
        raise ValueError(f"`{name}` is not a number in its range")
    return float(value)
