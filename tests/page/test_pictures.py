"""Pictures of the pages for docs/images, and what an agent's citation looks like."""

import io
import re
from pathlib import Path

import httpx
import pytest
from PIL import Image

from tests.page import library
from tests.page.conftest import Open
from tests.page.site import Site
from tests.page.test_reader import link_to, marked

_ASKED = "how+long+may+the+pump+run+dry"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("light", {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}}),
        ("dark", {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}}),
        ("phone", {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 2}),
        ("russian", {"locale": "ru", "viewport": {"width": 1280, "height": 800}}),
    ],
)
def test_every_page_is_pictured(
    site: Site,
    visit: Open,
    documents: dict[str, str],
    pictures: Path,
    name: str,
    options: dict[str, object],
) -> None:
    guide = link_to(site.passages(library.SHELF, "guide.pdf")[0])
    visitor = visit(**options)
    for shown, address in {
        "shelves": "/shelves",
        "search": f"/p/{library.SHELF}?q={_ASKED}",
        "nothing": f"/p/{library.SHELF}?q=pump&document=nothing*",
        "library": f"/p/{library.SHELF}/library",
        "document": f"/p/{library.SHELF}/d/{documents['guide.pdf']}",
        "status": "/status",
        "keys": "/keys",
        "reader": guide,
        "reader-text": link_to(site.passages(library.SHELF, "page.html")[0]),
        "reader-changed": guide[:-4] + "aaaa",
    }.items():
        page = visitor.open(address)
        picture = Image.open(io.BytesIO(page.screenshot()))
        assert len(picture.convert("L").getcolors() or ()) > 20, shown
        picture.save(pictures / f"{shown}-{name}.webp", quality=80)


def test_every_citation_of_an_agent_opens_with_its_mark(site: Site, visit: Open) -> None:
    asked = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "search", "arguments": {"query": "the pump", "limit": 8}},
    }
    headers = {"X-API-Key": site.key, "Accept": "application/json, text/event-stream"}
    answer = httpx.post(
        f"{site.origin}/mcp/{library.SHELF}", json=asked, headers=headers, timeout=120
    )
    said = answer.json()["result"]["content"][0]["text"]
    links = re.findall(rf"\]\({site.origin}(/d/[^)]+)\)", said)
    texts = re.findall(r"<<<\n(.*?)\n>>>", said, re.DOTALL)
    assert len(links) == len(texts) >= 3
    visitor = visit()
    for link, text in zip(links, texts, strict=True):
        page = visitor.open(link)
        shown = marked(visitor)
        assert shown
        assert text.startswith(shown)
        while (following := page.locator("text=The passage goes on")).count():
            following.click()
            page.wait_for_load_state("load")
            shown += f"\n\n{marked(visitor)}"
        assert shown == text
