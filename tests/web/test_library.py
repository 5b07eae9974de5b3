"""The library: folders, states, uploads by a plain form and by a script."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI

from mirage.errors import EmbedderUnavailable
from mirage.testing import FakeEmbedder
from tests.api.conftest import DEADLINE_SECONDS, Index
from tests.web.conftest import Page, names, new_browser, send, serving

SCRIPT = {"Accept": "application/json"}


async def test_empty_library_shows_where_to_drop_and_commands_that_name_it(
    browser: httpx.AsyncClient,
) -> None:
    await browser.post("/shelves", data={"name": "my books; rm"})
    page = await browser.get("/p/my%20books%3B%20rm/library")
    text = Page(page.text).text
    assert "Drop files or folders anywhere" in text
    assert "mirage documents add --project 'my books; rm' FILE..." in text
    assert "http://test/api/v1/projects/my%20books%3B%20rm/documents" in text
    assert "up to 1 MB each" in text


async def test_file_of_the_plain_form_arrives_in_the_folder_that_is_shown(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    sent = await send(browser, "насосы.txt", b"A pump.", path="work/")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{shelf}?path=work%2F")
    page = await browser.get(sent.headers["location"])
    assert names(page) == ["насосы.txt"]
    assert "waits for its turn" in page.text
    assert "1 being indexed" in page.text
    await index()
    page = await browser.get(shelf)
    assert names(page) == ["work/насосы.txt"]
    assert '<span class="state ready">ready</span>' in page.text


async def test_script_is_told_the_name_and_whether_the_file_was_there(
    browser: httpx.AsyncClient, shelf: str
) -> None:
    first = await send(browser, "a.txt", b"A pump.", SCRIPT)
    assert (first.status_code, first.json()) == (200, {"name": "a.txt", "known": False})
    inner = await send(browser, "deep/er/b.txt", b"Another pump.", SCRIPT)
    assert inner.json()["name"] == "deep/er/b.txt"
    again = await send(browser, "b.txt", b"A pump.", SCRIPT)
    assert again.json()["known"] is True
    assert len(names(await browser.get(shelf))) == 2


@pytest.mark.parametrize(
    ("name", "content", "status", "code", "said"),
    [
        ("a.txt", b"", 422, "empty-file", "Файл пуст."),
        ("a.txt", b"x" * 1_000_001, 413, "upload-too-large", "Файл слишком велик."),
        ("a.exe", b"MZ\x00\x01", 415, "unsupported-media-type", "Файлы такого рода не читаются."),
        ("a.pdf", b"MZ\x90\x00 program", 415, None, None),
        ("../a.txt", b"text", 422, "invalid-name", "Такое название не подходит."),
    ],
)
async def test_refusal_has_a_sentence_in_the_language_of_the_page(
    browser: httpx.AsyncClient,
    shelf: str,
    name: str,
    content: bytes,
    status: int,
    code: str | None,
    said: str | None,
) -> None:
    answer = await send(browser, name, content, {**SCRIPT, "Accept-Language": "ru"})
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert answer.json()["remedy"]
    if code:
        assert answer.json()["type"].endswith(f":{code}")
        assert answer.json()["said"] == said
    form = await send(browser, name, content)
    assert form.status_code == status
    assert "This did not work" in form.text
    assert names(await browser.get(shelf)) == []


async def test_folders_tabs_search_and_order_narrow_the_rows(
    browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    await send(browser, "b.txt", b"One.")
    await send(browser, "a/x.txt", b"Two.")
    await send(browser, "a/deep/y_1.txt", b"Three.")
    await index()
    await send(browser, "a/late.txt", b"Four.")
    page = await browser.get(shelf)
    assert names(page) == ["a/deep/y_1.txt", "a/late.txt", "a/x.txt", "b.txt"]
    assert f"{shelf}?path=a%2F" in Page(page.text).addresses
    inside = await browser.get(shelf, params={"path": "a/"})
    assert names(inside) == ["deep/y_1.txt", "late.txt", "x.txt"]
    assert f"{shelf}?path=a%2Fdeep%2F" in Page(inside.text).addresses
    assert names(await browser.get(shelf, params={"path": "a"})) == names(inside)
    working = await browser.get(shelf, params={"state": "working"})
    assert names(working) == ["a/late.txt"]
    assert names(await browser.get(shelf, params={"find": "Y_"})) == ["a/deep/y_1.txt"]
    by_arrival = await browser.get(shelf, params={"sort": "arrival"})
    assert names(by_arrival)[0] == "b.txt"
    nothing = await browser.get(shelf, params={"find": "zzz"})
    assert "No document matches." in nothing.text


@pytest.mark.parametrize("query", ["cursor=x", "path=%00", "find=%00", "cursor=4pyT"])
async def test_address_that_does_not_fit_is_refused(
    browser: httpx.AsyncClient, shelf: str, query: str
) -> None:
    assert (await browser.get(f"{shelf}?{query}")).status_code == 422


async def test_many_documents_are_shown_page_by_page(
    browser: httpx.AsyncClient, shelf: str
) -> None:
    for number in range(51):
        await send(browser, f"{number:02}.txt", f"Text {number}.".encode())
    for number in range(102):
        await send(browser, f"z/{number:03}/a.txt", f"Deep {number}.".encode())
    page = await browser.get(shelf)
    assert len(names(page)) == 50
    assert len(page.content) <= 100 * 1024
    (following,) = [a for a in Page(page.text).addresses if "cursor=" in a]
    rest = await browser.get(following)
    assert names(rest)[0] == "50.txt"
    assert "Back to the first" in rest.text
    inside = await browser.get(shelf, params={"path": "z/"})
    assert len(inside.content) <= 100 * 1024
    assert "and 2 more folders: find documents by name" in inside.text


async def test_waiting_document_says_for_what_and_that_nothing_is_lost(
    browser: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> None:
    embedder.failure = EmbedderUnavailable("Ollama does not <answer>")
    await send(browser, "a.txt", b"A pump.")
    await index()
    page = await browser.get(shelf)
    assert "Ollama does not &lt;answer&gt;" in page.text
    assert "Nothing is lost" in page.text
    embedder.failure = None
    await index()
    assert "Nothing is lost" not in (await browser.get(shelf)).text


async def test_events_follow_the_session_and_the_shelf(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str
) -> None:
    await send(browser, "a.txt", b"A pump.")
    async with (
        serving(app) as address,
        httpx.AsyncClient(base_url=address, cookies=dict(browser.cookies)) as live,
        asyncio.timeout(DEADLINE_SECONDS),
        live.stream("GET", "/p/books/events") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data:"):
                assert '"name":"a.txt"' in line
                break
    async with new_browser(app) as stranger:
        asked = await stranger.get("/p/books/events", headers={"Accept": "text/event-stream"})
        assert asked.status_code == 401
