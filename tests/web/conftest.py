"""The page over a real database and a real store, as a browser without scripts sees it."""

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from html.parser import HTMLParser

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from mirage.web.site import create_site
from tests.api.conftest import DEADLINE_SECONDS, KEY, embedder, index

__all__ = ["KEY", "embedder", "index"]

LIBRARY = "/p/books/library"
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Origin": "http://test"}


class Page(HTMLParser):
    """What a browser finds on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.actions: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(given)
        self.addresses += [given[name] or "" for name in ("href", "src") if name in given]
        if tag == "form" and given.get("method") == "post":
            self.actions.append(given.get("action") or "")

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
async def app(
    database: Database, store: VolumeStore, embedder: FakeEmbedder
) -> AsyncIterator[FastAPI]:
    """The page; files of at most 1,000,000 bytes are taken."""
    settings = load_settings(
        api={"key": SecretStr(KEY)}, documents={"path": store.root, "max_upload_bytes": 1_000_000}
    )
    app = create_site(settings, database=database, store=store, embedder=embedder)
    yield app
    await app.state.parts.pages.aclose()


def new_browser(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """Return a browser without cookies."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={**BROWSER, **headers}
    )


async def log_in(browser: httpx.AsyncClient, key: str = KEY) -> httpx.Response:
    """Send the form of the page."""
    return await browser.post("/login", data={"key": key})


@pytest.fixture
async def stranger(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser without a session."""
    async with new_browser(app) as browser:
        yield browser


@pytest.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that is logged in with the key of the settings."""
    async with new_browser(app) as browser:
        assert (await log_in(browser)).status_code == 303
        yield browser


async def browser_with_key(app: FastAPI, **key: object) -> httpx.AsyncClient:
    """Return a browser that is logged in with a new key."""
    made = await call(app, "POST", "/api/v1/keys", json={"name": "k", "scope": "read", **key})
    browser = new_browser(app)
    assert (await log_in(browser, made.json()["token"])).status_code == 303
    return browser


async def call(app: FastAPI, method: str, path: str, **request: object) -> httpx.Response:
    """Call the API with the key of the settings."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers={"X-API-Key": KEY}
    ) as client:
        answer = await client.request(method, path, **request)  # type: ignore[arg-type]
        assert answer.is_success, answer.text
        return answer


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve the page while the block runs; yield its address."""
    server = build_server(app, "127.0.0.1", 0)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def shelf(app: FastAPI) -> str:
    """The address of the library of an empty shelf `books`."""
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


async def address_of(app: FastAPI, name: str) -> str:
    """Return the address of the page of a document."""
    found = await call(app, "GET", "/api/v1/projects/books/documents", params={"find": name})
    (one,) = found.json()["documents"]
    return f"/p/books/d/{one['id']}"
