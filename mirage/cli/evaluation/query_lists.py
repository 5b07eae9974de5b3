"""Lists queries in the report: the worst, those that changed most, and those that failed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from xml.etree.ElementTree import Element

from mirage.cli.evaluation.elements import Child, element
from mirage.cli.evaluation.run import Comparison, QueryResult, Run
from mirage.evaluation import Collection
from mirage.foreign import clean

_WORST = 20
_CHANGED = 5
_FAILURES = 100
_DOCUMENTS = 10
_QUERY_CHARACTERS = 1000
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
                    element("th", self._name(query), " ", self._text(query, 120), scope="row"),
                    element("td", f"{now - change:.3f}", class_="number"),
                    element("td", f"{now:.3f}", class_="number"),
                    element("td", signed(change), class_=f"number {kind(change)}"),
                )
            )
        return rows

    def failed(self) -> list[Element]:
        """Return table rows: mode, query and the sentence of the API, for the first failures."""
        failures = (
            (mode, query, failure)
            for mode, result in self.run.items()
            for query, failure in result.failures()
        )
        return [
            element(
                "tr",
                element("td", mode),
                element("th", self._name(query), " ", self._text(query, 120), scope="row"),
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
        ranks = {name: rank for rank, name in enumerate(ranking, 1)}
        names = sorted(grades, key=lambda name: (-grades[name], ranks.get(name, len(grades))))
        entries = []
        for name in names[:_DOCUMENTS]:
            found = f"rank {ranks[name]}" if name in ranks else "not found"
            remark = f"grade {grades[name]} · {found}"
            entries.append(self._document(name, remark, good=name in ranks))
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

    def _name(self, query: str) -> Element:
        return element("code", element("bdi", clean(query, _TITLE_CHARACTERS)))

    def _text(self, query: str, limit: int) -> Element:
        return element("bdi", clean(self.judged.queries.get(query, ""), limit))


def signed(change: float) -> str:
    """Return a change of a measure with its sign."""
    return f"{change:+.3f}".replace("-", "\N{MINUS SIGN}")


def kind(change: float) -> str:
    """Return the class of a change: a gain, a loss, or neither as it is shown."""
    return "gain" if change >= 0.0005 else "loss" if change <= -0.0005 else "same"


def table(
    caption: str, header: Iterable[Child], rows: Iterable[Element], class_: str = ""
) -> Element:
    """Return a table that scrolls within the page if it is wide."""
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", name, scope="col") for name in header))),
            element("tbody", *rows),
        ),
        class_=f"scroll {class_}".strip(),
    )


def _list(title: str, entries: Iterable[Element]) -> Element:
    return element("section", element("h4", title), element("ul", *entries))
