"""Sessions over the page: begin, end, and what others cannot do with them."""

import time

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from mirage.web.site import create_site
from tests.web.conftest import KEY, browser_with_key, call, log_in, new_browser


async def test_visitor_without_session_is_sent_to_login_and_back(
    stranger: httpx.AsyncClient,
) -> None:
    asked = await stranger.get("/shelves?x=1")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/login?next=%2Fshelves%3Fx%3D1",
    )
    form = await stranger.get(asked.headers["location"])
    assert 'name="next" value="/shelves?x=1"' in form.text
    sent = await stranger.post("/login", data={"key": KEY, "next": "/shelves?x=1"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/shelves?x=1")
    assert (await stranger.get("/shelves?x=1")).status_code == 200


async def test_cookie_is_out_of_reach_of_scripts_and_other_sites(
    stranger: httpx.AsyncClient,
) -> None:
    cookie = (await log_in(stranger)).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/;" in cookie
    assert "Secure" not in cookie
    assert KEY not in cookie
    behind = await stranger.post(
        "/login", data={"key": KEY}, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in behind.headers["set-cookie"]


@pytest.mark.parametrize("key", ["", "wrong", "mirage_" + "x" * 43, "ключ", "\x00"])
async def test_wrong_key_shows_the_same_form_again(stranger: httpx.AsyncClient, key: str) -> None:
    answer = await stranger.post("/login", data={"key": key, "next": "/shelves"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'name="next" value="/shelves"' in answer.text
    assert "This key is not valid" in answer.text
    assert (await stranger.get("/shelves")).status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "/\\evil.example", "https://evil.example", "/a b", "/\tx", "javascript:1"],
)
async def test_login_leads_to_no_other_site(stranger: httpx.AsyncClient, target: str) -> None:
    sent = await stranger.post("/login", data={"key": KEY, "next": target})
    assert sent.headers["location"] == "/"
    switched = await stranger.get("/language/ru", params={"back": target})
    assert switched.headers["location"] == "/"


async def test_revoked_key_ends_the_session_at_the_next_step(app: FastAPI) -> None:
    browser = await browser_with_key(app)
    assert (await browser.get("/shelves")).status_code == 200
    (key,) = (await call(app, "GET", "/api/v1/keys")).json()["keys"]
    await call(app, "DELETE", f"/api/v1/keys/{key['id']}")
    assert (await browser.get("/shelves")).headers["location"] == "/login?next=%2Fshelves"


async def test_log_out_ends_the_session_in_the_browser(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/logout")).headers["location"] == "/login"
    assert (await browser.get("/shelves")).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://test.evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://["},
    ],
)
async def test_form_of_another_site_changes_nothing(
    app: FastAPI, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/shelves", data={"name": "planted"}, headers=headers)
    assert answer.status_code == 403
    assert "came from another site" in answer.text
    assert (await call(app, "GET", "/api/v1/projects")).json()["projects"] == []


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": ""}, {"Origin": "https://test"}]
)
async def test_form_of_the_page_is_taken(
    app: FastAPI, browser: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await browser.post("/shelves", data={"name": "made"}, headers=headers)
    assert answer.status_code == 303
    assert len((await call(app, "GET", "/api/v1/projects")).json()["projects"]) == 1


async def test_form_is_taken_behind_a_proxy_that_replaces_the_host(
    database: Database, store: VolumeStore
) -> None:
    settings = load_settings(
        api={"key": SecretStr(KEY), "public_url": "https://rag.example.com/mirage"},
        documents={"path": store.root},
    )
    app = create_site(settings, database=database, store=store, embedder=FakeEmbedder())
    for origin, status in {"http://rag.example.com": 303, "http://example.com": 403}.items():
        async with new_browser(app, Origin=origin, Host="mirage-api:8000") as browser:
            assert (await log_in(browser)).status_code == status


async def test_api_takes_no_session(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/api/v1/projects")
    assert answer.status_code == 401


async def test_eleventh_wrong_key_in_a_minute_takes_a_second(stranger: httpx.AsyncClient) -> None:
    for _ in range(10):
        assert (await log_in(stranger, "wrong")).status_code == 401
    began = time.monotonic()
    assert (await log_in(stranger, "wrong")).status_code == 401
    assert time.monotonic() - began >= 1.0
    assert (await log_in(stranger)).status_code == 303  # Slowed too, but not locked out.


async def test_page_works_below_a_prefix(database: Database, store: VolumeStore) -> None:
    settings = load_settings(
        api={"key": SecretStr(KEY), "root_path": "/mirage"}, documents={"path": store.root}
    )
    app = create_site(settings, database=database, store=store, embedder=FakeEmbedder())
    async with new_browser(app) as browser:
        for prefix in ("/mirage", ""):  # A proxy leaves the prefix in the path, or removes it.
            asked = await browser.get(f"{prefix}/shelves")
            assert asked.headers["location"] == "/mirage/login?next=%2Fmirage%2Fshelves"
        sent = await browser.post("/login", data={"key": KEY, "next": "/mirage/shelves"})
        assert sent.headers["location"] == "/mirage/shelves"
        assert "Path=/mirage;" in sent.headers["set-cookie"]
        assert (await browser.get("/mirage")).status_code == 200
        page = await browser.get("/mirage/shelves")
        assert page.status_code == 200
        assert 'action="/mirage/shelves"' in page.text
        assert 'href="/mirage/static/style.css?v=' in page.text
        assert (await browser.post("/login", data={"key": KEY, "next": "/other"})).headers[
            "location"
        ] == "/mirage/"
