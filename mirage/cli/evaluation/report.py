"""Makes the page of `mirage eval --report`: one HTML file without scripts and without links.

All texts of the collection and the API are foreign; `elements.py` escapes each of them.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from mirage.cli.evaluation.charts import bar, scale, waterfall
from mirage.cli.evaluation.elements import change_cell, element, number_cell, table, write
from mirage.cli.evaluation.query_lists import QueryLists
from mirage.cli.evaluation.run import (
    DEGRADED,
    FAILED,
    MEASURES,
    SECONDS,
    TOO_LONG,
    Comparison,
    Run,
    compare_queries,
)
from mirage.evaluation import Collection
from mirage.foreign import clean

_EXPLANATIONS = {
    "ndcg_at_10": "how many relevant documents are among the first ten, and how high",
    "recall_at_10": "share of the relevant documents among the first ten",
    "recall_at_100": "share of the relevant documents among those of the first 100 passages",
    "mrr": "1 / rank of the first relevant document",
}
# Nothing may be loaded or run, even if a text were not escaped.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True, slots=True)
class Report:
    """What the page is about. `before` is empty, and `before_name` None, without a comparison."""

    collection_name: str
    before_name: str | None
    project: str
    started: datetime
    judged: Collection
    run: Run
    before: Run


def render_report(report: Report) -> str:
    """Return the page; its size is bounded but for one bar per query that changed."""
    lists = QueryLists(report.judged, report.run)
    sections = [_means(report), _changes(report, lists), _worst(report, lists), _failed(lists)]
    body = element(
        "body", _header(report), element("main", *(one for one in sections if one is not None))
    )
    title = element("title", f"Evaluation of {clean(report.collection_name)}")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"{write(title)}\n<style>\n{_STYLE.read_text('utf-8')}</style>\n</head>\n"
        f"{write(body)}\n</html>\n"
    )


def _header(report: Report) -> Element:
    judged = report.judged
    facts = [
        ("Queries", f"{len(judged.queries):,}"),
        ("Documents", f"{len(judged.corpus):,}"),
        ("Project", clean(report.project)),
        ("Measured", report.started.strftime("%Y-%m-%d %H:%M %Z").strip()),
    ]
    if report.before_name is not None:
        facts.append(("Compared with", clean(report.before_name)))
    return element(
        "header",
        element("h1", "Evaluation of ", element("bdi", clean(report.collection_name))),
        element(
            "dl",
            *(
                element("div", element("dt", name), element("dd", element("bdi", value)))
                for name, value in facts
            ),
        ),
    )


def _means(report: Report) -> Element:
    legend = "Means over all queries."
    if report.before_name is not None:
        legend += " The vertical tick is the earlier run, the signed number the change since."
    return element(
        "section",
        element("h2", "Measures by search mode"),
        element("p", legend, class_="muted"),
        element("div", *(_panel(report, measure) for measure in MEASURES), class_="panels"),
        table(
            "Time and completeness",
            ("Mode", "Median time", "Refused", "Answered in part", "Longer than the limit"),
            (_completeness(report, mode) for mode in report.run),
            "figures",
        ),
    )


def _panel(report: Report, measure: str) -> Element:
    rows = []
    for mode, result in report.run.items():
        value = result.means[measure]
        before = report.before[mode].means.get(measure) if mode in report.before else None
        rows.append(
            element(
                "tr",
                element("th", mode, scope="row"),
                element("td", bar(value, before), class_=f"bar {mode}"),
                number_cell(f"{value:.3f}"),
                *([] if before is None else [change_cell(value - before)]),
            )
        )
    caption = element(
        "caption",
        element("strong", MEASURES[measure]),
        " ",
        element("span", _EXPLANATIONS[measure], class_="muted"),
    )
    return element("div", element("table", caption, element("tbody", *rows)), class_="panel")


def _completeness(report: Report, mode: str) -> Element:
    means = report.run[mode].means
    counts = (f"{means[name]:,.0f}" for name in (FAILED, DEGRADED, TOO_LONG))
    return element(
        "tr",
        element("th", mode, scope="row"),
        number_cell(f"{1000 * means[SECONDS]:,.0f} ms"),
        *map(number_cell, counts),
    )


def _changes(report: Report, lists: QueryLists) -> Element | None:
    if report.before_name is None:
        return None
    figures = [
        _waterfall(mode, comparison, lists)
        for mode, result in report.run.items()
        if (comparison := compare_queries(result, report.before.get(mode)))
    ]
    note = (
        "Each bar is a query whose nDCG@10 changed, from the largest gain to the largest loss."
        if figures
        else "The earlier run has no values of these queries, so only means are compared."
    )
    return element(
        "section", element("h2", "Change per query"), element("p", note, class_="muted"), *figures
    )


def _waterfall(mode: str, comparison: Comparison, lists: QueryLists) -> Element:
    counts = (
        f"{comparison.better:,} better, {comparison.worse:,} worse,"
        f" {comparison.unchanged:,} unchanged"
    )
    heading = element("h3", mode, element("span", f" {counts}", class_="muted"))
    changes = [change for _, change in comparison.changes if change]
    if not changes:
        return element("figure", heading)
    end = scale(changes)
    axis = (f"+{end:g}", "0", f"\N{MINUS SIGN}{end:g}")
    return element(
        "figure",
        heading,
        element(
            "div",
            element("div", *(element("span", one) for one in axis), class_="axis-labels"),
            waterfall(changes, f"Changes of nDCG@10 with {mode} search: {counts}"),
            class_="waterfall",
        ),
        element(
            "details",
            element("summary", "The largest changes"),
            table(
                f"Largest gains and losses with {mode} search",
                ("Query", "Before", "Now", "Change"),
                lists.most_changed(mode, comparison),
                "figures",
            ),
        ),
    )


def _worst(report: Report, lists: QueryLists) -> Element:
    entries = lists.worst()
    mode = next(iter(report.run))
    note = f"The lowest nDCG@10 with {mode} search. A rank counts documents, not passages."
    content = (
        [element("p", note, class_="muted"), element("ol", *entries, class_="worst")]
        if entries
        else [element("p", "No answered query is below 1.")]
    )
    return element("section", element("h2", "The worst queries"), *content)


def _failed(lists: QueryLists) -> Element | None:
    rows = lists.failed()
    if not rows:
        return None
    return element(
        "section",
        element("h2", "Refused queries"),
        element("p", "They count as not found. At most 100 are listed.", class_="muted"),
        table("Queries that the API refused", ("Mode", "Query", "Reason"), rows),
    )
