"""Agents: the official client over HTTP, and a project with documents of each format."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import httpx2
import pytest
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client

from mirage.testing import make_docx, make_epub, make_html, make_pdf
from tests.api.conftest import KEY, Index, upload

Connect = Callable[..., AbstractAsyncContextManager["Agent"]]

PUMP = "The pump must not run dry for more than thirty seconds."
CHAPTER = "\n\n".join(f"Paragraph {number} is about pumps and pipes." for number in range(60))
LIMITS = f"# Operation\n\nHow it runs.\n\n## Limits\n\n{PUMP}\n\n"
LAMPS = f"{LIMITS}# Care\n\n{CHAPTER}\n\n# Storage\n\nKeep it dry.\n"


class Agent:
    """Calls tools as an agent does."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def ask(self, tool: str, **arguments: object) -> str:
        """The text of an answer."""
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        assert not result.is_error, content
        assert result.structured_content is None
        return str(content.text)  # type: ignore[union-attr]

    async def fail(self, tool: str, **arguments: object) -> str:
        """The text of an error."""
        result = await self.client.call_tool(tool, arguments)
        (content,) = result.content
        assert result.is_error, content
        return str(content.text)  # type: ignore[union-attr]


@pytest.fixture
async def connect(address: str) -> Connect:
    """Opens a client of the API, by default with the key of the settings and for `shelf`."""

    @asynccontextmanager
    async def open_client(path: str = "/mcp/shelf", key: str = KEY) -> AsyncIterator[Agent]:
        headers = {"Authorization": f"Bearer {key}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{address}{path}", http_client=http)) as client,
        ):
            yield Agent(client)

    return open_client


@pytest.fixture
async def books(client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path) -> str:
    """The path of `shelf` with ready documents of each format."""
    lines = [[PUMP, *(f"Line {n} of page {page}." for n in range(20))] for page in (1, 2, 3)]
    paragraphs = "".join(f"<p>Sentence {n} of the garden book.</p>" for n in range(60))
    files = {
        "pumps/handbook.md": LAMPS.encode(),
        "pumps/plan.pdf": make_pdf(
            tmp_path / "a.pdf", lines, title="Plan", labels={0: "ROMAN_LOWER"}
        ).read_bytes(),
        "garden.epub": make_epub(
            tmp_path / "a.epub", {"a.xhtml": f"<h1>Roses</h1>{paragraphs}"}
        ).read_bytes(),
        "letter.html": make_html(tmp_path / "a.html", f"<h1>Dear</h1>{paragraphs}").read_bytes(),
        "note.txt": CHAPTER.replace("pumps", "ships").encode(),
        "memo.docx": make_docx(
            tmp_path / "a.docx", "<w:p><w:r><w:t>Memo.</w:t></w:r></w:p>"
        ).read_bytes(),
    }
    for name, content in files.items():
        answer = await upload(client, shelf, name, content)
        assert answer.status_code == 202, answer.text
    await index()
    return shelf
