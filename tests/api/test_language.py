"""Languages on the command line."""

import asyncio
import json
from typing import Any

import httpx
from sqlalchemy import text
from typer.testing import CliRunner

from mirage.cli import app
from mirage.db import Database
from mirage.testing import FakeEmbedder
from tests.api.conftest import KEY, Index, upload
from tests.api.test_coverage import url as url

RUSSIAN = (
    "Договор вступает в силу в день его подписания обеими сторонами и действует до последней"
    " поставки масла, если ни одна из сторон не заявит о его расторжении раньше."
)
ENGLISH = (
    "The contract on oil takes effect on the day on which both parties have signed it, and it ends"
    " with the last delivery unless one of them has given notice before."
)


async def _run(url: str, *arguments: str) -> str:
    options = ("--project", "shelf", "--url", url, "--api-key", KEY)
    result = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *options])
    assert result.exit_code == 0, result.output
    return result.stdout


async def test_documents_are_listed_and_searched_by_language(
    client: httpx.AsyncClient,
    shelf: str,
    index: Index,
    url: str,
) -> None:
    await upload(client, shelf, "договор.txt", RUSSIAN.encode())
    await upload(client, shelf, "contract.txt", ENGLISH.encode())
    await index()
    listed: list[dict[str, Any]] = json.loads(await _run(url, "documents", "list", "--json"))
    assert {d["name"]: d["language"] for d in listed} == {"договор.txt": "ru", "contract.txt": "en"}
    assert "language" in await _run(url, "documents", "list")
    assert "language  Russian (ru)" in await _run(url, "documents", "status", "договор.txt")
    found = json.loads(await _run(url, "search", "contract", "--language", "ru", "--json"))
    assert {p["document"]["name"] for p in found["passages"]} == {"договор.txt"}
    both = await _run(url, "search", "contract", "--language", "ru", "--language", "en")
    assert "договор.txt" in both
    assert "contract.txt" in both


async def test_language_that_the_model_does_not_know_is_said_in_health_and_in_dense_answers(
    client: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> None:
    embedder.languages = ("en",)
    await upload(client, shelf, "договор.txt", RUSSIAN.encode())
    await index()
    (note,) = (await client.get("/health")).json()["notes"]
    assert "knows English; some documents are in other languages (1 in Russian)." in note
    assert "bge-m3" in note

    async def degraded(mode: str) -> str | None:
        answer = await client.post(f"{shelf}/search", json={"query": "договор", "mode": mode})
        sentence: str | None = answer.raise_for_status().json()["degraded"]
        return sentence

    assert "most of these passages are in Russian" in (await degraded("dense") or "")
    assert await degraded("hybrid") is None
    assert await degraded("lexical") is None
    embedder.languages = ("en", "ru")
    await upload(client, shelf, "contract.txt", ENGLISH.encode())
    await index()  # The generation learns what its model knows.
    assert "notes" not in (await client.get("/health")).json()
    assert await degraded("dense") is None


async def test_words_that_are_being_rewritten_are_said_in_health(
    client: httpx.AsyncClient, shelf: str, index: Index, database: Database
) -> None:
    await upload(client, shelf, "contract.txt", ENGLISH.encode())
    await index()
    assert "notes" not in (await client.get("/health")).json()
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE chunked_document SET words_version = 0"))
    (note,) = (await client.get("/health")).json()["notes"]
    assert note.startswith("The words of 1 document are being written again")
