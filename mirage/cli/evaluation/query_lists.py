"""Lists queries in the report: the worst, those that changed most, and those that failed."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from xml.etree.ElementTree import Element

from mirage.cli.evaluation.elements import change_cell, element, number_cell
from mirage.cli.evaluation.run import Comparison, QueryResult, Run
from mirage.evaluation import Collection
from mirage.foreign import clean

_WORST = 20
_CHANGED = 5
_FAILURES = 100
_DOCUMENTS = 10
_QUERY_CHARACTERS = 400
_SHORT_CHARACTERS = 120
_TITLE_CHARACTERS = 100
_PERFECT = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class QueryLists:
    """Makes the lists; texts come from the collection."""

    judged: Collection
    run: Run

    def worst(self) -> list[Element]:
        """Return an entry for each of the worst queries of the first mode, the worst first."""
        mode = next(iter(self.run))
        results = self.run[mode].queries
        candidates = [
            query
            for query, result in results.items()
            if result.failure is None and result.scores.ndcg_at_10 < _PERFECT
        ]
        candidates.sort(key=lambda query: self._quality(query, results[query]))
        return [self._entry(query, results[query]) for query in candidates[:_WORST]]

    def most_changed(self, mode: str, comparison: Comparison) -> list[Element]:
        """Return table rows: the largest gains, then the largest losses, the largest first."""
        gains = [item for item in comparison.changes[:_CHANGED] if item[1] > 0]
        losses = [item for item in reversed(comparison.changes[-_CHANGED:]) if item[1] < 0]
        rows = []
        for query, change in (*gains, *losses):
            now = self.run[mode].queries[query].scores.ndcg_at_10
            rows.append(
                element(
                    "tr",
                    self._row_header(query),
                    number_cell(f"{now - change:.3f}"),
                    number_cell(f"{now:.3f}"),
                    change_cell(change),
                )
            )
        return rows

    def failed(self) -> list[Element]:
        """Return table rows with mode, query and error of the first failed queries."""
        failures = (
            (mode, query, failure)
            for mode, result in self.run.items()
            for query, failure in result.failures()
        )
        return [
            element(
                "tr",
                element("td", mode),
                self._row_header(query),
                element("td", clean(failure), dir="auto"),
            )
            for mode, query, failure in islice(failures, _FAILURES)
        ]

    def _quality(self, query: str, result: QueryResult) -> tuple[float, float, float]:
        modes = [each.queries[query].scores.ndcg_at_10 for each in self.run.values()]
        return result.scores.ndcg_at_10, fmean(modes), result.scores.recall_at_100

    def _entry(self, query: str, result: QueryResult) -> Element:
        measures = ", ".join(
            f"{mode} {each.queries[query].scores.ndcg_at_10:.3f}" for mode, each in self.run.items()
        )
        return element(
            "li",
            element("h3", self._text(query, _QUERY_CHARACTERS)),
            element("p", "Query ", self._name(query), f" · nDCG@10: {measures}", class_="muted"),
            element(
                "div",
                _list("Expected", self._expected(query, result.ranking)),
                _list("Found", self._found(query, result.ranking)),
                class_="columns",
            ),
        )

    def _expected(self, query: str, ranking: Sequence[str]) -> list[Element]:
        grades = self.judged.judgments[query]
        ranks = {name: place for place, name in enumerate(ranking, 1)}

        def rank(name: str) -> float:
            return ranks.get(name, math.inf)

        names = sorted(grades, key=lambda name: (-grades[name], rank(name)))
        entries = []
        for name in names[:_DOCUMENTS]:
            found = f"rank {ranks[name]}" if name in ranks else "not found"
            remark = f"grade {grades[name]} · {found}"
            entries.append(self._document(name, remark, good=rank(name) <= _DOCUMENTS))
        if len(names) > _DOCUMENTS:
            entries.append(element("li", f"and {len(names) - _DOCUMENTS:,} more", class_="muted"))
        return entries

    def _found(self, query: str, ranking: Sequence[str]) -> list[Element]:
        grades = self.judged.judgments[query]
        return [
            self._document(
                name, f"{rank}. relevant" if name in grades else f"{rank}.", good=name in grades
            )
            for rank, name in enumerate(ranking[:_DOCUMENTS], 1)
        ] or [element("li", "no document", class_="muted")]

    def _document(self, name: str, remark: str, *, good: bool) -> Element:
        """Return an entry with a document's title, or the beginning of its first line."""
        text = self.judged.corpus.get(name)
        if text is None:
            title = element("span", "not in the collection", class_="muted")
        else:
            title = element("bdi", clean(text.strip().partition("\n")[0], _TITLE_CHARACTERS))
        return element(
            "li",
            element("span", remark, class_="remark good" if good else "remark"),
            element(
                "span", element("code", element("bdi", clean(name, _TITLE_CHARACTERS))), " ", title
            ),
        )

    def _row_header(self, query: str) -> Element:
        return element(
            "th", self._name(query), " ", self._text(query, _SHORT_CHARACTERS), scope="row"
        )

    def _name(self, query: str) -> Element:
        return element("code", element("bdi", clean(query, _TITLE_CHARACTERS)))

    def _text(self, query: str, limit: int) -> Element:
        return element("bdi", clean(self.judged.queries.get(query, ""), limit))


def _list(title: str, entries: Iterable[Element]) -> Element:
    return element("section", element("h4", title), element("ul", *entries))
