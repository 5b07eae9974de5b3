"""What holds for every page: no barrier, no scrolling sideways, no other site, little weight."""

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

from tests.page import library
from tests.page.chromium import Visitor
from tests.page.conftest import Open
from tests.page.site import Site
from tests.page.test_reader import link_to

_AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
_KIB = 1024

PAGES = (
    "login", "shelves", "delete_shelf", "search", "nothing_found", "library", "document",
    "reader_page", "reader_text", "reader_moved", "missing", "status", "keys",
)  # fmt: skip


@pytest.fixture(scope="session")
def addresses(site: Site, documents: dict[str, str]) -> dict[str, str]:
    """The address of each page and state, by name."""
    guide = site.passages(library.SHELF, "guide.pdf")[0]
    text = site.passages(library.SHELF, "page.html")[0]
    found = {
        "login": "/login?next=%2Fx",
        "shelves": "/shelves",
        "delete_shelf": f"/p/{library.HOSTILE}/delete",
        "search": f"/p/{library.SHELF}?q=how+long+may+the+pump+run+dry",
        "nothing_found": f"/p/{library.SHELF}?q=pump&document=nothing*",
        "library": f"/p/{library.SHELF}/library",
        "document": f"/p/{library.SHELF}/d/{documents['guide.pdf']}",
        "reader_page": link_to(guide),
        "reader_text": link_to(text),
        "reader_moved": link_to(guide)[:-4] + "aaaa",
        "status": "/status",
        "keys": "/keys",
        "missing": "/d/00000000-0000-0000-0000-000000000000",
    }
    assert set(found) == set(PAGES)
    return found


def violations(visitor: Visitor) -> list[Any]:
    """What axe-core finds on the page, with the elements."""
    visitor.page.evaluate(_AXE)
    result = visitor.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", _RULES)
    assert len(result["passes"]) > 10
    return [
        (found["id"], [node["html"] for node in found["nodes"]]) for found in result["violations"]
    ]


@pytest.mark.parametrize("locale", ["en", "ru"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_barrier(
    visit: Open, addresses: dict[str, str], theme: str, locale: str
) -> None:
    visitor = visit(color_scheme=theme, locale=locale)
    found = {}
    for name, address in addresses.items():
        page = visitor.open(address)
        assert page.get_attribute("html", "lang") == locale
        if wrong := violations(visitor):
            found[name] = wrong
    assert found == {}


def test_no_page_scrolls_sideways_on_a_phone_or_with_large_text(
    visit: Open, addresses: dict[str, str]
) -> None:
    phone = {"width": 390, "height": 780}
    visitor = visit(viewport=phone, is_mobile=True, has_touch=True, device_scale_factor=2)
    # Text of 200 % on a screen of 780 points is a screen of 390.
    for name, address in addresses.items():
        page = visitor.open(address)
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
        small = page.evaluate(
            """() => [...document.querySelectorAll("a, button, input, select, summary")]
              .filter((e) => e.checkVisibility() && getComputedStyle(e).display !== "inline")
              .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
              .filter(([_, box]) => box.width > 2 && Math.min(box.width, box.height) < 24)
              .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
        )
        assert small == [], name


@pytest.mark.parametrize("name", PAGES)
def test_page_is_light(visit: Open, addresses: dict[str, str], name: str) -> None:
    visitor = visit()
    visitor.open(addresses[name])
    loaded = visitor.bytes_loaded()
    assert len(visitor.requests) <= 8
    most = 250 if name.startswith("reader") else 30 if name == "search" else 60
    assert sum(loaded.values()) <= most * _KIB, loaded


def test_reader_of_a_real_page_is_light(site: Site, visit: Open, documents: dict[str, str]) -> None:
    if not library.HAS_REAL:
        pytest.skip("MIRAGE_TEST_DATA names no folder of real documents")
    visitor = visit(device_scale_factor=2)
    visitor.open(link_to(site.passages(library.SHELF, "tracemonkey.pdf")[0]))
    loaded = visitor.bytes_loaded()
    assert any("/image?width=1400" in address for address in loaded)
    assert sum(loaded.values()) <= 250 * _KIB, loaded


def test_everything_is_reached_by_the_keyboard(
    visit: Open, addresses: dict[str, str], site: Site
) -> None:
    visitor = visit()
    page = visitor.open(addresses["shelves"])
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to content"
    page = visitor.open(addresses["library"])
    page.keyboard.press("/")
    page.keyboard.type("how long may the pump run dry")
    page.keyboard.press("Enter")
    page.wait_for_selector(".hits")
    page.locator("main").focus()
    page.keyboard.press("j")
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#here")
    assert page.evaluate("() => document.activeElement.id") == "here"


def test_everything_works_without_scripts(site: Site, visit: Open) -> None:
    visitor = visit(java_script_enabled=False, storage_state=None)
    page = visitor.open(f"/p/{library.SHELF}?q=pump")
    page.fill("#key", site.key)
    page.click("main button")
    page.wait_for_selector(".hits")
    page.click(".hits h2 a >> nth=0")
    page.wait_for_selector("#here")
    page.fill("#find", "valve")
    page.click(".find button")
    page.wait_for_selector(".hits")
    assert page.locator("text=Copy citation >> visible=true").count() == 0
