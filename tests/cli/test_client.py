"""The way to the API: past the proxy or through it, over TLS, and what is said when it fails."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from mirage.cli.client import ApiRefused, ApiUnreachable, connect
from mirage.cli.proxies import find_proxy
from mirage.errors import ConfigError
from tests.certificates import make_authority

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@contextmanager
def _server(status: int, context: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[str]]]:
    """A server that answers with that status; gives its port and the lines it was sent."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.requestline)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_this_machine_is_reached_past_the_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with _server(200) as (port, asked), connect(f"http://{host}:{port}", "key") as client:
        assert client.get("/projects") == {}
    assert asked == ["GET /api/v1/projects HTTP/1.1"]


def test_other_machine_is_reached_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with _server(200) as (port, asked):
        monkeypatch.setenv("HTTP_PROXY", f"127.0.0.1:{port}")
        with connect("http://api.invalid", "key") as client:
            assert client.get("/projects") == {}
    assert asked == ["GET http://api.invalid/api/v1/projects HTTP/1.1"]


@pytest.mark.parametrize(
    ("url", "excepted"),
    [
        ("http://api.example.org", True),
        ("http://example.org", True),
        ("http://api.example.com", False),
        ("http://10.1.2.3:8000", True),
        ("http://10.2.2.3", False),
        ("http://[fd00::5]", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:8000", True),
        ("http://LOCALHOST", True),
        ("http://localhost.example.com", False),
    ],
)
def test_excepted_addresses_are_reached_directly(
    url: str, excepted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "example.org, 10.1.0.0/16,fd00::/8")
    assert (find_proxy(httpx.URL(url)) is None) is excepted


def test_proxy_that_is_away_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://user:hunter2@127.0.0.1:1")
    sentence = (
        r"cannot reach the API at http://api\.invalid.* proxy http://127\.0\.0\.1:1 \(ALL_PROXY\)"
    )
    with (
        connect("http://api.invalid", "key") as client,
        pytest.raises(ApiUnreachable, match=sentence) as caught,
    ):
        client.get("/projects")
    assert "hunter2" not in str(caught.value)


def test_answer_of_the_proxy_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with _server(407) as (port, _):
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
        with (
            connect("http://api.invalid", "key") as client,
            pytest.raises(ApiRefused, match=rf"407 .* proxy http://127\.0\.0\.1:{port} \(HTTP_"),
        ):
            client.get("/projects")


@pytest.mark.parametrize(
    ("proxy", "sentence"),
    [
        ("socks5://h:1080", "HTTPS_PROXY: SOCKS proxies are not supported"),
        ("socks4a://h:1080", "HTTPS_PROXY: SOCKS proxies are not supported"),
        ("ftp://h:1", "HTTPS_PROXY must have the form http://host:port"),
        ("http://h:port", "HTTPS_PROXY must have the form http://host:port"),
        ("http://", "HTTPS_PROXY must have the form http://host:port"),
    ],
)
def test_proxy_that_cannot_be_used_is_refused(
    proxy: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ConfigError, match=sentence), connect("https://api.invalid", "key"):
        pass
    with connect("https://localhost", "key"):
        pass


def test_private_authority_is_trusted_by_the_standard_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = make_authority(tmp_path / "ca")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("api", "DNS:localhost"))
    with _server(200, context) as (port, _):
        with (
            connect(f"https://localhost:{port}", "key") as client,
            pytest.raises(ApiUnreachable, match="its TLS certificate is not trusted"),
        ):
            client.get("/projects")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
        with connect(f"https://localhost:{port}", "key") as client:
            assert client.get("/projects") == {}


def test_file_without_certificates_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.crt").write_text("no PEM")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.crt"))
    with (
        pytest.raises(ConfigError, match="SSL_CERT_FILE: the file contains no certificates"),
        connect("https://localhost", "key"),
    ):
        pass
