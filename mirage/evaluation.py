"""Measures rankings on judged test collections in BEIR's layout.

A collection is a folder with `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`,
`text`) and `qrels.tsv` or `qrels/test.tsv` (query, document, score; above 0 is relevant).
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import fmean
from typing import Any

from mirage.errors import InvalidInput

Judgments = Mapping[str, Mapping[str, int]]
"""Maps query and document to a grade; contains only grades above 0."""


class InvalidCollection(InvalidInput):
    """Give a folder in BEIR's layout, with corpus.jsonl, queries.jsonl and qrels.tsv."""

    code = "invalid-collection"


@dataclass(frozen=True, slots=True)
class Collection:
    """A judged test collection; texts by id."""

    corpus: Mapping[str, str]
    queries: Mapping[str, str]
    judgments: Judgments


@dataclass(frozen=True, slots=True)
class Scores:
    """Measures of one ranking, or their means over several; each is from 0 to 1."""

    ndcg_at_10: float
    recall_at_10: float
    recall_at_100: float
    mrr: float


def load_collection(folder: Path) -> Collection:
    """Read a collection; documents without text are left out. Raises InvalidCollection."""
    corpus = {
        _valid(str(row["_id"])): _valid(f"{row.get('title') or ''}\n\n{row['text']}\n".lstrip())
        for row in _rows(folder / "corpus.jsonl")
        if row["text"].strip()
    }
    queries = {
        _valid(str(row["_id"])): _valid(row["text"]) for row in _rows(folder / "queries.jsonl")
    }
    judgments: dict[str, dict[str, int]] = {}
    for query, document, grade in _judgments(folder):
        if grade > 0 and query in queries:
            judgments.setdefault(query, {})[document] = grade
    if not judgments:
        raise InvalidCollection(f"{folder} has no query with a relevant document")
    return Collection(corpus, {key: queries[key] for key in judgments}, judgments)


def evaluate(rankings: Mapping[str, Sequence[str]], judgments: Judgments) -> Scores:
    """Score rankings (query to documents, best first); a query without a ranking scores 0."""
    return mean([score(rankings.get(query, ()), judgments[query]) for query in judgments])


def score(ranking: Sequence[str], grades: Mapping[str, int]) -> Scores:
    """Score one ranking (documents, best first) by the grades of the relevant documents."""
    return Scores(
        ndcg_at_10=ndcg(ranking, grades, 10),
        recall_at_10=recall(ranking, grades, 10),
        recall_at_100=recall(ranking, grades, 100),
        mrr=reciprocal_rank(ranking, grades),
    )


def mean(scores: Sequence[Scores]) -> Scores:
    """Return the mean of each measure; there must be at least one ranking."""
    names = [field.name for field in fields(Scores)]
    return Scores(*(fmean(getattr(one, name) for one in scores) for name in names))


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Return normalised discounted cumulative gain, linear (Järvelin and Kekäläinen 2002)."""
    gain = sum(
        grades.get(document, 0) / math.log2(rank + 1)
        for rank, document in enumerate(ranking[:depth], 1)
    )
    best = sorted(grades.values(), reverse=True)[:depth]
    return gain / sum(grade / math.log2(rank + 1) for rank, grade in enumerate(best, 1))


def recall(ranking: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    """Return the share of the relevant documents that are among the first `depth`."""
    return len(grades.keys() & set(ranking[:depth])) / len(grades)


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Return 1 / rank of the first relevant document, or 0."""
    ranks = (rank for rank, document in enumerate(ranking, 1) if document in grades)
    return 1 / next(ranks, math.inf)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if "_id" not in row or not isinstance(row.get("text"), str):
                    raise InvalidCollection(
                        f"{path}: a line has no `_id`, or its `text` is not a string"
                    )
                yield row
    except (OSError, ValueError, AttributeError) as error:
        raise InvalidCollection(f"{path} cannot be read: {error}") from error


def _valid(text: str) -> str:
    """Return the text with `?` for each unpaired surrogate, which UTF-8 does not allow."""
    return text.encode("utf-8", "replace").decode()


def _judgments(folder: Path) -> Iterator[tuple[str, str, int]]:
    flat, nested = folder / "qrels.tsv", folder / "qrels" / "test.tsv"
    path = flat if flat.exists() else nested
    try:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            query, document, grade = line.split("\t")
            if number or grade.strip().isdecimal():  # The first line is usually a header.
                yield query, document, int(grade)
    except (OSError, ValueError) as error:
        raise InvalidCollection(f"{path} cannot be read: {error}") from error
