"""`mirage eval`: measures the ranking on a judged test collection, over the API."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import quote, unquote

import typer

from mirage.cli.client import ApiKey, ApiRefused, Client, Url, connect, project_path
from mirage.cli.documents import ensure_project
from mirage.cli.evaluation.report import Report, render_report
from mirage.cli.evaluation.run import (
    DEGRADED,
    FAILED,
    MEASURES,
    SECONDS,
    TOO_LONG,
    ModeResult,
    QueryResult,
    Run,
    compare_queries,
    load_run,
    save_run,
    summarise,
)
from mirage.cli.output import Json, print_json, print_table, stderr_console, stdout_console
from mirage.cli.waiting import progress_bar, wait_for
from mirage.evaluation import Collection, load_collection, score
from mirage.foreign import clean
from mirage.model import MAX_QUERY_CHARACTERS, SearchMode

_LIMIT = 100  # Needed for recall@100, and the most passages that one search returns.
_SUFFIX = ".txt"
_COLUMNS = {**MEASURES, SECONDS: "median s"}
_NAMED = 5  # Failed queries to name per mode.


def run_evaluation(
    collection: Annotated[
        Path, typer.Argument(help="Folder with a test collection in BEIR's layout.")
    ],
    project: Annotated[
        str,
        typer.Option(
            "--project", "-p", help="Project for the corpus; missing documents are added."
        ),
    ] = "evaluation",
    save: Annotated[
        Path | None,
        typer.Option(help="Save this run to a file, to compare later.", dir_okay=False),
    ] = None,
    compare: Annotated[Path | None, typer.Option(help="File of a run to compare with.")] = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write an HTML page with charts of this run to a file.", dir_okay=False),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Measure nDCG@10, recall, MRR and latency of each search mode on a judged test collection.

    A query that the API refuses counts as not found, and the others are measured. The page of
    --report shows the means, the change of each query since the run of --compare, and the worst
    queries with their expected and found documents.
    """
    judged = load_collection(collection)
    for option, path in (("--save", save), ("--report", report)):
        if path and not path.parent.is_dir():
            raise typer.BadParameter(f"folder {path.parent} does not exist", param_hint=option)
    before = load_run(compare) if compare else {}
    started = datetime.now().astimezone()
    with connect(url, api_key) as client:
        _fill(client, project, judged)
        run = {mode.value: _measure(client, project, judged, mode) for mode in SearchMode}
    if save:
        save_run(save, run)
    if report:
        titles = collection.resolve().name, compare.name if compare else None
        page = render_report(Report(*titles, project, started, judged, run, before))
        report.write_text(page, encoding="utf-8")
    if as_json:
        print_json({mode: dict(result.means) for mode, result in run.items()})
    else:
        print_table(("mode", *_COLUMNS.values()), _rows(run, before))
        _print_comparison(run, before)
    _print_remarks(run)
    if all(result.means[FAILED] == len(result.queries) for result in run.values()):
        raise typer.Exit(1)


def _fill(client: Client, project: str, judged: Collection) -> None:
    """Upload the corpus, one file per document; documents that exist are not indexed again.

    What cannot be uploaded or indexed is named, because its judgments count as misses.
    """
    ensure_project(client, project)
    added, alike = [], 0
    lost: dict[str, str] = {}
    with TemporaryDirectory() as folder, progress_bar() as progress:
        file = Path(folder) / "document"
        for identity, text in progress.track(judged.corpus.items(), description="uploading"):
            file.write_text(text, encoding="utf-8")
            name = quote(identity, safe="") + _SUFFIX
            try:
                added.append(client.upload(project_path(project, "documents"), file, name))
            except ApiRefused as refusal:
                lost[identity] = str(refusal)
                continue
            alike += added[-1]["name"] != name
    if alike:
        stderr_console.print(
            f"{alike} documents have the same text as another one and cannot be found: their"
            " judgments count as misses",
            style="yellow",
        )
    for document in wait_for(client, project, added):
        if document["error"]:
            lost[unquote(document["name"].removesuffix(_SUFFIX))] = document["error"]
    if lost:
        _say_lost(lost)


def _say_lost(lost: Mapping[str, str]) -> None:
    """Name the first documents that are missing from the index, with the reasons."""
    count = "1 document is" if len(lost) == 1 else f"{len(lost):,} documents are"
    stderr_console.print(f"{count} not indexed: their judgments count as misses", style="yellow")
    for identity, reason in islice(lost.items(), _NAMED):
        stderr_console.print(f"  {clean(identity)}: {clean(reason)}", soft_wrap=True)


def _measure(client: Client, project: str, judged: Collection, mode: SearchMode) -> ModeResult:
    results: dict[str, QueryResult] = {}
    degraded = 0
    with progress_bar() as progress:
        queries = judged.queries.items()
        for identity, query in progress.track(queries, description=mode.value):
            started = time.monotonic()
            try:
                answer = _search(client, project, query, mode)
                ranking, failure = _ranking(answer), None
                degraded += answer["degraded"] is not None
            except ApiRefused as refusal:
                ranking, failure = [], str(refusal)
            seconds = time.monotonic() - started
            scores = score(ranking, judged.judgments[identity])
            results[identity] = QueryResult(scores, seconds, ranking, failure)
    too_long = sum(len(query) > MAX_QUERY_CHARACTERS for query in judged.queries.values())
    return summarise(results, too_long=too_long, degraded=degraded)


def _search(client: Client, project: str, query: str, mode: SearchMode) -> Any:
    """Return the API's answer to a query, or to the beginning of one that exceeds its limit."""
    body = {"query": query[:MAX_QUERY_CHARACTERS], "mode": mode.value, "limit": _LIMIT}
    return client.post(project_path(project, "search"), body)


def _ranking(answer: Any) -> list[str]:
    """Return the ids of the found documents; each counts once, at its best passage's rank."""
    names = dict.fromkeys(passage["document"]["name"] for passage in answer["passages"])
    return [unquote(name.removesuffix(_SUFFIX)) for name in names]


def _rows(run: Run, before: Run) -> Iterator[list[str]]:
    for mode, result in run.items():
        cells = [mode]
        for measure in _COLUMNS:
            value = result.means[measure]
            earlier = before[mode].means.get(measure) if mode in before else None
            change = "" if earlier is None else f" ({value - earlier:+.4f})"
            cells.append(f"{value:.4f}{change}")
        yield cells


def _print_comparison(run: Run, before: Run) -> None:
    """Print how many queries of each mode gained and lost, if the earlier run has its queries."""
    for mode, result in run.items():
        comparison = compare_queries(result, before.get(mode))
        if comparison:
            stdout_console.print(
                f"{mode}: {comparison.better:,} of {len(comparison.changes):,} queries better,"
                f" {comparison.worse:,} worse, {comparison.unchanged:,} unchanged (nDCG@10)"
            )
    if before and not any(result.queries for result in before.values()):
        stderr_console.print("the earlier run has only means, so its queries are not compared")


def _print_remarks(run: Run) -> None:
    """Print why the measures may be lower than those of the ranking alone."""
    too_long = max(int(result.means[TOO_LONG]) for result in run.values())
    if too_long:
        _warn(f"{_queries(too_long)} longer than {MAX_QUERY_CHARACTERS:,} characters: the rest was"
              " not searched")  # fmt: skip
    for mode, result in run.items():
        degraded, failed = int(result.means[DEGRADED]), int(result.means[FAILED])
        if degraded:
            _warn(f"{mode}: {_queries(degraded)} answered only in part; `mirage search` says why")
        if failed:
            _warn(f"{mode}: {_queries(failed)} refused by the API, which counts as not found")
            for identity, failure in islice(result.failures(), _NAMED):
                _warn(f"  {clean(identity)}: {clean(failure)}")
        if failed > _NAMED:
            _warn(f"  and {failed - _NAMED:,} more")


def _queries(count: int) -> str:
    return "1 query was" if count == 1 else f"{count:,} queries were"


def _warn(sentence: str) -> None:
    stderr_console.print(sentence, style="yellow", soft_wrap=True)
