"""How an embedding server is reached: over TLS under a private authority, and through a proxy."""

import asyncio
import base64
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

from mirage.config import Embedding, Ollama
from mirage.embed.pull import pull_model
from mirage.embed.route import CertificateRefused, ProxyRefused
from mirage.embed.server import Server
from mirage.errors import ConfigError, EmbedderUnavailable
from mirage.settings import load_settings
from tests.certificates import Authority, make_authority

_ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n{"ok":true}'
_REFUSAL = b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_DEADLINE_SECONDS = 20.0

_Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A private authority."""
    return make_authority(tmp_path_factory.mktemp("tls") / "ca")


@asynccontextmanager
async def _listening(
    handler: _Handler, context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    tasks: list[asyncio.Task[None] | None] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.append(asyncio.current_task())
        with closing(writer), suppress(OSError, asyncio.IncompleteReadError):
            await handler(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    # A handler ends once its client has gone.
    await asyncio.wait_for(asyncio.gather(*filter(None, tasks)), _DEADLINE_SECONDS)


@asynccontextmanager
async def _https(
    authority: Authority, name: str = "DNS:localhost", *, expired: bool = False
) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.sign("server", name, expired=expired))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_ANSWER)
        await writer.drain()

    async with _listening(answer, context) as port:
        yield port


class _Proxy:
    """Answers for every plain address, and connects to TLS ones; keeps the heads it was sent."""

    def __init__(self, credentials: str = "") -> None:
        self.heads: list[str] = []
        self._wanted = base64.b64encode(credentials.encode()).decode()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        if self._wanted and f"Basic {self._wanted}" not in head:
            writer.write(_REFUSAL)
        elif head.startswith("CONNECT "):
            host, port = head.split()[1].split(":")
            there, back = await asyncio.open_connection(host, int(port))
            writer.write(b"HTTP/1.1 200 Go\r\n\r\n")
            with closing(back):
                await asyncio.gather(_copy(reader, back), _copy(there, writer))
        else:
            writer.write(_ANSWER)
        await writer.drain()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()


async def _ask(url: str, embedding: Embedding) -> object:
    server = Server("Ollama", url, 20.0, setting="MIRAGE_OLLAMA_URL", embedding=embedding)
    try:
        return await server.get("/api/tags", max_bytes=100)
    finally:
        await server.aclose()


async def test_private_authority_is_trusted_by_the_setting(authority: Authority) -> None:
    async with _https(authority) as port:
        embedding = Embedding(ca_file=authority.certificate)
        assert await _ask(f"https://localhost:{port}", embedding) == {"ok": True}


async def test_private_authority_of_one_embedder_is_not_trusted_by_another(
    authority: Authority,
) -> None:
    async with _https(authority) as port:
        for embedding in (Embedding(), Embedding(ca_file=authority.certificate), Embedding()):
            trusted = embedding.ca_file is not None
            refusal = nullcontext() if trusted else pytest.raises(CertificateRefused)
            with refusal:
                await _ask(f"https://localhost:{port}", embedding)


async def test_private_authority_is_trusted_by_the_standard_variable(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    async with _https(authority) as port:
        assert await _ask(f"https://localhost:{port}", Embedding()) == {"ok": True}


@pytest.mark.parametrize(
    ("trusted", "name", "expired", "sentence"),
    [
        (False, "DNS:localhost", False, "its TLS certificate is not trusted: "),
        (True, "DNS:localhost", True, "its TLS certificate has expired"),
        (True, "DNS:elsewhere", False, "its TLS certificate is for another name: .*localhost"),
    ],
)
@pytest.mark.slow
async def test_refused_certificate_is_named_with_its_cause(
    authority: Authority, trusted: bool, name: str, expired: bool, sentence: str
) -> None:
    embedding = Embedding(ca_file=authority.certificate if trusted else None)
    async with _https(authority, name, expired=expired) as port:
        with pytest.raises(CertificateRefused, match=rf"Ollama cannot be reached \({sentence}"):
            await _ask(f"https://localhost:{port}", embedding)


async def test_pull_names_the_cause_and_goes_on(
    authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with _https(authority) as port, asyncio.timeout(_DEADLINE_SECONDS):
        pulling = asyncio.create_task(
            pull_model(Ollama(url=f"https://localhost:{port}"), Embedding())
        )
        while "its TLS certificate is not trusted" not in caplog.text:
            assert not pulling.done()
            await asyncio.sleep(0.01)
        pulling.cancel()


@pytest.mark.parametrize("text", [None, "no PEM"])
async def test_file_that_is_no_authority_ends_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    file = tmp_path / "ca.crt"
    if text:
        file.write_text(text)
    why = "the file contains no certificates" if text else "the file cannot be read: No such file"
    with pytest.raises(ConfigError, match=f"MIRAGE_EMBEDDING_CA_FILE: .*{why}"):
        await _ask("https://localhost", Embedding(ca_file=file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with pytest.raises(ConfigError, match=f"SSL_CERT_FILE: {why}"):
        await _ask("https://localhost", Embedding())


async def test_proxy_is_asked_for_a_plain_address() -> None:
    proxy = _Proxy("user:p@ss:word")
    async with _listening(proxy) as port:
        embedding = Embedding(
            proxy=f"http://127.0.0.1:{port}", proxy_auth=SecretStr("user:p@ss:word")
        )
        assert await _ask("http://ollama.invalid", embedding) == {"ok": True}
    assert proxy.heads[0].startswith("GET http://ollama.invalid/api/tags ")


async def test_proxy_connects_to_a_tls_address(authority: Authority) -> None:
    proxy = _Proxy("user:word")
    async with _https(authority) as server, _listening(proxy) as port:
        embedding = Embedding(
            ca_file=authority.certificate,
            proxy=f"http://127.0.0.1:{port}",
            proxy_auth=SecretStr("user:word\n"),
        )
        assert await _ask(f"https://localhost:{server}", embedding) == {"ok": True}
    assert proxy.heads[0].startswith(f"CONNECT localhost:{server} ")


@pytest.mark.parametrize("url", ["http://ollama.invalid", "https://ollama.invalid"])
async def test_proxy_that_wants_credentials_is_named(url: str) -> None:
    async with _listening(_Proxy("user:word")) as port:
        embedding = Embedding(
            proxy=f"http://127.0.0.1:{port}", proxy_auth=SecretStr("user:hunter2")
        )
        with pytest.raises(ProxyRefused, match=f"the proxy http://127.0.0.1:{port}.*407") as caught:
            await _ask(url, embedding)
    assert "hunter2" not in str(caught.value)


async def test_proxy_that_is_away_is_named() -> None:
    embedding = Embedding(proxy="http://127.0.0.1:1")
    with pytest.raises(EmbedderUnavailable, match=r"through the proxy http://127\.0\.0\.1:1 "):
        await _ask("http://ollama.invalid", embedding)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PROXY", "socks5://p:1080", "MIRAGE_EMBEDDING_PROXY: SOCKS proxies are not supported"),
        ("PROXY", "http://u:hunter2@p:1", "credentials belong in MIRAGE_EMBEDDING_PROXY_AUTH"),
        ("PROXY", "proxy:3128", "MIRAGE_EMBEDDING_PROXY: must be an address"),
        ("PROXY_AUTH", "hunter2", "MIRAGE_EMBEDDING_PROXY_AUTH: must be of the form user:password"),
        ("PROXY_AUTH", "u:hunter2\nx", "MIRAGE_EMBEDDING_PROXY_AUTH: must be of the form"),
    ],
)
def test_proxy_that_cannot_be_used_is_refused(
    variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"MIRAGE_EMBEDDING_{variable}", value)
    with pytest.raises(ConfigError, match=sentence) as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)


async def test_proxy_with_an_impossible_port_ends_the_start() -> None:
    with pytest.raises(ConfigError, match="MIRAGE_EMBEDDING_PROXY is not an address"):
        await _ask("http://ollama", Embedding(proxy="http://p:port"))
