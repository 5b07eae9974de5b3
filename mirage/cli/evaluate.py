"""`mirage eval`: measures the ranking on a judged test collection, over the API."""

import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import quote, unquote

import typer

from mirage.cli.client import ApiKey, ApiRefused, Client, Url, connect, project_path
from mirage.cli.documents import ensure_project
from mirage.cli.output import Json, print_json, print_table, stderr_console
from mirage.cli.waiting import progress_bar, wait_for
from mirage.errors import TextTooLong
from mirage.evaluation import Collection, InvalidCollection, evaluate, load_collection
from mirage.model import MAX_QUERY_CHARACTERS, SearchMode

_TOO_LONG = "queries_too_long"
_LIMIT = 100  # Needed for recall@100, and the most passages that one search returns.
_SUFFIX = ".txt"
_MEASURES = {
    "ndcg_at_10": "nDCG@10",
    "recall_at_10": "recall@10",
    "recall_at_100": "recall@100",
    "mrr": "MRR",
    "median_seconds": "median s",
}

Run = dict[str, dict[str, float]]
"""Maps each mode to its measures, by name."""


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
        Path | None, typer.Option(help="Save this run to a file, to compare later.")
    ] = None,
    compare: Annotated[Path | None, typer.Option(help="File of a run to compare with.")] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Measure nDCG@10, recall, MRR and latency of each search mode on a judged test collection."""
    judged = load_collection(collection)
    if save and not save.parent.is_dir():
        raise typer.BadParameter(f"folder {save.parent} does not exist", param_hint="--save")
    before = _load_run(compare) if compare else {}
    with connect(url, api_key) as client:
        _fill(client, project, judged)
        run = {mode.value: _measure(client, project, judged, mode) for mode in SearchMode}
    if as_json:
        print_json(run)
    else:
        print_table(("mode", *_MEASURES.values()), _rows(run, before))
    _say_too_long(run)
    if save:
        save.write_text(json.dumps(run, indent=2) + "\n")


def _fill(client: Client, project: str, judged: Collection) -> None:
    """Upload the corpus, one file per document; documents that exist are not indexed again."""
    ensure_project(client, project)
    added, alike = [], 0
    with TemporaryDirectory() as folder, progress_bar() as progress:
        file = Path(folder) / "document"
        for identity, text in progress.track(judged.corpus.items(), description="uploading"):
            file.write_text(text, encoding="utf-8")
            name = quote(identity, safe="") + _SUFFIX
            added.append(client.upload(project_path(project, "documents"), file, name))
            alike += added[-1]["name"] != name
    if alike:
        stderr_console.print(
            f"{alike} documents have the same text as another one and cannot be found: their"
            " judgments count as misses",
            style="yellow",
        )
    wait_for(client, project, added)


def _measure(
    client: Client, project: str, judged: Collection, mode: SearchMode
) -> dict[str, float]:
    rankings, seconds, too_long = {}, [], 0
    with progress_bar() as progress:
        queries = judged.queries.items()
        for identity, query in progress.track(queries, description=mode.value):
            started = time.monotonic()
            answer, is_too_long = _search(client, project, query, mode)
            seconds.append(time.monotonic() - started)
            too_long += is_too_long
            # Several passages of one document count once, at the best rank.
            names = dict.fromkeys(p["document"]["name"] for p in answer["passages"])
            rankings[identity] = [unquote(name.removesuffix(_SUFFIX)) for name in names]
    scores = asdict(evaluate(rankings, judged.judgments))
    return scores | {"median_seconds": median(seconds), _TOO_LONG: too_long}


def _search(client: Client, project: str, query: str, mode: SearchMode) -> tuple[Any, bool]:
    """Return the answer, and whether the query was too long for all modes but lexical."""
    path = project_path(project, "search")
    body = {"query": query, "mode": mode.value, "limit": _LIMIT}
    if len(query) <= MAX_QUERY_CHARACTERS:
        try:
            return client.post(path, body), False
        except ApiRefused as refusal:
            if refusal.problem != TextTooLong.code:
                raise
    words = {"query": query[:MAX_QUERY_CHARACTERS], "mode": SearchMode.LEXICAL.value}
    return client.post(path, body | words), mode is not SearchMode.LEXICAL


def _say_too_long(run: Run) -> None:
    modes = [mode for mode, values in run.items() if values[_TOO_LONG]]
    if modes:
        count = max(int(run[mode][_TOO_LONG]) for mode in modes)
        what = "1 query is" if count == 1 else f"{count:,} queries are"
        stderr_console.print(
            f"{what} too long for the model, so {' and '.join(modes)} used lexical search for them",
            style="yellow",
            soft_wrap=True,
        )


def _rows(run: Run, before: Run) -> Iterator[list[str]]:
    for mode, values in run.items():
        cells = [mode]
        for measure in _MEASURES:
            earlier = before.get(mode, {}).get(measure)
            change = "" if earlier is None else f" ({values[measure] - earlier:+.4f})"
            cells.append(f"{values[measure]:.4f}{change}")
        yield cells


def _load_run(path: Path) -> Run:
    try:
        run: Any = json.loads(path.read_text())
        return {mode: {k: float(v) for k, v in values.items()} for mode, values in run.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise InvalidCollection(f"{path} was not written by --save: {error}") from error
