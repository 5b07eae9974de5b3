"""A click on a citation leads to its letters: on the page of a PDF, and in any other text."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mirage.citing import mark_of
from tests.page import library
from tests.page.chromium import Visitor
from tests.page.conftest import Open
from tests.page.poppler import Box, letters, letters_inside, needs_poppler, read_words
from tests.page.site import Site

_AGREEMENT = 0.99
_PASSAGES = 8
"""Passages of each PDF that are opened."""

# Where the browser shows them, in points of the page.
_BOXES = """() => {
  const picture = document.querySelector(".sheet img"), sheet = picture.getBoundingClientRect();
  const page = document.querySelector(".sheet svg").viewBox.baseVal;
  const x = page.width / sheet.width, y = page.height / sheet.height;
  return [...document.querySelectorAll(".sheet rect")].map((rect) => {
    const box = rect.getBoundingClientRect();
    return [(box.left - sheet.left) * x, (box.top - sheet.top) * y,
      (box.right - sheet.left) * x, (box.bottom - sheet.top) * y];
  });
}"""
_IN_VIEW = """() => {
  const box = document.getElementById("here").getClientRects()[0];
  return box.top >= 0 && box.bottom <= innerHeight;
}"""


def link_to(passage: dict[str, Any]) -> str:
    """The address of a passage of a search."""
    span = f"{passage['start']}-{passage['end']}.{mark_of(passage['text'])}"
    return f"/d/{passage['document']['id']}?at={span}"


def marked(visitor: Visitor) -> str:
    """The text that is marked; empty if there is no mark."""
    text: str = visitor.page.evaluate("() => document.getElementById('here')?.textContent ?? ''")
    return text


def boxes(visitor: Visitor) -> list[Box]:
    """The boxes over the picture, once it is there."""
    assert visitor.page.evaluate("() => document.querySelector('.sheet img').naturalWidth") > 100
    return [(a, b, c, d) for a, b, c, d in visitor.page.evaluate(_BOXES)]


@pytest.fixture
def originals(tmp_path: Path) -> dict[str, Path]:
    """The PDFs of the shelf as files."""
    paths = {}
    for name, content in library.documents(tmp_path):
        if name in library.MARKED_PDFS:
            paths[name] = tmp_path / f"of {name}"
            paths[name].write_bytes(content)
    return paths


@needs_poppler
@pytest.mark.parametrize("name", library.MARKED_PDFS)
def test_boxes_lie_on_the_letters_of_the_passage(
    site: Site, visit: Open, originals: dict[str, Path], name: str
) -> None:
    words = read_words(originals[name])
    passages = site.passages(library.SHELF, name)
    assert passages
    visitor = visit()
    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    some = random.Random(15).sample(passages, min(_PASSAGES, len(passages)))  # noqa: S311
    for passage in some:
        text = ""
        for page in range(passage["page_number"], passage["last_page_number"] + 1):
            visitor.open(f"{link_to(passage)}&page={page}")
            text += marked(visitor)
            wanted += letters(marked(visitor))
            found += letters_inside(words[page - 1], boxes(visitor))
        assert "".join(text.split()) == "".join(passage["text"].split())
    both = (wanted & found).total()
    assert both >= _AGREEMENT * wanted.total(), f"of {wanted.total()} letters {both} are in boxes"
    assert both >= _AGREEMENT * found.total(), f"of {found.total()} in boxes {both} are wanted"


def test_passage_over_two_pages_is_marked_on_both(site: Site, visit: Open) -> None:
    over = [
        passage
        for passage in site.passages(library.SHELF, "guide.pdf")
        if passage["page_number"] < passage["last_page_number"]
    ]
    visitor = visit()
    page = visitor.open(link_to(over[0]))
    first, count = marked(visitor), len(boxes(visitor))
    page.click("text=The passage goes on")
    page.wait_for_load_state("load")
    assert first + "\n\n" + marked(visitor) == over[0]["text"]
    assert count
    assert boxes(visitor)
    assert "The passage begins before this" in page.inner_text("main")


@pytest.mark.parametrize("name", library.TEXTS)
def test_mark_of_a_text_is_the_passage_and_in_view(site: Site, visit: Open, name: str) -> None:
    passages = site.passages(library.SHELF, name)
    assert passages
    visitor = visit(viewport={"width": 1280, "height": 700})
    for passage in passages[:4]:
        visitor.open(link_to(passage))
        assert marked(visitor) == passage["text"]
        assert visitor.page.evaluate(_IN_VIEW)


def test_passage_is_in_view_on_a_phone_and_without_scripts(site: Site, visit: Open) -> None:
    passage = site.passages(library.SHELF, "guide.pdf")[-1]
    for options in ({"viewport": {"width": 390, "height": 780}}, {"java_script_enabled": False}):
        visitor = visit(**options)
        page = visitor.open(link_to(passage))
        assert page.locator("#here").evaluate("(mark) => mark === document.activeElement")
        assert visitor.page.evaluate(_IN_VIEW)


def test_copied_link_opens_the_same_mark_in_another_browser(site: Site, visit: Open) -> None:
    passage = site.passages(library.SHELF, "guide.pdf")[0]
    visitor = visit(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.open(link_to(passage))
    page.click("text=Copy citation")
    page.wait_for_selector("text=Copied")
    citation = page.evaluate("() => navigator.clipboard.readText()")
    assert citation.splitlines()[0].startswith(f"guide.pdf, page {passage['page_number']}")
    assert citation.splitlines()[1] == f"{site.origin}{link_to(passage)}"
    page.click("text=Copy link")
    page.wait_for_selector("text=Copied")
    link = page.evaluate("() => navigator.clipboard.readText()")
    stranger = visit(storage_state=None)
    stranger.page.goto(link)
    stranger.page.fill("#key", site.key)
    stranger.page.press("#key", "Enter")
    stranger.page.wait_for_selector("#here")
    assert marked(stranger) == marked(visitor) != ""
    assert len(boxes(stranger)) == len(boxes(visitor))


def test_renamed_and_reindexed_document_has_the_same_mark(site: Site, visit: Open) -> None:
    passage = site.passages(library.SHELF, "note.txt")[0]
    path = f"/projects/{library.SHELF}/documents/{passage['document']['id']}"
    with site.api as api:
        assert api.patch(path, json={"name": "renamed.txt"}).status_code == 200
        assert api.post(f"{path}/reindex").is_success
    visitor = visit()
    try:
        assert site.documents(library.SHELF)["renamed.txt"]["status"] == "ready"
        page = visitor.open(link_to(passage))
        assert page.inner_text("h1") == "renamed.txt"
        assert marked(visitor) == passage["text"]
    finally:
        with site.api as api:
            api.patch(path, json={"name": "note.txt"})


def test_other_text_at_the_place_is_not_marked(site: Site, visit: Open) -> None:
    passage = site.passages(library.SHELF, "guide.pdf")[0]
    visitor = visit()
    page = visitor.open(link_to(passage)[:-4] + "aaaa")
    assert page.locator("mark").count() == page.locator("rect").count() == 0
    assert "so nothing is marked" in page.inner_text("[role=status]")
    start, end = passage["start"], passage["end"]
    mark = mark_of(passage["text"])
    page = visitor.open(f"/d/{passage['document']['id']}?at={start + 9}-{end + 9}.{mark}")
    assert "The text has moved" in page.inner_text("[role=status]")
    assert marked(visitor) in passage["text"]
    assert boxes(visitor)


def test_arrows_turn_the_pages_and_the_outline_leads_to_headings(
    visit: Open, documents: dict[str, str]
) -> None:
    visitor = visit()
    page = visitor.open(f"/d/{documents['guide.pdf']}")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("text=page 2 of 3")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("text=page 1 of 3")
    page.fill("#page", "3")
    page.press("#page", "Enter")
    page.wait_for_selector("text=page 3 of 3")
    page = visitor.open(f"/d/{documents['насосы.md']}")
    page.click(".outline >> text=Уход")
    page.wait_for_url("**#s*")
    assert page.evaluate("() => document.querySelector(':target').textContent") == "## Уход"


def test_search_in_this_document_finds_only_in_it(visit: Open, documents: dict[str, str]) -> None:
    visitor = visit()
    page = visitor.open(f"/d/{documents['guide.pdf']}")
    page.fill("#find", "shaft seal")
    page.press("#find", "Enter")
    page.wait_for_selector(".hits")
    assert set(page.locator(".hits h2").all_inner_texts()) == {"guide.pdf"}
    page.click(".hits h2 a >> nth=0")
    page.wait_for_selector("#here")
    assert marked(visitor)
