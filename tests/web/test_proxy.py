"""A trusted proxy names users; other addresses cannot."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from mirage.web.site import create_site
from tests.web.conftest import BROWSER, KEY, Page, log_in, serving

NAMED = {"X-Forwarded-User": "ann"}


@pytest.fixture
async def proxied(database: Database, store: VolumeStore) -> AsyncIterator[FastAPI]:
    """The page behind proxies with addresses of two ranges."""
    settings = load_settings(
        api={"key": SecretStr(KEY)},
        documents={"path": store.root},
        web={"user_header": "X-Forwarded-User", "trusted_proxies": "10.42.0.0/16, fd00::/8"},
    )
    app = create_site(settings, database=database, store=store, embedder=FakeEmbedder())
    yield app
    await app.state.parts.pages.aclose()


def _from(app: FastAPI, address: str, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, client=(address, 40000))
    return httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={**BROWSER, **headers}
    )


@pytest.mark.parametrize("address", ["10.42.3.4", "fd00::7", "::ffff:10.42.3.4"])
async def test_user_of_a_trusted_proxy_reads(proxied: FastAPI, address: str) -> None:
    async with _from(proxied, address, **NAMED) as browser:
        page = await browser.get("/shelves")
        assert page.status_code == 200
        assert Page(page.text).actions == ["/logout"]
        assert (await browser.post("/shelves", data={"name": "n"})).status_code == 403
        assert (await browser.get("/api/v1/projects")).status_code == 401


@pytest.mark.parametrize("address", ["10.43.0.1", "192.0.2.1", "fe80::1", "::1", "testclient"])
async def test_header_from_elsewhere_names_nobody(proxied: FastAPI, address: str) -> None:
    async with _from(proxied, address, **NAMED, **{"X-Forwarded-For": "10.42.3.4"}) as browser:
        assert (await browser.get("/shelves")).headers["location"].startswith("/login")
        data = await browser.get("/shelves", headers={"Accept": "application/json"})
        assert data.status_code == 401


async def test_proxy_that_names_nobody_logs_nobody_in(proxied: FastAPI) -> None:
    for headers in ({}, {"X-Forwarded-User": " "}, {"Remote-User": "ann"}):
        async with _from(proxied, "10.42.3.4", **headers) as browser:
            assert (await browser.get("/shelves")).status_code == 303


async def test_key_gives_more_than_the_proxy(proxied: FastAPI) -> None:
    async with _from(proxied, "10.42.3.4", **NAMED) as browser:
        await log_in(browser)
        assert (await browser.post("/shelves", data={"name": "n"})).status_code == 303


async def test_served_page_believes_no_header_about_the_address(proxied: FastAPI) -> None:
    headers = {**BROWSER, **NAMED, "X-Forwarded-For": "10.42.3.4"}
    async with (
        serving(proxied) as address,
        httpx.AsyncClient(base_url=address, headers=headers) as browser,
    ):
        assert (await browser.get("/shelves")).status_code == 303
