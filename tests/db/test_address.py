"""The address leads to a real server, over TLS and past one that is away."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from mirage import config
from mirage.db import Database
from mirage.errors import DatabaseUnavailable
from mirage.postgres import Server
from tests.certificates import Authority, make_authority

# PostgreSQL's SSLRequest: its length and 80877103.
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority that signed the server's certificate."""
    return make_authority(tmp_path_factory.mktemp("tls") / "ca")


@pytest.fixture
async def port(postgres: Server, authority: Authority) -> AsyncIterator[int]:
    """A port of `localhost` at which PostgreSQL answers over TLS only.

    The server of the wheel was built without TLS, so this opens its encryption before it.
    """
    certificate, key = authority.sign("server", "DNS:localhost")
    async with _tls_in_front_of(postgres, certificate, key) as port:
        yield port


@asynccontextmanager
async def _tls_in_front_of(
    postgres: Server, certificate: Path, key: Path, *, clients_of: Path | None = None
) -> AsyncIterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if clients_of:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    sessions: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sessions.append(writer)
        try:
            if await reader.readexactly(len(_SSL_REQUEST)) != _SSL_REQUEST:
                return
            writer.write(b"S")
            await writer.drain()
            await writer.start_tls(context)
            socket = postgres.socket_folder / ".s.PGSQL.5432"
            there, back = await asyncio.open_unix_connection(str(socket))
            sessions.append(back)
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass  # The client went away, which is what some tests are about.
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()
    for session in sessions:
        session.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while data := await source.read(65536):
        target.write(data)
        await target.drain()
    target.close()


async def _shown(url: str, *names: str) -> list[object]:
    database = Database(config.Database(url=SecretStr(url)))
    try:
        async with database.statements() as connection:
            return [await connection.scalar(text(f"SHOW {name}")) for name in names]
    finally:
        await database.dispose()


@pytest.mark.parametrize(
    "query",
    [
        "sslmode=verify-full&sslrootcert={ca}",
        "sslmode=verify-ca&sslrootcert={ca}",
        "sslmode=require&sslrootcert={ca}",
        "sslmode=require&channel_binding=prefer",
        "sslmode=require&ssl_min_protocol_version=TLSv1.3",
    ],
)
async def test_connection_is_encrypted(port: int, authority: Authority, query: str) -> None:
    query = query.format(ca=authority.certificate)
    assert await _shown(f"postgresql://mirage@localhost:{port}/mirage?{query}", "port") == ["5432"]


async def test_plain_connection_is_refused_by_this_server(port: int) -> None:
    with pytest.raises(DatabaseUnavailable):
        await _shown(f"postgresql://mirage@localhost:{port}/mirage?sslmode=disable", "port")


async def test_system_authorities_are_those_of_ssl_cert_file(
    port: int, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"postgresql://mirage@localhost:{port}/mirage?sslrootcert=system"
    with pytest.raises(DatabaseUnavailable, match="its TLS certificate is not trusted"):
        await _shown(url, "port")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    assert await _shown(url, "port") == ["5432"]


async def test_untrusted_certificate_is_named(port: int, tmp_path: Path) -> None:
    other = make_authority(tmp_path / "other").certificate
    query = f"sslmode=verify-full&sslrootcert={other}"
    with pytest.raises(DatabaseUnavailable, match="its TLS certificate is not trusted"):
        await _shown(f"postgresql://mirage@localhost:{port}/mirage?{query}", "port")


async def test_certificate_for_another_name_is_named(port: int, authority: Authority) -> None:
    query = f"sslmode=verify-full&sslrootcert={authority.certificate}"
    with pytest.raises(DatabaseUnavailable, match=r"is for another name: .*127\.0\.0\.1"):
        await _shown(f"postgresql://mirage@127.0.0.1:{port}/mirage?{query}", "port")


async def test_expired_certificate_is_named(postgres: Server, authority: Authority) -> None:
    certificate, key = authority.sign("old", "DNS:localhost", expired=True)
    query = f"sslmode=verify-full&sslrootcert={authority.certificate}"
    async with _tls_in_front_of(postgres, certificate, key) as port:
        with pytest.raises(DatabaseUnavailable, match="its TLS certificate has expired"):
            await _shown(f"postgresql://mirage@localhost:{port}/mirage?{query}", "port")


async def test_client_certificate_is_shown(postgres: Server, authority: Authority) -> None:
    certificate, key = authority.sign("asked", "DNS:localhost")
    mine, my_key = authority.sign("mirage", "DNS:client")
    ca = authority.certificate
    query = f"sslmode=verify-full&sslrootcert={ca}"
    async with _tls_in_front_of(postgres, certificate, key, clients_of=ca) as port:
        url = f"postgresql://mirage@localhost:{port}/mirage?{query}"
        with pytest.raises(DatabaseUnavailable):
            await _shown(url, "port")
        assert await _shown(f"{url}&sslcert={mine}&sslkey={my_key}", "port") == ["5432"]


async def test_session_gets_its_parameters(postgres: Server) -> None:
    folder = str(postgres.socket_folder).replace("/", "%2F")
    options = "-c%20work_mem%3D9MB%20-cjit%3Doff"
    url = f"postgresql://mirage@{folder}/mirage?application_name=my%20shelf&options={options}"
    assert await _shown(url, "application_name", "work_mem", "jit") == ["my shelf", "9MB", "off"]


async def test_host_that_is_away_is_passed_by(port: int) -> None:
    query = "sslmode=require&target_session_attrs=read-write"
    url = f"postgresql://mirage@127.0.0.1:1,localhost:{port}/mirage?{query}"
    assert await _shown(url, "port") == ["5432"]
