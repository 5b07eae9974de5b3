"""What the program's own PostgreSQL writes down."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from mirage.postgres import Server, find_install

DEADLINE_SECONDS = 30.0


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not under pytest's own folder, which it closes to others: as root the server is `nobody`."""
    folder = Path(tempfile.mkdtemp(prefix="mirage-postgres-log-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def test_log_is_private_and_holds_no_text_of_users(folder: Path) -> None:
    log = folder / "postgresql.log"
    log.write_text("of an earlier release\n")
    log.chmod(0o644)
    server = Server(find_install(), folder)
    await server.start()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await _provoke(server)
            while log.read_text().count("ready to accept connections") < 2:
                await asyncio.sleep(0.01)
    finally:
        await server.stop()
    assert "was terminated by signal 9" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600
    assert log.read_text().startswith("of an earlier release\n")
    assert "secret" not in log.read_text()


async def _provoke(server: Server) -> None:
    """An error of each kind that would quote a text, and a crash while a statement runs."""
    connection = await asyncpg.connect(
        host=str(server.socket_folder), user=server.user, database=server.database
    )
    await connection.execute("CREATE TABLE t (name text PRIMARY KEY)")
    await connection.execute("INSERT INTO t VALUES ($1)", "secret")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO t VALUES ($1)", "secret")
    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await connection.execute("SELECT 'secret'::uuid")
    with pytest.raises(asyncpg.PostgresSyntaxError):
        await connection.execute("SELECT secret secret secret")
    with pytest.raises(asyncpg.RaiseError):
        await connection.execute("DO $$ BEGIN RAISE WARNING 'secret'; RAISE 'secret'; END $$")
    running = asyncio.create_task(connection.execute("SELECT 'secret', pg_sleep(60)"))
    await asyncio.sleep(0)
    os.kill(connection.get_server_pid(), signal.SIGKILL)
    await asyncio.gather(running, return_exceptions=True)
    connection.terminate()
