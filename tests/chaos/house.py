"""PostgreSQL, embedder, files and indexers of one run of the program.

Each scenario works on a copy of one database in which the whole corpus is pending, so that all
ids are the same. In it a trigger notes which role claimed what: every process of an indexer
connects under a role of its own, and so it can be told what it held when it was killed.
"""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from mirage.config import Chunk
from mirage.db import Database
from mirage.db.migrate import migrate
from mirage.db.queue.requeue import requeue_document
from mirage.documents import ingest_file
from mirage.files import VolumeStore
from mirage.projects import create_project
from tests.chaos.ollama import MODEL, FakeOllama
from tests.chaos.process import Identity, IndexerProcess, alive
from tests.chaos.state import Faults, State, compare, read_state, unfinished
from tests.postgres import ServerHouse

_TEMPLATE = "corpus"
_DONE_SECONDS = 120.0
_POLL_SECONDS = 0.05
_MAX_BYTES = 2**30

_NOTE_CLAIMS = """
CREATE TABLE claim (token uuid PRIMARY KEY, role text NOT NULL);
CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO claim VALUES (NEW.lease_token, session_user) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""
_NOTE_CLAIMS_OF = """
CREATE TRIGGER note_claim AFTER UPDATE OF lease_token ON {0} FOR EACH ROW
    WHEN (NEW.lease_token IS NOT NULL AND NEW.lease_token IS DISTINCT FROM OLD.lease_token)
    EXECUTE FUNCTION note_claim()
"""
_HELD = """
SELECT CASE d.status WHEN 'parsing' THEN 'parsing' ELSE 'cutting' END AS kind, count(*)
  FROM document d JOIN claim c ON c.token = d.lease_token WHERE c.role = $1 GROUP BY 1
UNION ALL
SELECT 'embedding', count(*)
  FROM chunk k JOIN claim c ON c.token = k.lease_token WHERE c.role = $1 HAVING count(*) > 0
"""


class House(ServerHouse):
    """Everything around the indexers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.ollama = FakeOllama()
        self.orphans: set[Identity] = set()
        self.ended: list[str] = []
        self._store = VolumeStore(folder / "documents")
        self._started: list[IndexerProcess] = []
        self._copies = 0

    async def open(self, corpus: list[tuple[str, Path]]) -> None:
        """Start all, and queue the corpus in a database to copy from."""
        self._store.prepare()
        self.ollama.start()
        await self.server.start()
        async with self.connect("postgres") as connection:
            await connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.settings(_TEMPLATE))
        try:
            await migrate(database)
            project = await create_project(database, "chaos")
            for name, path in corpus:
                incoming = self._store.incoming(_MAX_BYTES)
                incoming.write(path.read_bytes())
                await ingest_file(database, self._store, project, name, incoming)
        finally:
            await database.dispose()
        async with self.connect(_TEMPLATE) as connection:
            await connection.execute(_NOTE_CLAIMS)
            for table in ("document", "chunk"):
                await connection.execute(_NOTE_CLAIMS_OF.format(table))

    async def close(self) -> None:
        """Stop what was started here."""
        for indexer in self._started:
            indexer.kill()
        self.ollama.stop()
        await self.server.stop()

    async def copy(self, original: str = _TEMPLATE) -> str:
        """A database like another that nobody uses; if none is given all is still to be done."""
        self._copies += 1
        name = f"copy_{self._copies}"
        async with self.connect("postgres") as connection:
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE {original}")
        return name

    async def reindex_all(self, name: str) -> None:
        """Have every document indexed anew, as their owner does."""
        database = Database(self.settings(name))
        try:
            async with self.connect(name) as connection:
                documents = await connection.fetch("SELECT project_id, id FROM document")
            async with database.transaction() as transaction:
                for document in documents:
                    await requeue_document(transaction, document["project_id"], document["id"])
        finally:
            await database.dispose()

    async def missing(self, database: str, expected: State) -> Faults:
        """What cannot be found now, though work is not done: vectors that are not there."""
        async with self.connect(database) as connection:
            vectors = (await read_state(connection)).vectors
        faults = Faults()
        faults.lost += [
            f"vectors: {key} is not there while others are made"
            for key, vector in expected.vectors.items()
            if vectors.get(key) != vector
        ]
        return faults

    async def start(
        self, database: str, *, lease_seconds: float = 2, chunk: Chunk | None = None
    ) -> IndexerProcess:
        """One more indexer."""
        chunk = chunk or Chunk()
        role = f"indexer_{len(self._started) + 1}"
        async with self.connect("postgres") as connection:
            await connection.execute(f"CREATE ROLE {role} SUPERUSER LOGIN")
        settings = {
            "MIRAGE_DATABASE_HOST": str(self.server.socket_folder),
            "MIRAGE_DATABASE_USER": role,
            "MIRAGE_DATABASE_NAME": database,
            "MIRAGE_DOCUMENTS_PATH": str(self._store.root),
            "MIRAGE_METRICS_PORT": "0",  # There are several on this machine.
            "MIRAGE_OLLAMA_URL": self.ollama.url,
            "MIRAGE_OLLAMA_MODEL": MODEL,
            "MIRAGE_CHUNK_SIZE": str(chunk.size),
            "MIRAGE_CHUNK_OVERLAP": str(chunk.overlap),
            "MIRAGE_INDEXER_LEASE_SECONDS": str(lease_seconds),
            "MIRAGE_INDEXER_POLL_SECONDS": "0.2",
            "MIRAGE_INDEXER_BACKOFF_BASE_SECONDS": "0.2",
        }
        indexer = IndexerProcess.start(role, settings, self.folder / f"{database}.log")
        self._started.append(indexer)
        return indexer

    async def kill(self, database: str, indexer: IndexerProcess) -> dict[str, int]:
        """SIGKILL; gives what it held, once its last statement has ended."""
        if (code := indexer.popen.poll()) is not None:
            self.ended.append(f"{indexer.role} ended with {code} before it was killed")
        self.orphans |= indexer.kill()
        await self.until(lambda: self._is_gone(indexer), 10)
        return await self.held(database, indexer)

    async def held(self, database: str, indexer: IndexerProcess) -> dict[str, int]:
        """Documents in parsing and cutting, chunks in embedding that it has claimed."""
        async with self.connect(database) as connection:
            rows = await connection.fetch(_HELD, indexer.role)
        return {row["kind"]: row["count"] for row in rows}

    async def disconnect(self, indexers: list[IndexerProcess]) -> int:
        """Terminate the backends of all connections of these; gives how many."""
        async with self.connect("postgres") as connection:
            ended = await connection.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY($1)",
                [indexer.role for indexer in indexers],
            )
        return len(ended)

    async def left(self, database: str) -> dict[str, int]:
        """Counts of what is still to be done."""
        async with self.connect(database) as connection:
            return await unfinished(connection)

    async def is_done(self, database: str) -> bool:
        """Whether nothing is left to be done."""
        left = await self.left(database)
        return not any(left[kind] for kind in ("documents", "chunks", "generations being built"))

    async def has_begun_to_build(self, database: str) -> bool:
        """Whether a generation was begun after the first one."""
        async with self.connect(database) as connection:
            count: int = await connection.fetchval("SELECT count(*) FROM generation")
        return count > 1

    async def finish(self, database: str, indexers: list[IndexerProcess]) -> State:
        """Wait for the end of the work, stop these indexers, and read what there is."""
        await self.until(lambda: self._is_settled(database), _DONE_SECONDS)
        for indexer in indexers:
            # One that was started a moment ago takes no signals yet.
            if (code := indexer.terminate()) not in (0, -signal.SIGTERM):
                self.ended.append(f"{indexer.role} ended with {code}")
        async with self.connect(database) as connection:
            return await read_state(connection)

    async def faults(self, expected: State, found: State) -> Faults:
        """What differs, and parsers that outlived their indexer."""
        faults = compare(expected, found)
        await self.until(self._no_orphans, 10)
        faults.stuck += [f"parser {pid} outlived its indexer" for pid, _ in alive(self.orphans)]
        return faults

    async def until(self, condition: Callable[[], Awaitable[bool]], seconds: float) -> bool:
        """Wait for a condition; False when it did not come true in time."""
        deadline = time.monotonic() + seconds
        while not await condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_POLL_SECONDS)
        return True

    async def _is_settled(self, database: str) -> bool:
        return not any((await self.left(database)).values())

    async def _is_gone(self, indexer: IndexerProcess) -> bool:
        async with self.connect("postgres") as connection:
            count: int = await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE usename = $1", indexer.role
            )
        return count == 0

    async def _no_orphans(self) -> bool:
        return not alive(self.orphans)
