"""The reader: where links lead, what is marked, and what is said if that is not certain."""

import os
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from mirage.citing import mark_of
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.testing import make_epub, make_pdf
from tests.api.conftest import KEY, Index, shelf
from tests.api.mcp.conftest import books
from tests.api.mcp.test_transport import ACCEPT, SEARCH, text_of
from tests.api.test_texts import ready
from tests.web.conftest import browser_with_key, call, log_in, new_browser

__all__ = ["books", "shelf"]

LAMP = "The keeper lit the lamp at dusk."
SHIPS = b"Ships sail by night.\n\nA gull cries.\n\n" + LAMP.encode() + b"\n\nThe sea is calm.\n"


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A program with the key."""
    headers = {"X-API-Key": KEY}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def note(client: httpx.AsyncClient, shelf: str, index: Index) -> str:
    """The address of the reader for a text."""
    return await reader(client, shelf, index, "note.txt", SHIPS)


async def reader(
    client: httpx.AsyncClient, shelf: str, index: Index, name: str, content: bytes
) -> str:
    document = await ready(client, shelf, index, name, content)
    return f"/d/{document.rpartition('/')[2]}"


def marked(page: str) -> str | None:
    """The text of the mark; None if nothing is marked."""
    assert page.count("<mark") <= 1
    found = re.search(r'<mark id="here"[^>]*>(.*?)</mark>', page, re.DOTALL)
    return unescape(re.sub(r"</?(b|span)[^>]*>", "", found[1])) if found else None


def shown(page: str) -> str:
    """The text of the document that is shown."""
    (flow,) = re.findall(r'<div class="flow"[^>]*>(.*?)</div>', page, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", "", flow))


def at(text: str, span: str) -> str:
    """What the address of a span is."""
    start = text.index(span)
    return f"{start}-{start + len(span)}.{mark_of(span)}"


async def test_every_link_of_an_agent_shows_its_passage_marked(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, books: str
) -> None:
    body = SEARCH | {"params": {"name": "search", "arguments": {"query": "pumps", "limit": 10}}}
    found = text_of(await client.post("/mcp/shelf", json=body, headers=ACCEPT))
    links = [line.partition("](")[2].rstrip(")") for line in found.splitlines() if "](" in line]
    texts = [part.partition("\n>>>")[0] for part in found.split("<<<\n")[1:]]
    assert len(links) == len(texts) > 2
    for link, text in zip(links, texts, strict=True):
        page = await browser.get(link)
        assert page.status_code == 200
        assert marked(page.text) == text
    await client._transport.app.state.parts.agents.aclose()  # type: ignore[attr-defined]


async def test_visitor_is_led_to_login_and_back_to_the_passage(
    stranger: httpx.AsyncClient, note: str
) -> None:
    link = f"{note}?at=0-5"
    login = await stranger.get(link)
    assert login.status_code == 303
    answer = await stranger.post("/login", data={"key": KEY, "next": link})
    assert answer.headers["location"] == link


async def test_programs_send_the_key_in_a_header_or_as_a_password(app: FastAPI, note: str) -> None:
    async with new_browser(app, Accept="*/*") as program:
        refused = await program.get(f"{note}?at=0-5")
        assert refused.status_code == 401
        for key in ({"headers": {"X-API-Key": KEY}}, {"auth": ("x", KEY)}):
            page = await program.get(f"{note}?at=0-5", **key)
            assert marked(page.text) == "Ships"
        for wrong in ("wrong", "\x00"):
            assert (await program.get(note, auth=("x", wrong))).status_code == 401
        await log_in(program)
        # The password of a proxy in front says nothing.
        page = await program.get(f"{note}?at=0-5", auth=("x", "of the proxy"))
        assert marked(page.text) == "Ships"
        await program.post("/logout")
        odd = await program.get(note, headers={"Authorization": "Basic %%%"})
        assert odd.status_code == 401
        # The API itself takes no password, so no other site can use one that a browser keeps.
        assert (await program.get("/api/v1/projects", auth=("x", KEY))).status_code == 401


async def test_document_that_the_key_may_not_see_is_not_found(
    app: FastAPI, client: httpx.AsyncClient, note: str
) -> None:
    await client.post("/api/v1/projects", json={"name": "other"})
    stranger = await browser_with_key(app, projects=["other"])
    hidden = await stranger.get(f"{note}?at=0-5")
    absent = await stranger.get(f"/d/{uuid4()}?at=0-5")
    assert hidden.status_code == absent.status_code == 404
    assert "Ships" not in hidden.text
    for address in ("/d/nonsense", f"{note}/pages/1/image"):
        assert (await stranger.get(address)).status_code == 404


@pytest.mark.parametrize("odd", ["9-1", "x", "900-999", "900-999.aaaa", "0-0", "1-2.AAAA"])
async def test_address_that_names_no_place_shows_the_text_alone(
    browser: httpx.AsyncClient, note: str, odd: str
) -> None:
    page = await browser.get(note, params={"at": odd})
    assert page.status_code == 200
    assert marked(page.text) is None
    assert shown(page.text) == SHIPS.decode().strip()
    assert "names no place" in page.text


async def test_text_that_moved_is_marked_where_it_stands_now(
    browser: httpx.AsyncClient, note: str
) -> None:
    start, end = SHIPS.decode().index(LAMP), len(LAMP)
    for shift in (-20, -1, 7, 40):
        link = f"{start + shift}-{start + shift + end}.{mark_of(LAMP)}"
        page = await browser.get(note, params={"at": link})
        assert marked(page.text) == LAMP
        assert "The text has moved since this link was made" in page.text
        # The link to copy leads to the new place.
        assert f'data-link="{note}?at={at(SHIPS.decode(), LAMP)}"' in page.text


async def test_text_that_changed_is_never_marked(browser: httpx.AsyncClient, note: str) -> None:
    was = LAMP.replace("lit", "put out")
    start = SHIPS.decode().index(LAMP)
    page = await browser.get(note, params={"at": f"{start}-{start + len(was)}.{mark_of(was)}"})
    assert marked(page.text) is None
    assert "The text has changed since this link was made" in page.text
    right = await browser.get(note, params={"at": at(SHIPS.decode(), LAMP)})
    assert marked(right.text) == LAMP
    assert 'role="status"' not in right.text


async def test_text_is_read_in_windows_without_gap_or_repetition(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    chapters = [
        f"# Chapter {n}\n\n" + "\n\n".join(f"Line {n}.{line} of the book." for line in range(200))
        for n in range(9)
    ]
    wall = "word " * 4000
    content = "\n\n".join([*chapters, "# Wall", wall]).encode()
    note = await reader(client, shelf, index, "book.md", content)
    text = (await client.get(f"/api/v1/projects/shelf/documents/{note[3:]}/text")).json()["text"]
    read, address, windows = "", note, 0
    while windows < 15:
        page = (await browser.get(address)).text
        read += shown(page)
        windows += 1
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if following is None:
            break
        address = unescape(following[1])
    # What separates two sections stands at no end of a window.
    assert "".join(read.split()) == "".join(text.split())
    assert 5 < windows < 15
    previous = re.findall(r'rel="prev" href="([^"]+)"', page)
    before = shown((await browser.get(unescape(previous[0]))).text)
    assert read.endswith(before + shown(page))
    # A passage over the border of two windows is shown whole.
    start = text.index(before) + len(before) - 50
    across = text[start : start + 100]
    page = (await browser.get(f"{note}?at={start}-{start + 100}.{mark_of(across)}")).text
    assert marked(page) == across


async def test_headings_are_in_the_outline_and_in_the_text(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    content = b"# Lamps\n\nOil.\n\n## <b>Wicks</b> & more\n\nCotton.\n\n# Ships\n\nSails.\n"
    note = await reader(client, shelf, index, "a.md", content)
    page = (await browser.get(note)).text
    outline = page[page.index('id="outline"') :]
    for target in re.findall(r'href="(\?from=\d+#s\d+)"', outline):
        anchor = target.partition("#")[2]
        assert f' id="{anchor}">' in (await browser.get(note + target.partition("#")[0])).text
    assert '<b id="s0"># Lamps</b>' in page
    assert outline.count("<li class=") == 3
    assert "<b>Wicks" not in page


@pytest.fixture
async def book(client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path) -> str:
    """The reader of a PDF with a page of text, an empty one, and a third."""
    lines = [["Lamps burn oil.", LAMP], [], ["Ships sail."]]
    pdf = make_pdf(tmp_path / "a.pdf", lines, labels={0: "ROMAN_LOWER"})
    return await reader(client, shelf, index, "a.pdf", pdf.read_bytes())


async def text_of_book(client: httpx.AsyncClient, book: str) -> str:
    answer = await client.get(f"/api/v1/projects/shelf/documents/{book[3:]}/text")
    text: str = answer.json()["text"]
    return text


async def test_passage_of_a_pdf_has_boxes_on_the_picture_of_its_page(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, book: str
) -> None:
    text = await text_of_book(client, book)
    page = await browser.get(book, params={"at": at(text, LAMP)})
    assert marked(page.text) == LAMP
    assert page.text.count("<rect") == 1
    assert "page i (1 of 3)" in page.text
    assert "a.pdf, page i" in page.text
    pictures = re.findall(r'src="([^"]+)"|srcset="(\S+) 900w, (\S+) 1400w"', page.text)
    for address in {unescape(part) for found in pictures for part in found if "/image" in part}:
        picture = await browser.get(address, headers={"Accept": "image/*"})
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/webp")
        assert picture.headers["cache-control"] == "private, max-age=86400, immutable"
        assert "default-src 'none'" in picture.headers["content-security-policy"]
        same = {"If-None-Match": picture.headers["etag"]}
        assert (await browser.get(address, headers=same)).status_code == 304


async def test_passage_of_two_pages_is_marked_on_both(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, book: str
) -> None:
    text = await text_of_book(client, book)
    link = at(text, text[text.index("dusk") :])
    first = (await browser.get(book, params={"at": link})).text
    assert marked(first) == "dusk."
    assert "The passage goes on" in first
    empty = (await browser.get(book, params={"at": link, "page": 2})).text
    assert "This page has no text." in empty
    assert "Go to the passage" in empty
    last = (await browser.get(book, params={"at": link, "page": 3})).text
    assert marked(last) == "Ships sail."
    assert "The passage begins before this" in last
    assert first.count("<rect") == last.count("<rect") == 1


async def test_page_is_turned_and_one_that_is_not_there_is_refused(
    browser: httpx.AsyncClient, book: str
) -> None:
    page = (await browser.get(book)).text
    assert 'rel="prev"' not in page
    (following,) = set(re.findall(r'rel="next" href="([^"]+)"', page))
    assert following == f"{book}?page=2"
    last = (await browser.get(f"{book}?page=3")).text
    assert 'rel="next"' not in last
    assert (await browser.get(f"{book}?page=4")).status_code == 404
    for odd in ("page=0", "page=x", "from=-1"):
        assert (await browser.get(f"{book}?{odd}")).status_code == 422


async def test_page_without_a_picture_is_shown_as_text(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, book: str, store: VolumeStore
) -> None:
    text = await text_of_book(client, book)
    (key,) = store.list_keys()
    os.truncate(store.path(key), 0)
    page = await browser.get(book, params={"at": at(text, LAMP)})
    assert page.status_code == 200
    assert "The picture of this page cannot be shown" in page.text
    assert marked(page.text) == LAMP
    assert "<img" not in page.text
    picture = await browser.get(f"{book}/pages/1/image", headers={"Accept": "image/*"})
    assert picture.status_code == 422


async def test_share_is_said_if_not_all_letters_are_on_the_picture(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, book: str, database: Database
) -> None:
    async with database.transaction() as connection:
        from sqlalchemy import text as sql

        await connection.execute(
            sql("UPDATE section SET text = replace(text, 'at dusk.', 'at dawn.')")
        )
    text = await text_of_book(client, book)
    passage = "The keeper lit the lamp at dawn."
    page = (await browser.get(book, params={"at": at(text, passage)})).text
    assert marked(page) == passage
    assert re.search(r"8\d % of this passage could be marked on the page", page)


async def test_pages_of_an_epub_are_windows_of_its_text(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    pages = {
        "a.xhtml": '<p><span epub:type="pagebreak" id="p1" title="1"/>Lamps.</p>'
        '<p><span epub:type="pagebreak" id="p2" title="2"/>Ships.</p>'
    }
    content = make_epub(tmp_path / "a.epub", pages).read_bytes()
    note = await reader(client, shelf, index, "a.epub", content)
    page = await browser.get(f"{note}?page=2")
    assert page.status_code == 200
    assert "<img" not in page.text
    assert (await browser.get(f"{note}?page=9")).status_code == 404


async def test_hostile_text_is_shown_as_text(
    client: httpx.AsyncClient, browser: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    content = b"# <img src=x onerror=alert(1)>\n\n</mark><script>alert(1)</script> & so on.\n"
    note = await reader(client, shelf, index, "<img onerror=x>.md", content)
    text = (await client.get(f"/api/v1/projects/shelf/documents/{note[3:]}/text")).json()["text"]
    page = (await browser.get(f"{note}?at=0-{len(text)}.{mark_of(text)}")).text
    assert marked(page) == text
    assert "<script>" not in page
    assert "<img" not in page


async def test_document_without_text_is_refused_with_a_sentence(
    app: FastAPI, client: httpx.AsyncClient, browser: httpx.AsyncClient, shelf: str
) -> None:
    path = "/api/v1/projects/shelf/documents"
    made = await call(app, "POST", path, files={"file": ("a.txt", b"A pump.")})
    page = await browser.get(f"/d/{made.json()['id']}?at=0-2")
    assert page.status_code == 409
    assert "This document has no text yet" in page.text
