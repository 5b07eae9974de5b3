"""What holds for every page: headers, no inline code, languages, who sees what."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

import mirage.web
from mirage import __version__, config
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from mirage.web.site import create_site
from tests.web.conftest import KEY, Page, browser_with_key, call, log_in, new_browser

FOLDER = Path(mirage.web.__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/login", 200),
        ("/shelves", 200),
        ("/p/nothing/delete", 404),
        ("/static/style.css", 200),
        ("/static/nothing.css", 404),
    ],
)
async def test_every_answer_has_the_headers(
    browser: httpx.AsyncClient, path: str, status: int
) -> None:
    answer = await browser.get(path)
    assert answer.status_code == status
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"


@pytest.mark.parametrize("template", sorted((FOLDER / "templates").rglob("*.html")), ids=str)
def test_template_has_no_inline_code_and_no_other_host(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\son\w+=|\sstyle=|<style|javascript:|https?://|\|\s*safe", text)
    for script in re.findall(r"<script[^>]*>.*?</script>", text, re.DOTALL):
        assert re.fullmatch(r'<script type="module" src="[^"]+"></script>', script)


def test_scripts_are_small_and_stay_here() -> None:
    scripts = [path.read_text() for path in (FOLDER / "static").glob("*.js")]
    assert sum(len(script.encode()) for script in scripts) <= 12 * 1024
    assert not re.search(r"https?://|\beval\b|innerHTML|document\.write", "".join(scripts))


async def test_style_is_cached_under_an_address_of_its_content(
    browser: httpx.AsyncClient,
) -> None:
    page = Page((await browser.get("/shelves")).text)
    (style,) = [address for address in page.addresses if "style.css" in address]
    answer = await browser.get(style)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert (await browser.get("/shelves")).headers["cache-control"] == "private, no-store"


async def test_browser_sees_the_page_and_a_program_does_not(
    stranger: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    assert (await browser.get("/")).status_code == 200
    assert __version__ in (await browser.get("/")).text
    assert (await browser.head("/")).status_code == 200
    assert (await stranger.get("/")).headers["location"] == "/login?next=%2F"
    for accept in ("*/*", "application/json"):
        answer = await stranger.get("/", headers={"Accept": accept})
        assert (answer.status_code, answer.json()["type"]) == (
            404,
            "urn:mirage:problem:route-not-found",
        )


@pytest.mark.parametrize("path", ["/nothing", "/p", "/keys/", "/d/", "/p/books/library/x"])
async def test_browser_gets_a_page_where_nothing_is(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(path)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert answer.headers["content-security-policy"] == POLICY
    program = await stranger.get(path, headers={"Accept": "*/*"})
    assert program.json()["type"] == "urn:mirage:problem:route-not-found"
    assert "content-security-policy" not in program.headers


async def test_page_speaks_the_language_of_the_browser_and_the_chosen_one(
    browser: httpx.AsyncClient,
) -> None:
    russian = await browser.get("/shelves", headers={"Accept-Language": "ru,en;q=0.5"})
    assert '<html lang="ru">' in russian.text
    assert "Полки" in russian.text
    switched = await browser.get("/language/ru", params={"back": "/shelves"})
    assert switched.headers["location"] == "/shelves"
    assert "Полки" in (await browser.get("/shelves", headers={"Accept-Language": "en"})).text
    assert (await browser.get("/language/tlh")).status_code == 404


async def test_shelf_is_created_counted_and_deleted_after_a_question(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    assert "There is no shelf yet" in (await browser.get("/shelves")).text
    await browser.post("/shelves", data={"name": " pumps & <valves> "})
    page = await browser.get("/shelves")
    assert "pumps &amp; &lt;valves&gt;" in page.text
    assert "no documents yet" in page.text
    path = "/api/v1/projects/pumps & <valves>/documents"
    await call(app, "POST", path, files={"file": ("a.txt", b"A pump.")})
    page = await browser.get("/shelves")
    assert "1 being indexed" in page.text
    (question,) = [a for a in Page(page.text).addresses if a.endswith("/delete")]
    asked = await browser.get(question)
    assert "It has 1 document." in asked.text
    assert (await browser.post(question)).headers["location"] == "/shelves"
    assert "There is no shelf yet" in (await browser.get("/shelves")).text
    assert (await browser.post(question)).status_code == 404


@pytest.mark.parametrize(
    ("name", "status"), [("", 422), ("a/b", 422), ("x" * 101, 422), ("\x07", 422), ("twice", 409)]
)
async def test_name_that_does_not_fit_is_refused_with_a_sentence(
    browser: httpx.AsyncClient, name: str, status: int
) -> None:
    await browser.post("/shelves", data={"name": "twice"})
    answer = await browser.post("/shelves", data={"name": name})
    assert answer.status_code == status
    assert "This did not work" in answer.text
    answer = await browser.post(
        "/shelves", data={"name": name}, headers={"Referer": "http://test/shelves?x=1"}
    )
    assert '<a class="button" href="/shelves?x=1">Back</a>' in answer.text


async def test_key_sees_its_own_shelves_only_and_no_buttons(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    for name in ("mine", "secret"):
        await browser.post("/shelves", data={"name": name})
    reader = await browser_with_key(app, projects=["mine"])
    page = await reader.get("/shelves")
    assert "mine" in page.text
    assert "secret" not in page.text
    assert Page(page.text).actions == ["/logout"]
    for path in ("/p/mine/delete", "/shelves"):
        assert (await reader.post(path, data={"name": "n"})).status_code == 403
    hidden, absent = [await reader.get(f"/p/{name}/delete") for name in ("secret", "absent")]
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace("secret", "absent") == absent.text


async def test_page_without_a_database_tries_again(store: VolumeStore, tmp_path: Path) -> None:
    away = Database(config.Database(host=str(tmp_path), connect_timeout_seconds=1))
    settings = load_settings(api={"key": SecretStr(KEY)}, documents={"path": store.root})
    app = create_site(settings, database=away, store=store, embedder=FakeEmbedder())
    async with new_browser(app) as browser:
        await log_in(browser)
        answer = await browser.get("/shelves")
    assert answer.status_code == 503
    assert any("again.js" in address for address in Page(answer.text).addresses)
    assert "/shelves" in Page(answer.text).addresses  # Without scripts.
    assert "The database does not answer" in answer.text
    assert answer.headers["retry-after"] == "5"
    await away.dispose()
