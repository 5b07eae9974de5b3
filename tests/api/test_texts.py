"""The text of documents, their outline, and documents by their id alone."""

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from mirage.cli import app
from mirage.errors import EmbedderUnavailable
from mirage.testing import FakeEmbedder, make_epub, make_pdf
from tests.api.conftest import KEY, Index, upload

MARKDOWN = (
    b"# Lamps\n\nThe keeper lit the lamp.\n\n## Oil\n\nWhale oil burned best.\n\n# Ships\n\nNo.\n"
)


async def ready(
    client: httpx.AsyncClient, shelf: str, index: Index, name: str, content: bytes
) -> str:
    """The path of a document that is ready."""
    document = (await upload(client, shelf, name, content)).json()
    await index()
    path = f"{shelf}/documents/{document['id']}"
    assert (await client.get(path)).json()["status"] == "ready"
    return path


async def read(client: httpx.AsyncClient, path: str, **parameters: Any) -> Any:
    answer = await client.get(f"{path}/text", params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_spans_of_passages_are_characters_of_the_text(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    found = await client.post(f"{shelf}/search", json={"query": "whale oil", "mode": "lexical"})
    passage = found.json()["passages"][0]
    text = await read(client, path, start=passage["start"], end=passage["end"])
    assert (text["text"], text["start"], text["end"]) == (
        passage["text"],
        passage["start"],
        passage["end"],
    )
    document = (await client.get(path)).json()
    assert document["characters"] == text["characters"]
    assert [part["heading_path"] for part in text["parts"]] == [
        section["heading_path"] for section in passage["sections"]
    ]


async def test_whole_text_is_read_in_bounded_parts_without_a_gap(
    client: httpx.AsyncClient, shelf: str, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"Lamp {number} is lit by keeper {number}." for number in range(40)]
    path = await ready(client, shelf, index, "lamps.txt", "\n\n".join(lines).encode())
    whole = await read(client, path)
    assert (whole["start"], whole["end"]) == (0, whole["characters"])
    monkeypatch.setattr("mirage.reading.MAX_CHARACTERS", 100)
    parts, at = [], 0
    while at < whole["characters"]:
        part = await read(client, path, start=at)
        assert (part["start"], part["end"] - part["start"]) == (at, len(part["text"]))
        assert 0 < len(part["text"]) <= 100
        parts.append(part["text"])
        at = part["end"]
    assert "".join(parts) == whole["text"]
    assert all(line in whole["text"] for line in lines)


async def test_page_is_read_by_its_number(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    pages = [["The first page tells of lamps."], [], ["The third page tells of ships."]]
    pdf = make_pdf(tmp_path / "a.pdf", pages).read_bytes()
    path = await ready(client, shelf, index, "a.pdf", pdf)
    third = await read(client, path, page=3)
    assert third["text"] == "The third page tells of ships."
    assert [part["page_number"] for part in third["parts"]] == [3]
    assert (await read(client, path, start=third["start"], end=third["end"]))["text"] == third[
        "text"
    ]
    assert (await read(client, path, page=2))["text"] == ""
    answer = await client.get(f"{path}/text", params={"page": 4})
    assert (answer.status_code, answer.json()["detail"]) == (404, "'a.pdf' has no page 4, only 3")


async def test_text_around_a_passage_has_whole_words(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    words = " ".join(f"word{number}" for number in range(200))
    path = await ready(client, shelf, index, "words.txt", words.encode())
    start = words.index("word100")
    around = await read(client, path, around=f"{start}-{start + 7}", tokens=3)
    found = around["text"].split()
    assert "word100" in found
    assert 3 <= len(found) <= 7
    assert set(found) <= set(words.split())
    assert around["text"] == words[around["start"] : around["end"]]
    alone = await read(client, path, around=f"{start}-{start + 7}", tokens=0)
    assert alone["text"] == "word100"
    at_the_end = await read(client, path, around=f"{len(words) - 3}-{len(words) + 50}", tokens=2000)
    assert at_the_end["end"] == len(words)


async def test_text_around_a_passage_is_read_without_the_embedder(
    client: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    embedder.failure = EmbedderUnavailable("gone")
    assert "lit" in (await read(client, path, around="5-8", tokens=50))["text"]


@pytest.mark.parametrize(
    ("parameters", "detail"),
    [
        ({"page": 1, "start": 0}, "give only one of `start` and `end`, `page`, and `around`"),
        ({"around": "0-3", "page": 1}, "give only one of `start` and `end`, `page`, and `around`"),
        ({"start": 10**6}, "start: 'lamps.md' has 79 characters"),
        ({"start": 5, "end": 5}, "end: must be greater than start"),
        ({"around": "9-3"}, "end: must be greater than start"),
    ],
)
async def test_bad_span_is_refused_with_a_sentence(
    client: httpx.AsyncClient,
    shelf: str,
    index: Index,
    parameters: dict[str, Any],
    detail: str,
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    answer = await client.get(f"{path}/text", params=parameters)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


@pytest.mark.parametrize("value", ["-1", "x", str(2**31), "9" * 40, "1.5"])
@pytest.mark.parametrize("name", ["start", "end", "page", "around", "tokens"])
async def test_nonsense_is_refused(
    client: httpx.AsyncClient, shelf: str, index: Index, name: str, value: str
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    answer = await client.get(f"{path}/text", params={name: value})
    assert answer.status_code == 422
    assert name in answer.json()["detail"]


async def test_document_that_is_not_parsed_has_no_text(
    client: httpx.AsyncClient, shelf: str
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    assert document["characters"] is None
    for what in ("text", "outline"):
        answer = await client.get(f"{shelf}/documents/{document['id']}/{what}")
        assert answer.status_code == 409
        assert answer.json()["detail"] == "'lamps.md' has no text: it is pending"
    assert (await client.get(f"{shelf}/documents/{uuid4()}/text")).status_code == 404


async def test_text_formats_have_no_pages(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    answer = await client.get(f"{path}/text", params={"page": 1})
    assert answer.status_code == 404
    assert answer.json()["detail"] == "'lamps.md' has no page 1: its format has no pages"


async def test_outline_names_each_heading_once_with_its_place(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    outline = (await client.get(f"{path}/outline")).json()
    found = [(item["title"], item["level"], item["line"]) for item in outline["headings"]]
    assert found == [("Lamps", 1, 1), ("Oil", 2, 5), ("Ships", 1, 9)]
    text = (await read(client, path))["text"]
    starts = [text[item["start"] :].split("\n")[0] for item in outline["headings"]]
    assert starts == ["# Lamps", "## Oil", "# Ships"]
    assert outline["next_start"] is None


async def test_long_outline_is_read_in_parts(
    client: httpx.AsyncClient, shelf: str, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirage.api.routes.texts._MAX_HEADINGS", 2)
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    first = (await client.get(f"{path}/outline")).json()
    assert [item["title"] for item in first["headings"]] == ["Lamps", "Oil"]
    second = (await client.get(f"{path}/outline", params={"start": first["next_start"]})).json()
    assert [item["title"] for item in second["headings"]] == ["Ships"]
    assert second["next_start"] is None


async def test_document_is_found_by_its_id_alone_by_a_key_that_sees_it(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    book = make_epub(tmp_path / "a.epub", {"a.xhtml": "<h1>One</h1><p>Lamps.</p>"}).read_bytes()
    path = await ready(client, shelf, index, "a.epub", book)
    identity = path.rpartition("/")[2]
    found = await client.get(f"/api/v1/documents/{identity}")
    assert found.json() == (await client.get(path)).json()
    await client.post("/api/v1/projects", json={"name": "other"})
    made = await client.post("/api/v1/keys", json={"name": "k", "projects": ["other"]})
    headers = {"X-API-Key": made.json()["token"]}
    hidden = await client.get(f"/api/v1/documents/{identity}", headers=headers)
    missing = await client.get(f"/api/v1/documents/{uuid4()}", headers=headers)
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["detail"] == f"no document {identity} is visible to this key"


async def test_failed_document_has_the_code_of_its_error(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    locked = make_pdf(tmp_path / "e.pdf", [["secret"]], password="pw").read_bytes()
    document = (await upload(client, shelf, "locked.pdf", locked)).json()
    assert document["error_code"] is None
    await index()
    failed = (await client.get(f"{shelf}/documents/{document['id']}")).json()
    assert (failed["status"], failed["error_code"]) == ("failed", "encrypted")


async def test_command_line_prints_text_and_outline(
    client: httpx.AsyncClient,
    shelf: str,
    index: Index,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = await ready(client, shelf, index, "lamps.md", MARKDOWN)
    whole = (await read(client, path))["text"]
    monkeypatch.setattr("mirage.reading.MAX_CHARACTERS", 20)  # Several answers are one text.

    async def run(*command: str) -> str:
        line = ["documents", *command, "-p", "shelf", "--url", address, "--api-key", KEY]
        result = await asyncio.to_thread(CliRunner().invoke, app, line)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert await run("text", "lamps.md") == f"{whole}\n"
    assert await run("text", "lamps.md", "--span", "9-41") == f"{whole[9:41]}\n"
    assert json.loads(await run("text", "lamps.md", "--json"))["text"] == whole
    assert await run("outline", "lamps.md") == "Lamps  line 1\n  Oil  line 5\nShips  line 9\n"
