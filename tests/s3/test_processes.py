"""Two API processes and two indexers on one bucket and one database do the work once."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from mirage.postgres import Server
from tests.chaos.ollama import MODEL, FakeOllama
from tests.s3.server import ACCESS_KEY, REGION, SECRET_KEY, S3Server, free_port

KEY = "the-key"
DEADLINE_SECONDS = 120.0
DOCUMENTS = 12
FILES = "/api/v1/projects/shelf/documents"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]


@contextmanager
def running(role: str, settings: dict[str, str], log: Path) -> Iterator[None]:
    """Run a program in the block, with these settings and no others."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MIRAGE_")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "mirage", role],
            env=environment | settings,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) in (0, -signal.SIGTERM), log.read_text()


def lines(log: Path) -> list[dict[str, str]]:
    """The log of a program."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]


async def until_ready(client: httpx.AsyncClient) -> list[dict[str, str]]:
    """Wait until each document is ready, and return them."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        found: list[dict[str, str]] = (await client.get(FILES)).json()["documents"]
        if len(found) == DOCUMENTS and all(item["status"] == "ready" for item in found):
            return found
        assert time.monotonic() < deadline, Counter(item["status"] for item in found)
        await asyncio.sleep(0.1)


async def test_each_document_is_indexed_once(
    postgres: Server, database_name: str, s3: S3Server, bucket: str, tmp_path: Path
) -> None:
    ollama = FakeOllama()
    ollama.start()
    ports = [free_port(), free_port()]
    settings = {
        "MIRAGE_DATABASE_HOST": str(postgres.socket_folder),
        "MIRAGE_DATABASE_USER": postgres.user,
        "MIRAGE_DATABASE_NAME": database_name,
        "MIRAGE_DOCUMENTS_STORAGE": "s3",
        "MIRAGE_S3_BUCKET": bucket,
        "MIRAGE_S3_ENDPOINT": s3.endpoint,
        "MIRAGE_S3_REGION": REGION,
        "MIRAGE_S3_ACCESS_KEY": ACCESS_KEY,
        "MIRAGE_S3_SECRET_KEY": SECRET_KEY,
        "MIRAGE_METRICS_PORT": "0",
        "MIRAGE_API_KEY": KEY,
        "MIRAGE_API_HOST": "127.0.0.1",
        "MIRAGE_OLLAMA_URL": ollama.url,
        "MIRAGE_OLLAMA_MODEL": MODEL,
        "MIRAGE_INDEXER_POLL_SECONDS": "0.2",
    }
    with ExitStack() as programs:
        for number, port in enumerate(ports):
            own = settings | {"MIRAGE_API_PORT": str(port)}
            programs.enter_context(running("api", own, tmp_path / f"api-{number}"))
            programs.enter_context(running("indexer", settings, tmp_path / f"indexer-{number}"))
        async with (
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{ports[0]}", headers={"X-API-Key": KEY}, timeout=60
            ) as one,
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{ports[1]}", headers={"X-API-Key": KEY}, timeout=60
            ) as other,
        ):
            for client in (one, other):
                await until_it_serves(client)
            assert (await one.post("/api/v1/projects", json={"name": "shelf"})).status_code == 201
            # Each file by both, at the same time.
            sent = await asyncio.gather(
                *(
                    client.post(FILES, files={"file": (f"{number}.txt", content(number))})
                    for number in range(DOCUMENTS)
                    for client in (one, other)
                )
            )
            assert {answer.status_code for answer in sent} <= {200, 202}
            found = await until_ready(other)
            for number, client in ((3, one), (4, other)):
                (item,) = [item for item in found if item["name"] == f"{number}.txt"]
                answer = await client.get(f"{FILES}/{item['id']}/file")
                assert answer.content == content(number)
    ollama.stop()
    logs = [lines(tmp_path / f"indexer-{number}") for number in (0, 1)]
    parsed = Counter(
        line["document"] for log in logs for line in log if line.get("message") == "parsed"
    )
    assert set(parsed) == {item["id"] for item in found}
    assert set(parsed.values()) == {1}
    originals = [path for path in (s3.root / "buckets" / bucket).glob("??/*") if not path.suffix]
    assert len(originals) == DOCUMENTS


async def until_it_serves(client: httpx.AsyncClient) -> None:
    """Wait until the API answers that everything works."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while True:
        try:
            answer = await client.get("/health")
            if answer.status_code == 200:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


def content(number: int) -> bytes:
    """A document that says which it is."""
    return f"Document {number}: the keeper lit the lamp number {number}.".encode()
