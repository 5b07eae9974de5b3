"""The search page: cards, marks, filters, and what it says when there is nothing to show."""

import html
import re
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from starlette.datastructures import QueryParams

from mirage.errors import EmbedderUnavailable
from mirage.model import Passage
from mirage.testing import FakeEmbedder
from mirage.web.searching import Asked, snippet
from tests.api.conftest import Index
from tests.web.conftest import Page, browser_with_key, call

HANDBOOK = """# Pumps

## Limits

The pump must not run dry for more than thirty seconds. Насосы нельзя пускать всухую.

## Seals <b>& valves</b>

A seal `<script>alert(1)</script>` wears out after a year.
"""


@pytest.fixture
async def shelf(app: FastAPI, index: Index) -> str:
    """A shelf with two documents, and its address."""
    await call(app, "POST", "/api/v1/projects", json={"name": "my books"})
    files = {"pumps/handbook.md": HANDBOOK, "novel.txt": "The lamp on the tower was lit."}
    for name, text in files.items():
        await call(
            app,
            "POST",
            "/api/v1/projects/my books/documents",
            files={"file": (name, text.encode())},
        )
    await index()
    return "/p/my%20books"


async def search(browser: httpx.AsyncClient, shelf: str, **query: str) -> httpx.Response:
    return await browser.get(shelf, params=query)


def marks(page: httpx.Response) -> list[str]:
    return [html.unescape(mark) for mark in re.findall(r"<mark>(.*?)</mark>", page.text)]


async def test_card_has_place_marks_and_a_link_that_shows_the_passage(
    browser: httpx.AsyncClient, shelf: str
) -> None:
    page = await search(browser, shelf, q="dry seconds", mode="lexical")
    assert page.status_code == 200
    assert set(marks(page)) == {"dry", "seconds"}
    assert "<bdi>pumps/handbook.md</bdi>" in page.text
    assert "Pumps › Limits" in page.text
    assert "by words" in page.text
    (link,) = [a for a in Page(page.text).addresses if a.startswith("/d/")]
    shown = await browser.get(link)
    assert shown.status_code == 200
    assert "must not run dry for more than thirty seconds." in shown.text.partition("<mark")[2]


async def test_words_are_marked_in_their_stems(browser: httpx.AsyncClient, shelf: str) -> None:
    assert "Насосы" in marks(await search(browser, shelf, q="насос", mode="lexical"))


async def test_meaning_alone_marks_nothing(browser: httpx.AsyncClient, shelf: str) -> None:
    page = await search(browser, shelf, q="dry pump", mode="dense")
    assert "by meaning" in page.text
    assert marks(page) == []


async def test_text_of_documents_and_queries_is_never_markup(
    browser: httpx.AsyncClient, shelf: str
) -> None:
    page = await search(browser, shelf, q='seal "><img src=x onerror=alert(1)>')
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "&lt;script&gt;" in page.text
    assert 'value="seal &#34;&gt;&lt;img src=x onerror=alert(1)&gt;"' in page.text


@pytest.mark.parametrize(
    ("field", "fits", "does_not"),
    [
        ("document", "pumps/", "novel.txt"),
        ("section", "Pumps > Limits", "Seals"),
        ("type", "markdown", "pdf"),
        ("language", "en", "de"),
    ],
)
async def test_filter_holds_and_can_be_removed(
    browser: httpx.AsyncClient, shelf: str, field: str, fits: str, does_not: str
) -> None:
    asked = {"q": "thirty seconds", "mode": "lexical"}
    if field != "language":  # It is found out from more text than this.
        page = await search(browser, shelf, **asked, **{field: fits})
        assert "handbook.md</bdi>" in page.text
    empty = await search(browser, shelf, **asked, **{field: does_not, "to": ""})
    assert "No passage found." in empty.text
    assert "remove one to search in more" in empty.text
    (chip,) = re.findall(r'<a class="button" href="([^"]+)">', empty.text)
    again = await browser.get(html.unescape(chip))
    assert "handbook.md</bdi>" in again.text


@pytest.mark.parametrize(
    "field",
    [
        {"from": "x"}, {"to": "0"}, {"from": "9" * 30}, {"mode": "psychic"}, {"type": "exe"},
        {"language": "Klingon"}, {"document": "\x00"}, {"q": "?" * 9000},
    ],
)  # fmt: skip
async def test_field_that_does_not_fit_is_answered_in_place(
    browser: httpx.AsyncClient, shelf: str, field: dict[str, str]
) -> None:
    page = await search(browser, shelf, **{"q": "pump", **field})
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert 'id="ask"' in page.text


async def test_nonsense_number_of_passages_is_the_usual_one(
    browser: httpx.AsyncClient, shelf: str
) -> None:
    for number in ("x", "-5", "1e9", "٣", "99999999"):
        assert (await search(browser, shelf, q="pump", n=number)).status_code == 200


async def test_without_the_model_words_alone_are_searched_and_the_page_says_so(
    browser: httpx.AsyncClient, shelf: str, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("Ollama does not answer")
    page = await search(browser, shelf, q="dry pump")
    assert page.status_code == 200
    assert "Answered by words alone." in page.text
    assert "Ollama does not answer" in page.text
    assert "handbook.md</bdi>" in page.text
    alone = await search(browser, shelf, q="dry pump", mode="dense")
    assert alone.status_code == 503
    assert "The embedding model does not answer." in alone.text
    assert 'value="dry pump"' in alone.text


async def test_shelf_without_words_to_find_invites_to_ask(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str
) -> None:
    assert "2 documents can be searched." in (await browser.get(shelf)).text
    assert "2 documents can be searched." in (await search(browser, shelf, q="  ")).text
    path = "/api/v1/projects/my books/documents"
    await call(app, "POST", path, files={"file": ("late.txt", b"Not indexed yet.")})
    assert "1 document cannot be found completely yet" in (await browser.get(shelf)).text
    await browser.post("/shelves", data={"name": "empty"})
    assert "This shelf has no documents yet." in (await browser.get("/p/empty")).text


async def test_single_shelf_is_shown_at_once(browser: httpx.AsyncClient, shelf: str) -> None:
    assert (await browser.get("/")).headers["location"] == shelf
    await browser.post("/shelves", data={"name": "second"})
    assert (await browser.get("/")).status_code == 200


async def test_reader_of_another_shelf_finds_nothing_there(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str
) -> None:
    page = await search(browser, shelf, q="dry seconds", mode="lexical")
    (link,) = [a for a in Page(page.text).addresses if a.startswith("/d/")]
    await browser.post("/shelves", data={"name": "other"})
    reader = await browser_with_key(app, projects=["other"])
    assert (await reader.get(shelf)).status_code == 404
    assert (await reader.get(link)).status_code == 404
    assert "There is no such shelf" in (await reader.get(shelf)).text


async def test_page_with_its_files_weighs_little(
    app: FastAPI, browser: httpx.AsyncClient, index: Index
) -> None:
    await call(app, "POST", "/api/v1/projects", json={"name": "heavy"})
    for number in range(12):
        text = " ".join(f"pump{number} pump seal valve motor {word}" for word in range(300))
        path = "/api/v1/projects/heavy/documents"
        await call(app, "POST", path, files={"file": (f"{number}.txt", text.encode())})
    await index()
    page = await search(browser, "/p/heavy", q="pump", mode="lexical")
    assert page.text.count("<article>") == 10
    files = [a for a in Page(page.text).addresses if a.startswith("/static/")]
    loaded = [await browser.get(address) for address in set(files)]
    assert len(loaded) <= 7
    assert len(page.content) + sum(len(answer.content) for answer in loaded) <= 30 * 1024
    assert "More passages" in page.text


def _passage(text: str, *matches: tuple[int, int]) -> Passage:
    identity = UUID(int=1)
    return Passage(
        identity, identity, "a.txt", None, text, 0, len(text), (), None, None, None, None, 9,
        matches=matches,
    )  # fmt: skip


def test_short_passage_is_shown_whole() -> None:
    assert snippet(_passage("a pump", (2, 6))) == [("a ", False), ("pump", True)]
    assert snippet(_passage("")) == []


def test_long_passage_is_shown_where_most_words_match() -> None:
    text = "pump " + "word " * 400 + "pump pump " + "word " * 400
    at = text.index("pump pump")
    parts = snippet(_passage(text, (0, 4), (at, at + 4), (at + 5, at + 9)))
    assert [part for part, matches in parts if matches] == ["pump", "pump"]
    assert parts[0][0] == parts[-1][0] == "…"
    shown = "".join(part for part, _ in parts[1:-1])
    assert shown in text
    assert len(shown) <= 520
    assert not shown.startswith("ord")


def test_long_word_without_spaces_is_cut_somewhere() -> None:
    parts = snippet(_passage("x" * 5000, (3000, 3005)))
    assert [part for part, matches in parts if matches] == ["xxxxx"]


def test_address_has_what_was_asked_and_nothing_else() -> None:
    asked = Asked.of(QueryParams("q=+pump+&type=pdf&from=&unknown=1&n=20"))
    assert asked.address() == {"q": "pump", "mode": "", "type": "pdf", "n": 20}
    assert asked.address(type=None, n=None) == {"q": "pump", "mode": "", "type": None, "n": None}
