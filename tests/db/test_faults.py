"""What is said about each mistake in the address, the role or the server."""

import asyncio
import logging
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

import asyncpg
import httpx
import pytest
import pytest_asyncio
from pydantic import SecretStr

from mirage import config
from mirage.api import create_app
from mirage.db import Database
from mirage.db.faults import DatabaseDeniesAccess, SchemaBehind
from mirage.db.migrate import UnsuitableDatabase, migrate, require_schema, when_reachable
from mirage.doctor import examine
from mirage.errors import DatabaseUnavailable
from mirage.files import VolumeStore
from mirage.postgres import Server, find_install
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from tests.certificates import Authority, make_authority
from tests.conftest import execute

pytestmark = pytest.mark.asyncio(loop_scope="module")

_RULES = """\
local all mirage trust
local all app,sleeper,missing scram-sha-256
local all trusted trust
local all outsider reject
"""
_ROLES = (
    "CREATE ROLE app LOGIN PASSWORD 'right'",
    "CREATE ROLE sleeper PASSWORD 'right'",
    "CREATE ROLE outsider LOGIN",
)
_DATABASES = (
    "CREATE DATABASE closed",
    "REVOKE CONNECT ON DATABASE closed FROM public",
    "CREATE DATABASE tables",
)
_SSL_REQUEST = bytes.fromhex("0000000804d2162f")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def strict() -> AsyncIterator[Server]:
    """A server that does not let everybody in."""
    folder = Path(tempfile.mkdtemp(prefix="mirage-strict-"))
    folder.chmod(0o755)
    server = Server(find_install(18), folder)
    await server.start()
    for statement in (*_ROLES, *_DATABASES):
        await execute(server, statement)
    (folder / "data" / "pg_hba.conf").write_text(_RULES)
    await execute(server, "SELECT pg_reload_conf()")
    yield server
    await server.stop()
    shutil.rmtree(folder)


def _settings(server: Server, user: str, password: str, name: str = "mirage") -> config.Database:
    return config.Database(
        host=str(server.socket_folder), user=user, password=SecretStr(password), name=name
    )


async def _said(settings: config.Database) -> str:
    """Return class and sentence of the error, which has one line."""
    database = Database(settings)
    with pytest.raises(DatabaseUnavailable) as raised:
        await require_schema(database)
    await database.dispose()
    said = str(raised.value)
    assert "\n" not in said
    return f"{type(raised.value).__name__}: {said}"


@pytest.mark.parametrize(
    ("user", "password", "name", "sentence"),
    [
        ("app", "wrong", "mirage", "PostgreSQL refuses the role or its password"),
        ("missing", "any", "mirage", "PostgreSQL refuses the role or its password"),
        ("trusted", "any", "mirage", "PostgreSQL has no role of this name"),
        ("sleeper", "right", "mirage", "the role may not log in"),
        ("app", "right", "absent", "PostgreSQL has no database of this name"),
        (
            "app",
            "right",
            "closed",
            "the role lacks a right: it needs CONNECT on the database and CREATE on its schema, "
            "best as its owner",
        ),
        (
            "outsider",
            "any",
            "mirage",
            "no rule in pg_hba.conf of PostgreSQL admits this connection without TLS: use "
            "sslmode=require, or add a rule",
        ),
    ],
)
async def test_access_that_is_denied(
    strict: Server, user: str, password: str, name: str, sentence: str
) -> None:
    settings = _settings(strict, user, password, name)
    assert await _said(settings) == f"DatabaseDeniesAccess: {sentence}"


async def test_role_that_may_not_create_the_extension(strict: Server) -> None:
    database = Database(_settings(strict, "app", "right"))
    with pytest.raises(UnsuitableDatabase) as raised:
        await migrate(database)
    await database.dispose()
    assert str(raised.value) == (
        'the role "app" may not create the extension: as a superuser of database "mirage" run'
        " `CREATE EXTENSION vector`, then start again"
    )


async def test_role_that_may_not_make_tables(strict: Server) -> None:
    connection = await asyncpg.connect(
        host=str(strict.socket_folder), user=strict.user, database="tables"
    )
    await connection.execute("CREATE EXTENSION vector")
    await connection.close()
    database = Database(_settings(strict, "app", "right", "tables"))
    with pytest.raises(DatabaseDeniesAccess, match="the role lacks a right"):
        await migrate(database)
    await database.dispose()


async def test_server_that_is_not_there(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    refused = (
        "DatabaseUnavailable: the database refuses connections: nothing listens at its address"
    )
    assert await _said(config.Database(host="127.0.0.1", port=port)) == refused
    assert await _said(config.Database(host="localhost", port=port)) == refused
    assert await _said(config.Database(host="no-such-host.invalid")) == (
        "DatabaseUnavailable: the host name of the database is not known"
    )
    assert await _said(config.Database(host=str(tmp_path))) == (
        "DatabaseUnavailable: there is no socket of PostgreSQL in the folder of its host"
    )


async def test_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings = config.Database(host="127.0.0.1", port=port, connect_timeout_seconds=0.2)
        assert await _said(settings) == ("DatabaseUnavailable: the database did not answer in time")


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _port_of(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield int(server.sockets[0].getsockname()[1])
    server.close()


async def test_server_without_tls() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(len(_SSL_REQUEST)) == _SSL_REQUEST
        writer.write(b"N")  # What PostgreSQL answers when it has no certificate.
        await writer.drain()
        writer.close()

    async with _port_of(serve) as port:
        url = SecretStr(f"postgresql://app:right@127.0.0.1:{port}/mirage?sslmode=require")
        assert await _said(config.Database(url=url)) == (
            "DatabaseEncryption: PostgreSQL offers no TLS, which the settings require"
        )


async def test_certificate_that_is_not_trusted(tmp_path: Path) -> None:
    certificate, key = make_authority(tmp_path / "one").sign("server", "DNS:localhost")
    other: Authority = make_authority(tmp_path / "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(len(_SSL_REQUEST))
        writer.write(b"S")
        await writer.drain()
        try:
            await writer.start_tls(context)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async with _port_of(serve) as port:
        query = f"sslmode=verify-full&sslrootcert={other.certificate}"
        url = SecretStr(f"postgresql://app:right@localhost:{port}/mirage?{query}")
        said = await _said(config.Database(url=url))
    assert said.startswith(
        "DatabaseEncryption: the database cannot be reached: its TLS certificate is not trusted: "
    )


async def test_postgresql_that_is_too_old(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirage.db.migrate._MIN_POSTGRESQL", 990000)
    for attempt in (migrate, require_schema):
        with pytest.raises(UnsuitableDatabase, match="PostgreSQL 16 or newer is needed, this is"):
            await attempt(empty_database)


async def test_schema_that_is_not_there_is_no_bug(empty_database: Database) -> None:
    with pytest.raises(SchemaBehind):
        async with empty_database.transaction() as connection:
            await connection.exec_driver_sql("SELECT * FROM document")


async def test_wrong_password_is_tried_for_a_while_and_then_said(strict: Server) -> None:
    database = Database(_settings(strict, "app", "wrong"))
    tried = []

    async def attempt() -> None:
        tried.append(1)
        await require_schema(database)

    with pytest.raises(DatabaseDeniesAccess):
        await when_reachable(attempt, pause_seconds=0.01, patience_seconds=0.05)
    await database.dispose()
    assert len(tried) > 1


async def test_patience_begins_again_when_the_server_is_away() -> None:
    errors = [DatabaseDeniesAccess("one"), DatabaseUnavailable("away"), DatabaseDeniesAccess("two")]

    async def attempt() -> str:
        if errors:
            raise errors.pop(0)
        return "done"

    never = await when_reachable(attempt, pause_seconds=0.01, patience_seconds=3600)
    assert never == "done"


async def test_api_and_doctor_say_that_the_password_is_wrong(
    strict: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = load_settings(
        api={"key": SecretStr("key")},
        database=_settings(strict, "app", "wrong").model_dump(),
        documents={"path": tmp_path},
    )
    database, store = Database(settings.database), VolumeStore(tmp_path)
    store.prepare()
    app = create_app(settings, database=database, store=store, embedder=FakeEmbedder())
    with caplog.at_level(logging.WARNING):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://test"
        ) as client:
            answer = await client.get("/api/v1/projects", headers={"X-API-Key": "key"})
            ready = await client.get("/health/ready", headers={"X-API-Key": "key"})
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "PostgreSQL refuses the role or its password",
    )
    assert ready.json()["components"]["database"]["detail"] == answer.json()["detail"]
    assert caplog.records == []
    finding = (await examine(settings, database, store, FakeEmbedder()))[0]
    await database.dispose()
    assert isinstance(finding.error, DatabaseDeniesAccess)
    folder = quote(str(strict.socket_folder), safe="")
    assert finding.detail == (
        "PostgreSQL refuses the role or its password"
        f" (postgresql://app:***@/mirage?host={folder}&port=5432)"
    )


async def test_doctor_prints_one_line_and_its_remedy(strict: Server, tmp_path: Path) -> None:
    environment = {
        "MIRAGE_DATABASE_HOST": str(strict.socket_folder),
        "MIRAGE_DATABASE_USER": "app",
        "MIRAGE_DATABASE_PASSWORD": "wrong",
        "MIRAGE_DOCUMENTS_PATH": str(tmp_path),
        "MIRAGE_OLLAMA_URL": "http://127.0.0.1:1",
        "PYTHONPATH": ":".join(sys.path),
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "mirage", "doctor"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if " database " in line]
    assert done.returncode == 1
    assert [line[:60] for line in lines] == [
        "BAD  database   PostgreSQL refuses the role or its password "[:60]
    ]
    assert "Traceback" not in done.stdout + done.stderr
