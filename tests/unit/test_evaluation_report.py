"""The page of `mirage eval --report`, read by an XML parser."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from mirage.cli.evaluation import report as report_module
from mirage.cli.evaluation.charts import bar, scale, waterfall
from mirage.cli.evaluation.elements import change_cell
from mirage.cli.evaluation.report import Report, render_report
from mirage.cli.evaluation.run import ModeResult, QueryResult, Run, summarise
from mirage.evaluation import Collection, score

COLLECTION = Collection(
    {"d1": "Lamps\n\nThe keeper lit the lamp.\n", "d2": "Whale oil burned.\n", "d3": "Soup.\n"},
    {"1": "who lit the lamp?", "2": "which oil?"},
    {"1": {"d1": 2, "gone": 1}, "2": {"d2": 1}},
)
HOSTILE = [
    "</style></title><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onload='alert(1)",
    "<!--",
    "]]>",
    "&lt;b&gt; &amp; &#60;",
    "javascript:alert(1)",
    "a\x00b\x1b[31m\x85\u2028\ufffe",
    "\u202egnp.exe",
    "x\ud800y",
    "{{7*7}} ${x} %s {0}",
]


def results(
    rankings: Mapping[str, Sequence[str]], collection: Collection = COLLECTION
) -> ModeResult:
    queries = {
        query: QueryResult(score(ranking, collection.judgments[query]), 0.02, ranking)
        for query, ranking in rankings.items()
    }
    return summarise(queries, too_long=0, degraded=0)


def failed(collection: Collection, failure: str) -> ModeResult:
    queries = {
        query: QueryResult(score([], grades), 0.1, failure=failure)
        for query, grades in collection.judgments.items()
    }
    return summarise(queries, too_long=0, degraded=0)


GOOD: Run = {
    "hybrid": results({"1": ["d1", "d2"], "2": ["d2"]}),
    "dense": results({"1": ["d3", "d1"], "2": ["d3", "d2"]}),
    "lexical": results({"1": ["d3"], "2": []}),
}
BAD: Run = {mode: results({"1": ["d3", "d2", "d1"], "2": []}) for mode in GOOD}


def render(
    run: Run,
    before: Run | None = None,
    collection: Collection = COLLECTION,
    name: str = "lamps",
) -> str:
    started = datetime(2026, 3, 2, 6, 58, tzinfo=UTC)
    compared = None if before is None else f"{name}.json"
    return render_report(Report(name, compared, name, started, collection, run, before or {}))


def parse(page: str) -> Element:
    """Parse the page as XML, which fails unless all elements are closed and all texts escaped."""
    assert page.startswith("<!DOCTYPE html>")
    return ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))  # noqa: S314  our own page


def text(element: Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(page: Element, heading: str) -> Element:
    return next(one for one in page.iter("section") if one.findtext("h2") == heading)


def headings(page: Element) -> list[str | None]:
    return [one.text for one in page.iter("h2")]


def test_run_alone_has_means_and_the_worst_queries() -> None:
    page = parse(render(GOOD))
    assert headings(page) == ["Measures by search mode", "The worst queries"]
    means = section(page, "Measures by search mode")
    (ndcg,) = (one for one in means.iter("table") if "nDCG@10" in text(one))
    rows = [text(row) for row in ndcg.iter("tr")]
    assert rows == ["hybrid 0.880", "dense 0.555", "lexical 0.000"]
    assert page.findall(".//line") == []  # No ticks.


def test_worst_query_shows_what_was_expected_and_what_came() -> None:
    (entry,) = parse(render(GOOD)).findall(".//ol/li")  # The other query is perfect.
    assert entry.findtext("h3/bdi") == "who lit the lamp?"
    expected, found = ([text(item) for item in part.iter("li")] for part in entry.iter("section"))
    assert expected == [
        "grade 2 · rank 1 d1 Lamps",
        "grade 1 · not found gone not in the collection",
    ]
    marked = [one.text for one in entry.findall(".//span[@class='remark good']")]
    assert marked == ["grade 2 · rank 1", "1. relevant"]
    assert found == ["1. relevant d1 Lamps", "2. d2 Whale oil burned."]


def test_worst_queries_are_twenty_from_the_lowest() -> None:
    queries = {str(at): f"query {at}" for at in range(40)}
    collection = Collection({"d": "text"}, queries, {query: {"d": 1} for query in queries})
    rankings = {query: ["x"] * int(query) + ["d"] for query in queries}
    entries = parse(render({"hybrid": results(rankings, collection)}, None, collection))
    shown = [entry.findtext("h3/bdi") for entry in entries.findall(".//ol/li")]
    # Beyond the first ten ranks nDCG@10 is 0, and the collection's order decides.
    assert shown == [f"query {at}" for at in range(10, 30)]


def test_earlier_run_adds_ticks_and_the_change_of_each_query() -> None:
    page = parse(render(GOOD, BAD))
    assert "Change per query" in headings(page)
    assert len([line for line in page.iter("line") if line.get("class") == "tick"]) == 12
    hybrid, _, lexical = section(page, "Change per query").iter("figure")
    assert text(next(hybrid.iter("h3"))) == "hybrid 2 better, 0 worse, 0 unchanged"
    assert text(next(lexical.iter("h3"))) == "lexical 0 better, 1 worse, 1 unchanged"
    rows = [text(row) for row in hybrid.iterfind(".//tbody/tr")]
    assert rows[0] == "2 which oil? 0.000 1.000 +1.000"
    assert text(next(lexical.iter("tbody"))).endswith("\N{MINUS SIGN}0.380")


def test_same_run_has_no_bars() -> None:
    page = parse(render(GOOD, GOOD))
    assert text(next(page.iter("figure"))) == "hybrid 0 better, 0 worse, 2 unchanged"
    assert page.findall(".//path") == []


def test_earlier_run_with_only_means_has_ticks() -> None:
    means = {mode: ModeResult(result.means) for mode, result in BAD.items()}
    page = parse(render(GOOD, means))
    assert len(page.findall(".//line[@class='tick']")) == 12
    assert "only means are compared" in text(section(page, "Change per query"))
    parse(render(GOOD, {"hybrid": ModeResult({"mrr": 0.5})}))


def test_failed_queries_are_listed_with_their_reason() -> None:
    run = {**GOOD, "dense": failed(COLLECTION, "the embedder returned <no> vector")}
    page = parse(render(run, BAD))
    rows = [text(row) for row in section(page, "Refused queries").iterfind(".//tbody/tr")]
    assert rows[0] == "dense 1 who lit the lamp? the embedder returned <no> vector"
    assert len(rows) == 2
    everything = {mode: failed(COLLECTION, "no") for mode in GOOD}
    page = parse(render(everything))
    assert "No answered query is below 1." in text(page)


def test_empty_rankings_are_shown_as_such() -> None:
    page = parse(render({mode: results({"1": [], "2": []}) for mode in GOOD}))
    assert text(page).count("no document") == 2


@pytest.mark.parametrize("hostile", HOSTILE)
def test_texts_from_outside_are_only_texts(hostile: str) -> None:
    collection = Collection(
        {hostile: hostile, "d": f"{hostile} {hostile}"},
        {hostile: hostile},
        {hostile: {hostile: 1, f"{hostile}!": 1}},
    )
    run = {mode: results({hostile: ["d", hostile]}, collection) for mode in GOOD}
    run["dense"] = failed(collection, hostile)
    before = {mode: results({hostile: []}, collection) for mode in GOOD}
    source = render(run, before, collection, hostile)
    source.encode("utf-8")
    page = parse(source)
    assert {element.tag for element in page.iter()} <= ALLOWED
    names = {name for element in page.iter() for name in element.attrib}
    assert not [name for name in names if name.startswith("on") or name in ("href", "src", "style")]
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ufffe\ud800-\udfff]", source)
    if hostile.isascii() and hostile.isprintable():
        assert page.findtext(".//ol/li/h3/bdi") == hostile


ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section"),
    *("h1", "h2", "h3", "h4", "p", "dl", "dt", "dd", "div", "span", "strong", "bdi", "code"),
    *("ol", "ul", "li", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure"),
    *("details", "summary", "svg", "rect", "line", "path"),
}


def test_nothing_is_loaded_or_run() -> None:
    page = render(GOOD, BAD)
    assert "default-src 'none'" in page
    assert not re.search(r"https?://|url\(|@import|<script|<link|src=|href=", page)


def test_size_is_bounded() -> None:
    queries = {str(at): "lamp " * 10_000 for at in range(500)}
    judgments = {query: {f"d{at}": 1 for at in range(200)} for query in queries}
    collection = Collection({"d1": "text " * 10_000}, queries, judgments)
    rankings = {query: [f"d{at}" for at in range(500)] for query in queries}
    run = {"hybrid": results(rankings, collection), "dense": failed(collection, "no " * 10_000)}
    before = {"hybrid": results({query: ["d1"] for query in queries}, collection)}
    assert len(render(run, before, collection)) < 250_000


def test_each_drawing_and_table_has_a_name() -> None:
    page = parse(render(GOOD, BAD))
    for drawing in page.iter("svg"):
        assert drawing.get("aria-hidden") == "true" or (
            drawing.get("role") == "img" and "better" in drawing.get("aria-label", "")
        )
    for table in page.iter("table"):
        assert table.find("caption") is not None
        assert all(row.find("th[@scope]") is not None for row in table.iter("tr"))
    levels = [int(element.tag[1]) for element in page.iter() if re.fullmatch("h[1-6]", element.tag)]
    assert levels[0] == 1
    assert all(next_ - level <= 1 for level, next_ in pairwise(levels))


@pytest.mark.parametrize(
    ("change", "shown", "kind"),
    [
        (0.1234, "+0.123", "gain"),
        (-0.1, "\N{MINUS SIGN}0.100", "loss"),
        (-0.0004, "\N{PLUS-MINUS SIGN}0.000", "same"),
    ],
)
def test_change_has_a_sign(change: float, shown: str, kind: str) -> None:
    cell = change_cell(change)
    assert (cell.text, cell.get("class")) == (shown, f"number {kind}")


def test_bar_is_as_long_as_its_value() -> None:
    drawn = bar(0.25, 0.5)
    assert drawn.get("viewBox") == "0 0 100 12"
    assert drawn.findall("rect")[1].get("width") == "25"
    assert [drawn.findall("line")[0].get(name) for name in ("x1", "x2")] == ["50", "50"]
    assert bar(0, None).findall("line") == []


@pytest.mark.parametrize(
    ("changes", "end"), [([], 0.1), ([0.05, -0.1], 0.1), ([0.15], 0.2), ([1.0, -1.0], 1.0)]
)
def test_axis_holds_the_largest_change(changes: list[float], end: float) -> None:
    assert scale(changes) == end


def test_gains_go_up_and_losses_go_down() -> None:
    gain, loss = waterfall([0.5, -0.3], "two").iter("path")
    assert (gain.get("d"), loss.get("d")) == ("M0 100V16.67H21.5V100Z", "M25 100V150H46.5V100Z")


def _schemes() -> Iterator[dict[str, str]]:
    """Yield the colours of the light and the dark page."""
    style = Path(report_module.__file__).with_name("report.css").read_text()
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        yield dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block))


def _luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_colours_have_contrast_in_both_schemes() -> None:
    schemes = list(_schemes())
    assert len(schemes) == 2
    for scheme in schemes:
        for name in ("text", "muted", "gain", "loss"):
            assert min(_contrast(scheme[name], scheme[on]) for on in ("page", "surface")) >= 4.5
        for name in ("hybrid", "dense", "lexical"):
            assert _contrast(scheme[name], scheme["track"]) >= 3
