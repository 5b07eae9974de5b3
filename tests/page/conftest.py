"""A browser, and a site with documents, for all tests of the page."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, StorageState

from tests.page import library
from tests.page.chromium import Visitor, chromium, executable
from tests.page.site import Site

Open = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without it the tests are skipped."""
    if executable() is None:
        pytest.skip("there is no chromium on the PATH, and MIRAGE_TEST_CHROMIUM names none")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with two shelves whose documents are ready."""
    site = Site()
    try:
        site.start()
        folder = tmp_path_factory.mktemp("documents")
        for name, content in library.documents(folder):
            site.add(library.SHELF, name, content)
        for name, content in library.hostile_documents(folder):
            site.add(library.HOSTILE, name, content)
        for project in (library.SHELF, library.HOSTILE):
            for document in site.documents(project).values():
                assert document["status"] == "ready", document
        yield site
    finally:
        site.end()


@pytest.fixture(scope="session")
def documents(site: Site) -> dict[str, str]:
    """The ids of the documents of both shelves by name."""
    return {
        name: document["id"]
        for project in (library.SHELF, library.HOSTILE)
        for name, document in site.documents(project).items()
    }


@pytest.fixture(scope="session")
def session(browser: Browser, site: Site) -> StorageState:
    """The cookie of somebody who has logged in."""
    context = browser.new_context()
    visitor = Visitor(context, site.origin)
    visitor.log_in(site.key)
    state = context.storage_state()
    visitor.end()
    return state


@pytest.fixture
def visit(browser: Browser, site: Site, session: StorageState) -> Iterator[Open]:
    """Opens profiles that are logged in; at the end no page may have complained."""
    visitors: list[Visitor] = []

    def open_profile(**options: Any) -> Visitor:
        context = browser.new_context(**{"storage_state": session, **options})
        visitors.append(Visitor(context, site.origin))
        return visitors[-1]

    yield open_profile
    for visitor in visitors:
        visitor.end()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pictures: MIRAGE_TEST_PICTURES, or a temporary one."""
    named = os.environ.get("MIRAGE_TEST_PICTURES")
    if named:
        Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named) if named else tmp_path_factory.mktemp("pictures")
