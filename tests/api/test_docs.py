"""The page that describes the API."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import httpx
import pytest

from mirage.api.http.docs import render


class Page(HTMLParser):
    """Tags and addresses of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: set[str] = set()
        self.ids: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"href", "src"}:
                self.addresses.add(value or "")
            if name == "id":
                self.ids.add(value or "")


async def test_page_needs_no_script_and_nothing_of_others(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs", headers={"X-API-Key": ""})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = Page(answer.text)
    assert page.tags & {"script", "link", "img", "iframe", "form", "base"} == set()
    assert page.attributes & {"style", "onclick", "onload"} == set()
    elsewhere = {address for address in page.addresses if not address.startswith("#")}
    assert elsewhere == {"openapi.json"}  # Relative: right under any prefix.
    assert {address[1:] for address in page.addresses - elsewhere} <= page.ids


async def test_policy_allows_the_style_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.get("/docs")
    style = re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert answer.headers["content-security-policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_page_has_every_route_with_its_errors(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    page = (await client.get("/docs")).text
    for path, item in described["paths"].items():
        for method in item:
            assert f"<b>{method.upper()}</b> <code>{path}</code>" in page
    assert "<code>upload-too-large</code>" in page
    assert "Needs a key of scope <code>write</code>." in page


@pytest.mark.parametrize("address", ["/redoc", "/behind/a/prefix/redoc"])
async def test_other_page_leads_to_it_under_any_prefix(
    client: httpx.AsyncClient, address: str
) -> None:
    answer = await client.get("/redoc")
    assert answer.status_code == 308
    target = httpx.URL(f"https://host{address}").join(answer.headers["location"])
    assert target == f"https://host{address.removesuffix('redoc')}docs"


def test_text_of_a_description_is_no_markup() -> None:
    evil = "<script>alert(1)</script>"
    html = render(
        {
            "info": {"title": evil, "version": evil, "summary": evil},
            "paths": {
                f"/{evil}": {
                    "get": {
                        "summary": evil,
                        "description": evil,
                        "tags": [evil],
                        "parameters": [
                            {"name": evil, "in": evil, "schema": {"type": evil, "default": evil}}
                        ],
                        "responses": {evil: {"content": {evil: {"example": {evil: evil}}}}},
                    }
                }
            },
            "components": {"schemas": {evil: {"properties": {evil: {"enum": [evil]}}}}},
        }
    )
    assert "script" not in Page(html).tags
    assert "&lt;script&gt;" in html
