"""PostgreSQL, and the program's processes as a pod would run them, over a database a scenario."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from mirage import config
from mirage.db import Database
from mirage.db.migrate import migrate
from tests.postgres import ServerHouse

MODEL = "all-minilm"
_KEY = "bench"
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_REQUEST_SECONDS = 120.0
_LOOK_SECONDS = 0.5  # Looking costs time that the embedder would have.


@dataclass(frozen=True)
class Process:
    """The API or an indexer."""

    popen: subprocess.Popen[bytes]
    monitoring: str
    """Address of its metrics."""

    def resident_bytes(self) -> int:
        """Of the process and its children, such as the parser."""
        total = 0
        process = psutil.Process(self.popen.pid)
        for each in (process, *process.children(recursive=True)):
            try:
                total += each.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total


@dataclass(frozen=True)
class Program:
    """API and indexer over a database of their own."""

    database: config.Database
    url: str
    key: str
    client: httpx.AsyncClient
    api: Process
    indexer: Process

    async def create(self, project: str) -> None:
        """A project."""
        (await self.client.post("/projects", json={"name": project})).raise_for_status()

    async def upload(self, project: str, files: Mapping[str, Path]) -> list[int]:
        """Send files by name, one after the other; gives the statuses."""
        return [
            (
                await self.client.post(
                    f"/projects/{project}/documents", files={"file": (name, path.read_bytes())}
                )
            ).status_code
            for name, path in files.items()
        ]

    async def finish(self, project: str) -> None:
        """Wait until every document is ready or failed."""

        async def is_done() -> bool:
            for status in ("embedding", "parsing", "pending"):
                answer = await self.client.get(
                    f"/projects/{project}/documents", params={"status": status, "limit": 1}
                )
                if answer.raise_for_status().json()["documents"]:
                    return False
            return True

        await until(is_done, 3600, _LOOK_SECONDS)

    async def ready(self, project: str) -> list[str]:
        """Names of the documents that are ready; up to a page of them."""
        answer = await self.client.get(
            f"/projects/{project}/documents", params={"status": "ready", "limit": 1000}
        )
        return [document["name"] for document in answer.raise_for_status().json()["documents"]]

    async def metric(self, name: str) -> float:
        """A number without labels of the indexer's metrics."""
        async with httpx.AsyncClient() as client:
            lines = (await client.get(f"{self.indexer.monitoring}/metrics")).text.splitlines()
        return float(next(line for line in lines if line.startswith(f"{name} ")).split()[1])


class House(ServerHouse):
    """The server, and the program over it."""

    def __init__(self, folder: Path, ollama_url: str) -> None:
        super().__init__(folder)
        self.ollama_url = ollama_url

    async def create_database(self, name: str) -> Database:
        """A migrated one; the caller closes its pool."""
        async with self.connect("postgres") as connection:
            await connection.execute(f"CREATE DATABASE {name}")
        database = Database(self.settings(name))
        await migrate(database)
        return database

    def documents(self, database: str) -> Path:
        """Return the folder of a database's originals, which has no other owner."""
        return self.folder / f"{database}-documents"

    @asynccontextmanager
    async def program(
        self, database: str, chunk: config.Chunk | None = None
    ) -> AsyncIterator[Program]:
        """API and indexer as processes, over a database that is there.

        `chunk` is what it was indexed with; with other settings it would be indexed anew.
        """
        port = _free_port()
        chunk = chunk or config.Chunk()
        settings = {
            "MIRAGE_CHUNK_SIZE": str(chunk.size),
            "MIRAGE_CHUNK_OVERLAP": str(chunk.overlap),
        }
        api = self._start("api", database, settings | {"MIRAGE_API_PORT": str(port)})
        indexer = self._start("indexer", database, settings)
        url = f"http://127.0.0.1:{port}"
        client = httpx.AsyncClient(
            base_url=f"{url}/api/v1",
            headers={"X-API-Key": _KEY},
            timeout=_REQUEST_SECONDS,
        )

        async def is_ready() -> bool:
            for process in (api, indexer):
                if process.popen.poll() is not None:
                    raise RuntimeError(f"a process ended; its log is in {self.folder}")
                try:
                    (await client.get(f"{process.monitoring}/health/ready")).raise_for_status()
                except httpx.HTTPError:
                    return False
            return True

        try:
            await until(is_ready, _START_SECONDS)
            yield Program(self.settings(database), url, _KEY, client, api, indexer)
        finally:
            await client.aclose()
            for process in (api, indexer):
                process.popen.send_signal(signal.SIGTERM)
                process.popen.wait(_STOP_SECONDS)

    def _start(self, role: str, database: str, settings: Mapping[str, str]) -> Process:
        port = _free_port()
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MIRAGE_")} | {
            "MIRAGE_API_HOST": "127.0.0.1",
            "MIRAGE_API_KEY": _KEY,
            "MIRAGE_METRICS_PORT": str(port),
            "MIRAGE_DATABASE_HOST": str(self.server.socket_folder),
            "MIRAGE_DATABASE_USER": self.server.user,
            "MIRAGE_DATABASE_NAME": database,
            "MIRAGE_DOCUMENTS_PATH": str(self.documents(database)),
            "MIRAGE_OLLAMA_URL": self.ollama_url,
            "MIRAGE_OLLAMA_MODEL": MODEL,
            **settings,
        }
        with (self.folder / f"{database}-{role}.log").open("ab") as log:
            popen = subprocess.Popen(
                [sys.executable, "-m", "mirage", role],
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return Process(popen, f"http://127.0.0.1:{port}")


async def until(
    condition: Callable[[], Awaitable[bool]], seconds: float, pause: float = 0.1
) -> None:
    """Wait for a condition. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        await asyncio.sleep(pause)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
