"""A run over a judged collection goes on where the model finds a query too long."""

import json

import httpx
import pytest

from mirage.cli.client import ApiRefused, Client
from mirage.cli.evaluate import _measure, _say_too_long
from mirage.evaluation import Collection
from mirage.model import SearchMode

_QUERIES = {"short": "lamp", "long": "lamp " * 400, "endless": "lamp " * 2000}
_COLLECTION = Collection({"d": "A lamp."}, _QUERIES, {query: {"d": 1} for query in _QUERIES})


def _answer(request: httpx.Request) -> httpx.Response:
    """An API whose model takes queries of 1,000 characters; its own limit is 8,192."""
    body = json.loads(request.content)
    assert len(body["query"]) <= 8192
    if body["mode"] != "lexical" and len(body["query"]) > 1000:
        problem = {"type": "urn:mirage:problem:text-too-long", "detail": "too long", "remedy": "-"}
        return httpx.Response(422, json=problem)
    return httpx.Response(200, json={"passages": [{"document": {"name": "d.txt"}}]})


def _client(transport: httpx.MockTransport) -> Client:
    return Client(httpx.Client(transport=transport, base_url="http://test"))


@pytest.mark.parametrize(
    ("mode", "too_long"),
    [(SearchMode.HYBRID, 2), (SearchMode.DENSE, 2), (SearchMode.LEXICAL, 0)],
)
def test_query_that_is_too_long_is_searched_by_words_and_counted(
    mode: SearchMode, too_long: int
) -> None:
    values = _measure(_client(httpx.MockTransport(_answer)), "p", _COLLECTION, mode)
    assert values["queries_too_long"] == too_long
    assert values["recall_at_10"] == 1.0


def test_other_refusal_ends_the_run() -> None:
    problem = {"type": "urn:mirage:problem:forbidden", "detail": "no", "remedy": "-"}
    refusing = httpx.MockTransport(lambda request: httpx.Response(403, json=problem))
    with pytest.raises(ApiRefused, match="no"):
        _measure(_client(refusing), "p", _COLLECTION, SearchMode.DENSE)


def test_report_says_how_many_queries_were_too_long(capsys: pytest.CaptureFixture[str]) -> None:
    _say_too_long({"hybrid": {"queries_too_long": 0}})
    assert capsys.readouterr().err == ""
    _say_too_long(
        {mode: {"queries_too_long": count} for mode, count in
         (("hybrid", 1), ("dense", 1), ("lexical", 0))}
    )  # fmt: skip
    assert capsys.readouterr().err == (
        "1 query is too long for the model, so hybrid and dense used lexical search for them\n"
    )
