"""Who comes in: by the address that is printed, by a key, and what each key sees."""

import re

from tests.page import library
from tests.page.conftest import Open
from tests.page.site import Site


def test_printed_address_logs_in_and_the_key_stays_secret(site: Site, visit: Open) -> None:
    (address,) = set(re.findall(r"\S+/login#key=\S+", site.log.read_text()))
    visitor = visit(storage_state=None)
    page = visitor.page
    page.goto(address)
    page.wait_for_selector("form[action$='/logout']")
    assert page.evaluate("() => document.cookie") == ""
    assert site.key not in page.url
    assert all(site.key not in request.url for request in visitor.requests)
    page.go_back()
    assert site.key not in page.url
    # Besides the lines for the person who started it, no line of the log has it.
    said = site.log.read_text()
    assert not [line for line in said.splitlines() if site.key in line and "GET" in line]


def test_key_for_one_shelf_sees_no_other(site: Site, visit: Open) -> None:
    with site.api as api:
        wanted = {"name": "one shelf", "scope": "read", "projects": [library.HOSTILE]}
        key = api.post("/keys", json=wanted).json()
    visitor = visit(storage_state=None)
    visitor.log_in(key["token"])
    for path in ("/shelves", f"/p/{library.HOSTILE}/library"):
        page = visitor.open(path)
        assert library.SHELF not in page.inner_text("body").split()
        assert page.locator("main form[method=post], input[type=file]").count() == 0
    assert "no such shelf" in visitor.open(f"/p/{library.SHELF}").inner_text("main")
    with site.api as api:
        api.delete(f"/keys/{key['id']}")
    page = visitor.open(f"/p/{library.HOSTILE}?q=pump")
    page.fill("#key", site.key)
    page.press("#key", "Enter")
    page.wait_for_selector(".hits")
    assert page.url == f"{site.origin}/p/{library.HOSTILE}?q=pump"


def test_ends_of_a_search_are_in_the_address(site: Site, visit: Open) -> None:
    visitor = visit()
    page = visitor.open(f"/p/{library.SHELF}")
    page.fill("#q", "how long may the pump run dry")
    page.press("#q", "Enter")
    page.wait_for_selector(".hits")
    first = page.locator(".hits h2").all_inner_texts()
    page.fill("#q", "насосы")
    page.press("#q", "Enter")
    page.wait_for_url("**q=%D0*")
    # A word is marked in all its forms.
    assert page.locator(".hits mark").first.inner_text().casefold().startswith("насос")
    page.go_back()
    assert page.input_value("#q") == "how long may the pump run dry"
    assert page.locator(".hits h2").all_inner_texts() == first
    page.go_forward()
    assert page.input_value("#q") == "насосы"


def test_filter_that_leaves_nothing_is_taken_off_by_its_cross(site: Site, visit: Open) -> None:
    visitor = visit()
    page = visitor.open(f"/p/{library.SHELF}?q=pump&document=nothing*")
    assert page.locator(".hits").count() == 0
    page.click(".chips a")
    page.wait_for_selector(".hits")
    assert "document" not in page.url
