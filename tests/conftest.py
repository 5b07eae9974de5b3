"""A real PostgreSQL for every test that asks for `database`: one clone of a migrated template per
test. MIRAGE_TEST_POSTGRES names the majors, by default 18; `make test-all` sets "16 18".
MIRAGE_TEST_POSTGRES_BIN names the `bin` folder of another PostgreSQL with pgvector, to use in place
of those in the extra `embedded`. TMPDIR names the folder of databases and files.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Generator
from functools import partial
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from mirage import config
from mirage.db import Database
from mirage.db.migrate import migrate
from mirage.files import VolumeStore
from mirage.postgres import Server, find_install

_MEMORY = Path("/dev/shm")
_MEMORY_BYTES = 2 * 2**30
_INSTALLS: dict[str, Callable[[], Path]] = {
    major: partial(find_install, int(major))
    for major in os.environ.get("MIRAGE_TEST_POSTGRES", "18").split()
}
if other := os.environ.get("MIRAGE_TEST_POSTGRES_BIN"):
    _INSTALLS = {"other": partial(Path, other, "..")}
TEMPLATE = "template_mirage"
# Tests lose nothing when the machine does.
_UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def pytest_configure() -> None:
    """Keep files and databases in memory where there is room: a database costs a third there."""
    if "TMPDIR" in os.environ or not _MEMORY.is_dir():
        return
    if shutil.disk_usage(_MEMORY).free >= _MEMORY_BYTES:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # Found again by the next who asks.


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=_INSTALLS)
async def postgres(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    """A server of each major, its own for each process of pytest-xdist."""
    # Not under pytest's own folder, which it closes to others: as root the server is `nobody`.
    folder = Path(tempfile.mkdtemp(prefix=f"mirage-postgres-{request.param}-"))
    folder.chmod(0o755)
    server = Server(_INSTALLS[request.param](), folder, options=_UNSAFE)
    await server.start()
    await execute(server, f"CREATE DATABASE {TEMPLATE}")
    template = Database(database_settings(server, TEMPLATE))
    await migrate(template)
    await template.dispose()
    yield server
    await server.stop()
    shutil.rmtree(folder)


@pytest.fixture
async def database_name(postgres: Server) -> AsyncIterator[str]:
    """A database of the test's own, migrated."""
    name = f"test_{uuid4().hex}"
    # Copying files costs half of the default, which writes each page to the log.
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    yield name
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def empty_database(postgres: Server) -> AsyncIterator[Database]:
    """A database without a schema."""
    name = f"test_{uuid4().hex}"
    await execute(postgres, f"CREATE DATABASE {name}")
    database = Database(database_settings(postgres, name))
    yield database
    await database.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(postgres: Server, database_name: str) -> AsyncIterator[Database]:
    """The pool over the test's own database."""
    database = Database(database_settings(postgres, database_name))
    yield database
    await database.dispose()


@pytest.fixture
def store(tmp_path: Path) -> VolumeStore:
    """An empty store of originals."""
    store = VolumeStore(tmp_path / "documents")
    store.prepare()
    return store


def database_settings(server: Server, name: str) -> config.Database:
    """Settings that lead to one of the server's databases."""
    return config.Database(host=str(server.socket_folder), user=server.user, name=name)


async def execute(server: Server, statement: str) -> None:
    """Run a statement that belongs to no test's database."""
    connection = await asyncpg.connect(
        host=str(server.socket_folder), user=server.user, database="postgres"
    )
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Escape lone surrogates in what was logged: xdist's processes cannot send them."""
    report = yield
    report.sections = [
        (title, content.encode("utf-8", "backslashreplace").decode())
        for title, content in report.sections
    ]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a strict run failed."""
    if _is_strict() and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("MIRAGE_TEST_STRICT is set: a skipped test is a failure")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With MIRAGE_TEST_STRICT everything is at hand, so a skipped test hides something."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if _is_strict() and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_strict() -> bool:
    return bool(os.environ.get("MIRAGE_TEST_STRICT"))
