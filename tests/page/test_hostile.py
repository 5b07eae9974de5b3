"""Nothing that came out of a document runs, and nothing hurts the program."""

import pytest

from tests.page import library
from tests.page.chromium import Visitor
from tests.page.conftest import Open
from tests.page.site import Site
from tests.page.test_reader import boxes, link_to, marked


@pytest.mark.parametrize("name", ["script.html", "script.md", "title.pdf"])
def test_code_in_a_document_is_shown_as_text(
    site: Site, visit: Open, documents: dict[str, str], name: str
) -> None:
    visitor = visit()
    passage = site.passages(library.HOSTILE, name)[0]
    for path in (
        link_to(passage),
        f"/p/{library.HOSTILE}?q=pumps",
        f"/p/{library.HOSTILE}/library",
        f"/p/{library.HOSTILE}/d/{documents[name]}",
    ):
        page = visitor.open(path)
        assert "owned" not in page.title()
        assert page.locator("main script, main img:not(.sheet img)").count() == 0
    visitor.open(link_to(passage))
    assert marked(visitor) == passage["text"]


def test_name_of_a_document_is_shown_as_text(visit: Open, documents: dict[str, str]) -> None:
    (name,) = (name for name in documents if "onerror" in name)
    page = visit().open(f"/d/{documents[name]}")
    assert page.inner_text("h1") == name
    assert page.locator("img").count() == 0


def test_huge_page_is_shown_small(site: Site, visit: Open, documents: dict[str, str]) -> None:
    visitor = visit()
    visitor.open(link_to(site.passages(library.HOSTILE, "huge.pdf")[0]))
    assert len(boxes(visitor)) >= 1
    assert _width(visitor) <= 1400


def test_page_that_takes_hours_to_draw_is_given_up(
    site: Site, visit: Open, documents: dict[str, str]
) -> None:
    visitor = visit()
    before = site.resident_bytes()
    page = visitor.open(link_to(site.passages(library.HOSTILE, "bomb.pdf")[0]))
    page.wait_for_selector("text=The picture of this page cannot be shown", timeout=60_000)
    assert marked(visitor) == "A page as large as a house."
    assert site.resident_bytes() - before < 16 * 1024 * 1024
    visitor.open(link_to(site.passages(library.HOSTILE, "huge.pdf")[0]))
    assert boxes(visitor)


def test_original_of_a_document_is_never_opened(site: Site, documents: dict[str, str]) -> None:
    with site.api as api:
        for name in ("script.html", "title.pdf"):
            path = f"/projects/{library.HOSTILE}/documents/{documents[name]}/file"
            answer = api.get(path)
            assert answer.status_code == 200, path
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"


def _width(visitor: Visitor) -> int:
    width: int = visitor.page.evaluate("() => document.querySelector('.sheet img').naturalWidth")
    return width
