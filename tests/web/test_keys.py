"""Keys in the browser, and what agents are told to paste."""

import json
import re
from pathlib import Path

import httpx
import pytest
import yaml
from fastapi import FastAPI

from mirage.web.agents import recipes
from tests.web.conftest import Page, browser_with_key, call

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
TOKEN = re.compile(r'<code class="token">(mirage_[\w-]{43})</code>')


async def test_new_key_is_shown_once_and_reads_its_shelf(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    for name in ("my books", "other"):
        await call(app, "POST", "/api/v1/projects", json={"name": name})
    form = {"name": "claude <3", "scope": "read", "shelf": "my books", "days": "30"}
    made = await browser.post("/keys", data=form)
    (token,) = TOKEN.findall(made.text)
    assert made.headers["cache-control"] == "private, no-store"
    assert f"http://test/mcp/my%20books --header &#34;Authorization: Bearer {token}" in made.text
    assert "claude &lt;3" in made.text
    seen = await browser.get("/api/v1/projects", headers={"X-API-Key": token})
    assert [item["name"] for item in seen.json()["projects"]] == ["my books"]
    listed = await browser.get("/keys")
    assert token not in listed.text
    assert "search and read" in listed.text
    (question,) = [a for a in Page(listed.text).addresses if a.endswith("/revoke")]
    assert "Revoke the key “claude &lt;3”?" in (await browser.get(question)).text
    assert (await browser.post(question)).headers["location"] == "/keys"
    gone = await browser.get("/api/v1/projects", headers={"X-API-Key": token})
    assert gone.status_code == 401
    assert (await browser.get(question)).status_code == 404
    assert (await browser.post(question)).status_code == 404


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"name": ""}, 422),
        ({"name": "k", "scope": "god"}, 422),
        ({"name": "k", "shelf": "nowhere"}, 404),
        ({"name": "k", "days": "-1"}, 422),
        ({"name": "twice"}, 409),
    ],
)
async def test_key_that_does_not_fit_is_refused(
    browser: httpx.AsyncClient, form: dict[str, str], status: int
) -> None:
    await browser.post("/keys", data={"name": "twice"})
    answer = await browser.post("/keys", data=form)
    assert answer.status_code == status
    assert not TOKEN.search(answer.text)


async def test_only_administrators_of_all_shelves_see_keys(
    app: FastAPI, browser: httpx.AsyncClient
) -> None:
    await call(app, "POST", "/api/v1/projects", json={"name": "books"})
    assert "/keys" in Page((await browser.get("/shelves")).text).addresses
    limits: list[dict[str, object]] = [
        {"scope": "write"},
        {"scope": "admin", "projects": ["books"]},
    ]
    for number, limit in enumerate(limits):
        other = await browser_with_key(app, name=str(number), **limit)
        assert "/keys" not in Page((await other.get("/shelves")).text).addresses
        assert (await other.get("/keys")).status_code == 403
        assert (await other.post("/keys", data={"name": "more"})).status_code == 403


def _texts(project: str | None = "handbooks") -> dict[str, str]:
    made = recipes("https://mirage.example.com", project, "mirage_…")
    return {recipe.key: recipe.text for recipe in made}


@pytest.mark.parametrize("name", ["claude-desktop", "vscode", "n8n"])
def test_recipe_is_the_one_of_the_documentation(name: str) -> None:
    documented = json.loads((EXAMPLES / f"{name}.json").read_text())
    assert json.loads(_texts()[name.replace("-", "_")]) == documented


def test_recipe_of_librechat_is_the_one_of_the_documentation() -> None:
    documented = yaml.safe_load((EXAMPLES / "librechat.yaml").read_text())
    assert yaml.safe_load(_texts()["librechat"]) == documented


def test_recipe_of_claude_code_is_the_one_of_the_documentation() -> None:
    page = (EXAMPLES.parent / "agents.md").read_text()
    assert f"`{_texts()['claude_code'].replace('mirage_…', '$MIRAGE_API_KEY')}`" in page


def test_key_for_all_shelves_gets_the_address_of_all() -> None:
    texts = _texts(None)
    assert "https://mirage.example.com/mcp --header" in texts["claude_code"]
    assert json.loads(texts["claude_desktop"])["mcpServers"]["mirage"]["args"] == ["mcp"]
