"""Debian's Chromium, and pages that complain of what no page may do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request, Response, sync_playwright

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# What Chromium writes for each answer of 400 or more; such answers are asked for.
_REFUSED = "Failed to load resource: the server responded with a status of 4"


def executable() -> str | None:
    """The browser of MIRAGE_TEST_CHROMIUM, or that on the PATH."""
    return os.environ.get("MIRAGE_TEST_CHROMIUM") or shutil.which("chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, while the block runs."""
    with sync_playwright() as playwright:
        # In a container there is no namespace for its sandbox, and /dev/shm may be small.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=executable(), args=arguments)
        yield browser
        browser.close()


class Visitor:
    """A browser's profile that is logged in, whose pages are watched."""

    def __init__(self, context: BrowserContext, origin: str, prefix: str = "") -> None:
        self.context = context
        self.base = f"{origin}{prefix}"
        self.page: Page = context.new_page()
        self.requests: list[Request] = []
        self.finished: list[Request] = []
        self.complaints: list[str] = []
        self._origin = origin
        self.watch(self.page)

    def watch(self, page: Page) -> None:
        """Note what a page loads and what it complains of."""
        page.on("console", lambda message: self._complain(message.text))
        page.on("pageerror", lambda error: self._complain(str(error)))
        page.on("request", self._note_request)
        page.on("requestfinished", self._note_finished)
        page.on("response", self._check_response)

    def open(self, path: str) -> Page:
        """Open an address of the page, and wait until everything is there."""
        self.requests.clear()
        self.finished.clear()
        self.page.goto(f"{self.base}{path}", wait_until="load")
        return self.page

    def log_in(self, key: str) -> None:
        """Log in as the address does that `mirage up` prints."""
        self.page.goto(f"{self.base}/login#key={key}")
        self.page.wait_for_selector("form[action$='/logout']")

    def bytes_loaded(self) -> dict[str, int]:
        """The bytes of all that the last page loaded, as they went over the wire, by address.

        A stream of events has not finished.
        """
        loaded = {}
        for request in self.finished:
            sizes: Any = request.sizes()
            loaded[request.url.removeprefix(self.base)] = sizes["responseBodySize"]
        return loaded

    def end(self) -> None:
        """Close the profile. Fails if a page did what none may do."""
        self.context.close()
        assert self.complaints == []

    def _complain(self, text: str) -> None:
        if not text.startswith(_REFUSED):
            self.complaints.append(text)

    def _note_request(self, request: Request) -> None:
        self.requests.append(request)
        if not request.url.startswith((f"{self._origin}/", "data:", "blob:")):
            self.complaints.append(f"it asks another site: {request.url}")

    def _note_finished(self, request: Request) -> None:
        self.finished.append(request)

    def _check_response(self, response: Response) -> None:
        path = urlsplit(response.url).path
        policy = response.headers.get("content-security-policy")
        if "/api/v1/" not in path and not path.endswith("/docs") and policy != POLICY:
            self.complaints.append(f"{response.status} {path} has the policy {policy}")
