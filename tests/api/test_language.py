"""Languages on the command line."""

import asyncio
import json
from typing import Any

import httpx
from typer.testing import CliRunner

from mirage.cli import app
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
