"""The library: folders, states, buttons, uploads by a plain form and by a script."""

import asyncio
import html
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from mirage.errors import EmbedderUnavailable
from mirage.testing import FakeEmbedder
from mirage.testing.documents import make_pdf
from mirage.web.documents import link_pages
from tests.api.conftest import DEADLINE_SECONDS, Index
from tests.web.conftest import Page, browser_with_key, call, new_browser, serving

LIBRARY = "/p/books/library"
SCRIPT = {"Accept": "application/json"}


@pytest.fixture
async def shelf(app: FastAPI) -> str:
    """The address of the library of an empty shelf."""
    await call(app, "POST", "/api/v1/projects", json={"name": "books"})
    return LIBRARY


async def send(
    browser: httpx.AsyncClient,
    name: str,
    content: bytes,
    headers: Mapping[str, str] | None = None,
    **query: str,
) -> httpx.Response:
    """Send the form of the page with a file."""
    return await browser.post(
        LIBRARY, files={"file": (name, content)}, params=query, headers=headers
    )


def names(page: httpx.Response) -> list[str]:
    """Return the names in the rows."""
    rows = page.text.partition("<tbody")[2]
    return [html.unescape(name) for name in re.findall(r"<bdi>(.*?)</bdi>", rows)]


async def document(app: FastAPI, name: str) -> str:
    """Return the address of the page of a document."""
    found = await call(app, "GET", "/api/v1/projects/books/documents", params={"find": name})
    (one,) = found.json()["documents"]
    return f"/p/books/d/{one['id']}"


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
    page = await browser.get(shelf)
    assert len(names(page)) == 50
    assert len(page.content) <= 100 * 1024
    (following,) = [a for a in Page(page.text).addresses if "cursor=" in a]
    rest = await browser.get(following)
    assert names(rest) == ["50.txt"]
    assert "Back to the first" in rest.text


async def test_failed_document_has_a_reason_and_the_button_that_helps(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    await send(browser, "scan.pdf", make_pdf(tmp_path / "scan.pdf", [""]).read_bytes())
    await index()
    page = await browser.get(shelf, params={"state": "failed"})
    assert names(page) == ["scan.pdf"]
    path = await document(app, "scan")
    assert f"{path}/replace" in Page(page.text).addresses
    assert f"{path}/reindex" not in Page(page.text).actions
    assert "Try again" not in page.text
    form = await browser.get(f"{path}/replace")
    assert "Replace “scan.pdf”" in form.text
    sent = await browser.post(
        f"{path}/replace",
        files={
            "file": (
                "other.pdf",
                make_pdf(tmp_path / "other.pdf", ["A text at last."]).read_bytes(),
            )
        },
    )
    assert sent.status_code == 303
    await index()
    page = await browser.get(shelf)
    assert names(page) == ["scan.pdf"]
    assert '<span class="state ready">ready</span>' in page.text


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


async def test_document_page_has_facts_outline_and_what_can_be_done(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    text = "# Pumps\n\nAbout pumps.\n\n## <b>Limits</b>\n\nNever dry.\n"
    await send(browser, "work/<i>a.md", text.encode())
    await index()
    path = await document(app, "work/")
    page = await browser.get(path)
    assert page.status_code == 200
    assert "<i>" not in page.text
    assert "<b>Limits" not in page.text
    shown = Page(page.text)
    assert "Pumps" in shown.text
    assert {f"{path}/reindex", f"{path}/rename"} <= set(shown.actions)
    assert {f"{path}/file", f"{path}/delete", f"{path}/replace"} <= set(shown.addresses)
    heading = next(a for a in shown.addresses if a.startswith("/d/") and "from=" in a)
    assert (await browser.get(heading)).status_code == 200
    original = await browser.get(f"{path}/file")
    assert original.content == text.encode()
    assert original.headers["content-disposition"].startswith("attachment;")
    assert original.headers["x-content-type-options"] == "nosniff"
    renamed = await browser.post(f"{path}/rename", data={"name": "new.md"})
    assert renamed.headers["location"] == path
    assert names(await browser.get(shelf)) == ["new.md"]
    assert (await browser.post(f"{path}/rename", data={"name": "new.pdf"})).status_code == 415
    assert (await browser.post(f"{path}/reindex")).headers["location"] == path
    assert "waits for its turn" in (await browser.get(path)).text


async def test_document_is_deleted_after_a_question(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str
) -> None:
    await send(browser, "work/a.txt", b"A pump.")
    path = await document(app, "a.txt")
    assert "Delete “work/a.txt”?" in (await browser.get(f"{path}/delete")).text
    sent = await browser.post(f"{path}/delete")
    assert sent.headers["location"] == f"{shelf}?path=work%2F"
    for gone in (path, f"{path}/delete", f"{path}/file", "/p/books/d/nonsense"):
        assert (await browser.get(gone)).status_code in (404, 422)
    assert (await browser.post(f"{path}/delete")).status_code == 404


async def test_reader_sees_rows_and_no_way_to_change_them(
    app: FastAPI, browser: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    await send(browser, "a.txt", b"A pump.")
    await send(browser, "scan.pdf", make_pdf(tmp_path / "scan.pdf", [""]).read_bytes())
    await index()
    path = await document(app, "a.txt")
    reader = await browser_with_key(app, projects=["books"])
    for address in (shelf, path, await document(app, "scan")):
        page = Page((await reader.get(address)).text)
        assert page.actions == ["/logout"]
        assert not any(a.endswith(("/delete", "/replace")) for a in page.addresses)
    assert 'id="upload"' not in (await reader.get(shelf)).text
    assert (await send(reader, "b.txt", b"More.")).status_code == 403
    for action in ("reindex", "rename", "replace", "delete"):
        assert (await reader.post(f"{path}/{action}")).status_code == 403
    assert (await reader.get(f"{path}/file")).content == b"A pump."
    assert len(names(await browser.get(shelf))) == 2


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


def test_pages_that_a_warning_names_are_links() -> None:
    assert link_pages("Pages 2–4 and 7 have no text.") == [
        ("Pages ", None), ("2", 2), ("–", None), ("4", 4), (" and ", None), ("7", 7),
        (" have no text.", None),
    ]  # fmt: skip
    assert link_pages("3 files are attached to page 12 and not read.") == [
        ("3 files are attached to page ", None), ("12", 12), (" and not read.", None),
    ]  # fmt: skip
    assert link_pages("254 tokens") == [("254 tokens", None)]
