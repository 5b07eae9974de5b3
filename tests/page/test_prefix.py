"""Below a prefix behind nginx, whether it takes the prefix off or leaves it."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.embedded.test_up import free_port
from tests.page import library
from tests.page.chromium import Visitor
from tests.page.site import Site
from tests.page.test_reader import boxes, link_to, marked

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None, reason="there is no nginx on the PATH"
)

PREFIX = "/mirage"
_CONFIG = """
daemon off;
pid {folder}/pid;
error_log stderr;
events {{}}
http {{
  access_log off;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  proxy_buffering off;
  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  server {{
    listen 127.0.0.1:{strips};
    location {prefix}/ {{ proxy_pass http://127.0.0.1:{port}/; }}
  }}
  server {{
    listen 127.0.0.1:{keeps};
    location {prefix}/ {{ proxy_pass http://127.0.0.1:{port}; }}
  }}
}}
"""


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site that is served below the prefix, with one shelf."""
    site = Site(PREFIX)
    try:
        site.start()
        for name, content in library.documents(tmp_path_factory.mktemp("documents")):
            if name in ("guide.pdf", "note.txt"):
                site.add(library.SHELF, name, content)
        site.documents(library.SHELF)
        yield site
    finally:
        site.end()


@pytest.fixture(scope="module")
def proxies(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The addresses of a proxy that strips the prefix, and of one that keeps it."""
    folder = tmp_path_factory.mktemp("nginx")
    ports = {"strips": free_port(), "keeps": free_port()}
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, prefix=PREFIX, port=site.port, **ports))
    nginx = subprocess.Popen(["nginx", "-c", config, "-e", "stderr"])
    yield {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    nginx.terminate()
    nginx.wait(timeout=30)


@pytest.mark.parametrize("way", ["strips", "keeps"])
def test_every_step_works_below_a_prefix(
    browser: Browser, site: Site, proxies: dict[str, str], way: str, tmp_path: Path
) -> None:
    visitor = Visitor(browser.new_context(locale="en"), proxies[way], PREFIX)
    visitor.log_in(site.key)
    page = visitor.open("/shelves")
    page.click("h2 a")
    page.fill("#q", "how long may the pump run dry")
    page.press("#q", "Enter")
    page.wait_for_selector(".hits")
    page.click(".hits h2 a >> nth=0")
    page.wait_for_selector("#here")
    assert marked(visitor)
    passage = site.passages(library.SHELF, "guide.pdf")[0]
    visitor.open(link_to(passage))
    assert boxes(visitor)
    page = visitor.open(f"/p/{library.SHELF}/library")
    sent = tmp_path / f"sent-{way}.txt"
    sent.write_text(f"A note that was sent through a proxy that {way} the prefix.")
    page.set_input_files("input[type=file] >> nth=0", sent)
    page.wait_for_selector(f"tr:has-text('{sent.name}') .ready", timeout=60_000)
    page.click("footer >> text=Русский")
    assert page.get_attribute("html", "lang") == "ru"
    page.click("form[action$='/logout'] button")
    page.wait_for_selector("#key")
    assert all(request.url.startswith(f"{proxies[way]}{PREFIX}/") for request in visitor.requests)
    visitor.end()
