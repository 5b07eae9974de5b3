"""Pages of PDFs: their size, where a passage stands on them, and their pictures."""

import os
from pathlib import Path

import httpx
import pytest

from mirage.pages import Pictures
from mirage.testing import make_epub, make_pdf
from tests.api.conftest import Index
from tests.api.test_texts import ready

LINES = ["Lamps burn oil.", "The keeper lit the lamp at dusk."]


@pytest.fixture
async def book(client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path) -> str:
    """The path of a PDF with a page of text, an empty one, and a third."""
    pdf = make_pdf(tmp_path / "a.pdf", [LINES, [], ["Ships sail."]], labels={0: "ROMAN_LOWER"})
    return await ready(client, shelf, index, "a.pdf", pdf.read_bytes())


async def test_found_passage_has_its_boxes_on_its_page(
    client: httpx.AsyncClient, shelf: str, book: str
) -> None:
    query = {"query": "keeper dusk", "mode": "lexical"}
    found = (await client.post(f"{shelf}/search", json=query)).json()["passages"][0]
    span = {"start": found["start"], "end": found["end"]}
    page = (await client.get(f"{book}/pages/{found['page_number']}", params=span)).json()
    assert (page["number"], page["label"], page["share"]) == (1, "i", 1.0)
    assert len(page["boxes"]) >= 1
    for box in page["boxes"]:
        assert 0 < box["left"] < box["right"] < page["width"]
        assert 0 < box["top"] < box["bottom"] < page["height"]
    text = (await client.get(f"{book}/text", params={"page": 1})).json()
    assert page["text"] == {"start": text["start"], "end": text["end"]}


async def test_span_of_two_pages_has_boxes_on_both(client: httpx.AsyncClient, book: str) -> None:
    whole = (await client.get(f"{book}/text")).json()
    span = {"start": whole["text"].index("dusk"), "end": whole["end"]}
    pages = [(await client.get(f"{book}/pages/{n}", params=span)).json() for n in (1, 2, 3)]
    assert [len(page["boxes"]) for page in pages] == [1, 0, 1]
    assert [page["share"] for page in pages] == [1.0, None, 1.0]
    assert pages[1]["text"] is None


async def test_picture_is_cached_by_its_content(
    client: httpx.AsyncClient, book: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await client.get(f"{book}/pages/1/image")
    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    assert first.content[8:12] == b"WEBP"
    assert "immutable" in first.headers["cache-control"]
    assert first.headers["cache-control"].startswith("private")
    same = {"If-None-Match": first.headers["etag"]}
    again = await client.get(f"{book}/pages/1/image", headers=same)
    assert (again.status_code, again.content) == (304, b"")
    wide = await client.get(f"{book}/pages/1/image", params={"width": 1400}, headers=same)
    assert wide.status_code == 200
    assert len(wide.content) > len(first.content)

    async def fail(*_: object) -> bytes:
        raise AssertionError("it was drawn again")

    pages = client._transport.app.state.parts.pages  # type: ignore[attr-defined]
    monkeypatch.setattr(pages._sandbox, "draw", fail)
    assert (await client.get(f"{book}/pages/1/image")).content == first.content


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("pages/4", 404, "page-not-found"),
        ("pages/0", 422, "invalid-request"),
        ("pages/x/image", 422, "invalid-request"),
        ("pages/1/image?width=901", 422, "invalid-request"),
        ("pages/1?start=3", 422, "invalid-request"),
        ("pages/9999999999", 422, "invalid-request"),
    ],
)
async def test_page_that_is_not_there_is_refused(
    client: httpx.AsyncClient, book: str, path: str, status: int, code: str
) -> None:
    answer = await client.get(f"{book}/{path}")
    assert answer.status_code == status
    assert answer.json()["type"] == f"urn:mirage:problem:{code}"


async def test_only_pdfs_have_pictures(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    pages = {"a.xhtml": '<p><span epub:type="pagebreak" id="p1" title="1"/>Lamps.</p>'}
    content = make_epub(tmp_path / "a.epub", pages).read_bytes()
    epub = await ready(client, shelf, index, "a.epub", content)
    answer = await client.get(f"{epub}/pages/1/image")
    assert answer.status_code == 404
    text = await ready(client, shelf, index, "a.txt", b"Lamps.")
    answer = await client.get(f"{text}/pages/1")
    assert answer.json()["detail"] == "'a.txt' has no page 1: its format has no pages"


async def test_original_that_is_gone_is_said(client: httpx.AsyncClient, book: str) -> None:
    store = client._transport.app.state.parts.store  # type: ignore[attr-defined]
    (key,) = store.list_keys()
    os.truncate(store.path(key), 0)
    damaged = await client.get(f"{book}/pages/1/image")
    assert damaged.json()["type"] == "urn:mirage:problem:page-not-shown"
    assert damaged.json()["detail"].startswith("page 1 of 'a.pdf' cannot be shown: ")
    store.path(key).unlink()
    assert (await client.get(f"{book}/pages/3/image")).status_code == 503


def test_oldest_pictures_are_dropped() -> None:
    pictures = Pictures(most_bytes=10)
    for number in (1, 2):
        pictures.put(("a", number, 900), b"12345")
    assert pictures.get(("a", 1, 900)) == b"12345"
    pictures.put(("a", 3, 900), b"12345")
    assert [pictures.get(("a", number, 900)) for number in (1, 2, 3)] == [b"12345", None, b"12345"]
