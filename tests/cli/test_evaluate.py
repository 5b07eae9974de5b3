"""A run over a judged collection against a small API."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import typer

from mirage.cli import evaluate
from mirage.cli.client import ApiUnreachable, Client
from mirage.cli.evaluate import _measure, run_evaluation
from mirage.cli.evaluation.run import ModeResult
from mirage.evaluation import Collection, load_collection
from mirage.model import SearchMode

QUERIES = {"1": "lamp", "2": "whale oil", "3": "soup"}
DOCUMENTS = {"a": "Lamps\n\nThe lamp.", "b": "Whale oil.", "c/d": "Soup."}
RELEVANT = {"1": "a", "2": "b", "3": "c/d"}


class FakeApi:
    """Finds all documents in the order of `ranking`; refuses queries that contain `refused`."""

    def __init__(self) -> None:
        self.ranking = ["a.txt", "b.txt", "a.txt", "c%2Fd.txt"]
        self.refused = "nothing"
        self.degraded: str | None = None
        self.lost_after: int | None = None
        self.not_taken: set[str] = set()
        self.not_indexed: set[str] = set()
        self.searches: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/documents"):
            name = re.findall(rb'filename="([^"]*)"', request.read())[0].decode()
            if name in self.not_taken:
                problem = {"type": "urn:mirage:problem:x", "detail": "a picture", "remedy": "-"}
                return httpx.Response(415, json=problem)
            failed = name in self.not_indexed
            document = {"id": name, "name": name, "status": "failed" if failed else "ready",
                        "waiting_for": None, "error": "no text" if failed else None}  # fmt: skip
            return httpx.Response(202, json=document)
        if not request.url.path.endswith("/search"):
            return httpx.Response(200, json={"name": "p"})
        body = json.loads(request.content)
        self.searches.append(body)
        if self.lost_after is not None and len(self.searches) > self.lost_after:
            raise httpx.ConnectError("connection refused")
        if self.refused in body["query"]:
            problem = {"type": "urn:mirage:problem:bad-embedding", "detail": f"bad: {self.refused}",
                       "remedy": "-"}  # fmt: skip
            return httpx.Response(502, json=problem)
        passages = [{"document": {"name": name}} for name in self.ranking]
        return httpx.Response(200, json={"passages": passages, "degraded": self.degraded})

    def client(self) -> Client:
        return Client(httpx.Client(transport=httpx.MockTransport(self), base_url="http://test"))

    def measure(self, collection: Collection, mode: SearchMode = SearchMode.DENSE) -> ModeResult:
        return _measure(self.client(), "p", collection, mode)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> FakeApi:
    api = FakeApi()

    @contextmanager
    def connect(*_: object) -> Iterator[Client]:
        yield api.client()

    monkeypatch.setattr(evaluate, "connect", connect)
    return api


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "lamps"
    folder.mkdir()
    for name, texts in (("corpus", DOCUMENTS), ("queries", QUERIES)):
        rows = (json.dumps({"_id": key, "text": text}) for key, text in texts.items())
        (folder / f"{name}.jsonl").write_text("\n".join(rows))
    lines = "".join(f"{query}\t{document}\t1\n" for query, document in RELEVANT.items())
    (folder / "qrels.tsv").write_text(lines)
    return folder


def run(folder: Path, **options: Any) -> None:
    given = {"save": None, "compare": None, "report": None, "url": None, "api_key": None}
    run_evaluation(folder, "p", **(given | {"as_json": False} | options))


def test_document_counts_once_at_its_best_passage(api: FakeApi, folder: Path) -> None:
    result = api.measure(load_collection(folder))
    assert result.queries["3"].ranking == ["a", "b", "c/d"]
    assert result.queries["3"].scores.mrr == pytest.approx(1 / 3)
    assert result.means["mrr"] == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert api.searches[0] == {"query": "lamp", "mode": "dense", "limit": 100}


def test_refused_query_is_counted_and_named_and_the_rest_goes_on(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.refused = "whale"
    saved = folder / "run.json"
    run(folder, save=saved)
    printed = capsys.readouterr()
    assert "hybrid: 1 query was refused by the API" in printed.err
    assert "  2: bad: whale\n" in printed.err
    content = json.loads(saved.read_text())
    assert content["dense"]["queries_failed"] == 1
    assert content["dense"]["recall_at_10"] == pytest.approx(2 / 3)
    assert content["dense"]["queries"]["2"]["failure"] == "bad: whale"
    assert content["dense"]["queries"]["2"]["ranking"] == []
    assert content["dense"]["queries"]["3"]["ranking"] == ["a", "b", "c/d"]
    assert "failure" not in content["dense"]["queries"]["3"]


def test_run_in_which_all_queries_fail_says_so_with_its_exit_code(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.refused = ""
    with pytest.raises(typer.Exit) as end:
        run(folder, report=folder / "run.html")
    assert end.value.exit_code == 1
    assert "lexical: 3 queries were refused by the API" in capsys.readouterr().err
    assert (folder / "run.html").exists()


def test_many_refusals_are_named_in_part(api: FakeApi, capsys: pytest.CaptureFixture[str]) -> None:
    queries = {f"\x1b{at}": "lamp" for at in range(9)}
    api.refused = "lamp"
    collection = Collection({"a": "A"}, queries, {query: {"a": 1} for query in queries})
    evaluate._print_remarks({"dense": api.measure(collection)})
    printed = capsys.readouterr().err
    assert printed.count("bad: lamp") == 5
    assert printed.endswith("and 4 more\n")
    assert "\x1b" not in printed


def test_documents_that_are_not_indexed_are_named_and_the_rest_is_measured(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.not_taken, api.not_indexed = {"a.txt"}, {"c%2Fd.txt"}
    run_evaluation(folder)
    said = capsys.readouterr().err
    assert "2 documents are not indexed: their judgments count as misses" in said
    assert "a: a picture" in said
    assert "c/d: no text" in said
    assert len(api.searches) == len(QUERIES) * len(SearchMode)


def test_lost_connection_ends_the_run(api: FakeApi, folder: Path) -> None:
    api.lost_after = 4
    with pytest.raises(ApiUnreachable, match="cannot reach the API at http://test: connection"):
        run(folder, save=folder / "run.json")
    assert len(api.searches) == 5


def test_query_beyond_the_limit_is_searched_by_its_beginning(
    api: FakeApi, capsys: pytest.CaptureFixture[str]
) -> None:
    collection = Collection({"a": "A"}, {"1": "lamp " * 2000}, {"1": {"a": 1}})
    result = api.measure(collection)
    assert [len(body["query"]) for body in api.searches] == [8192]
    assert (result.means["queries_too_long"], result.means["mrr"]) == (1, 1)
    evaluate._print_remarks({"dense": result})
    assert capsys.readouterr().err == (
        "1 query was longer than 8,192 characters: the rest was not searched\n"
    )


def test_degraded_answers_are_counted(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    api.degraded = "searched by words only: the embedder does not answer"
    run(folder)
    assert "hybrid: 3 queries were answered only in part" in capsys.readouterr().err


def test_comparison_has_means_and_counts_of_queries(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, page = folder / "run.json", folder / "run.html"
    run(folder, save=saved)
    api.ranking = ["b.txt", "a.txt"]
    capsys.readouterr()
    run(folder, compare=saved, report=page)
    printed = capsys.readouterr()
    assert "0.6667 (-0.3333)" in printed.out  # Recall.
    assert "dense: 1 of 3 queries better, 2 worse, 0 unchanged (nDCG@10)\n" in printed.out
    assert printed.err == ""
    assert "run.json" in page.read_text()
    ElementTree.fromstring(page.read_text().removeprefix("<!DOCTYPE html>"))  # noqa: S314  our own page


def test_run_of_an_earlier_release_has_only_means(
    api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    means = {"ndcg_at_10": 0.5, "recall_at_10": 0.5, "recall_at_100": 1.0, "mrr": 0.25,
             "median_seconds": 0.02, "queries_too_long": 0}  # fmt: skip
    earlier = folder / "old.json"
    earlier.write_text(json.dumps({"hybrid": means, "dense": means, "lexical": means}))
    run(folder, compare=earlier)
    printed = capsys.readouterr()
    assert "1.0000 (+0.5000)" in printed.out
    assert "better" not in printed.out
    assert printed.err == "the earlier run has only means, so its queries are not compared\n"


def test_json_has_the_means(api: FakeApi, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(folder, as_json=True)
    printed = json.loads(capsys.readouterr().out)
    assert set(printed) == {"hybrid", "dense", "lexical"}
    assert printed["dense"]["recall_at_10"] == 1
    assert printed["dense"]["queries_failed"] == 0


@pytest.mark.parametrize("option", ["save", "report"])
def test_missing_folder_is_named_before_the_run(api: FakeApi, folder: Path, option: str) -> None:
    with pytest.raises(typer.BadParameter, match="does not exist"):
        run(folder, **{option: folder / "no" / "file"})
    assert api.searches == []


def test_texts_that_are_not_unicode_are_searched(api: FakeApi, folder: Path) -> None:
    for name in ("corpus", "queries"):
        with (folder / f"{name}.jsonl").open("a") as file:
            file.write('\n{"_id": "9\\ud800", "text": "lamp \\udfff"}')
    with (folder / "qrels.tsv").open("a") as file:
        file.write("9?\t9?\t1\n")
    run(folder, save=folder / "run.json", report=folder / "run.html")
    assert "lamp ?" in [body["query"] for body in api.searches]
