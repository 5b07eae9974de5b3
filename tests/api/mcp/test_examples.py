"""The recipes in docs/examples do what they say, against a real API."""

import asyncio
import importlib.util
import json
import os
import py_compile
import re
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.api.conftest import KEY
from tests.api.mcp.conftest import PUMP

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def load(name: str) -> Any:
    """A recipe as a module."""
    spec = importlib.util.spec_from_file_location(name.removesuffix(".py"), EXAMPLES / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


async def search(address: str, url: str, headers: dict[str, str]) -> None:
    """Search as a program with this configuration does."""
    assert url == "https://mirage.example.com/mcp/handbooks"
    filled = {name: re.sub(r"\$\{[^}]+\}", KEY, value) for name, value in headers.items()}
    assert filled == {"Authorization": f"Bearer {KEY}"}
    async with (
        httpx2.AsyncClient(headers=filled, timeout=60) as http,
        Client(streamable_http_client(f"{address}/mcp/shelf", http_client=http)) as client,
    ):
        result = await client.call_tool("search", {"query": "thirty seconds"})
        assert PUMP in result.content[0].text  # type: ignore[union-attr]


async def test_programs_with_an_address_find_passages(address: str, books: str) -> None:
    claude = json.loads((EXAMPLES / "claude-code.json").read_text())["mcpServers"]["mirage"]
    code = json.loads((EXAMPLES / "vscode.json").read_text())
    asked = code["servers"]["mirage"]["headers"]["Authorization"]
    assert asked == f"Bearer ${{input:{code['inputs'][0]['id']}}}"
    libre = yaml.safe_load((EXAMPLES / "librechat.yaml").read_text())["mcpServers"]["mirage"]
    (node,) = json.loads((EXAMPLES / "n8n.json").read_text())["nodes"]
    assert (claude["type"], libre["type"]) == ("http", "streamable-http")
    for facts in (claude, code["servers"]["mirage"], libre):
        await search(address, facts["url"], facts["headers"])
    assert node["parameters"]["authentication"] == "bearerAuth"
    await search(address, node["parameters"]["endpointUrl"], {"Authorization": f"Bearer {KEY}"})


async def test_claude_desktop_starts_the_command(address: str, books: str) -> None:
    facts = json.loads((EXAMPLES / "claude-desktop.json").read_text())["mcpServers"]["mirage"]
    assert facts["command"] == "mirage"
    args = [arg.replace("handbooks", "shelf") for arg in facts["args"]]
    assert set(facts["env"]) == {"MIRAGE_API_URL", "MIRAGE_API_KEY"}
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "mirage", *args],
        env={**os.environ, "MIRAGE_API_URL": address, "MIRAGE_API_KEY": KEY},
    )
    async with asyncio.timeout(120), Client(stdio_client(parameters)) as client:
        result = await client.call_tool("search", {"query": "thirty seconds"})
    assert PUMP in result.content[0].text  # type: ignore[union-attr]


async def test_open_webui_shows_citations(address: str, books: str) -> None:
    tools = load("open_webui_tool.py").Tools()
    tools.valves = tools.Valves(url=address, key=KEY, project="shelf")
    events: list[dict[str, Any]] = []

    async def emit(event: dict[str, Any]) -> None:
        events.append(event)

    answer = await tools.search_documents("thirty seconds", __event_emitter__=emit)
    assert PUMP in answer
    assert {event["type"] for event in events} == {"citation"}
    for event in events:
        data = event["data"]
        assert data["document"][0] in answer
        # tests/web/test_reader.py opens such links.
        assert re.search(r"/d/[0-9a-f-]{36}\?at=\d+-\d+(\.[a-z2-7]{4})?$", data["source"]["url"])
    tools.valves.key = "wrong"
    assert "the key is not valid" in await tools.search_documents("x")


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_recipe_compiles(name: str, tmp_path: Path) -> None:
    py_compile.compile(str(EXAMPLES / name), cfile=str(tmp_path / "x.pyc"), doraise=True)


if has("langchain_core"):

    @pytest.mark.filterwarnings("ignore")
    async def test_langchain_retrieves_passages(address: str, books: str) -> None:
        made = load("langchain_retriever.py").MirageRetriever
        retriever = made(url=address, key=KEY, project="shelf")
        (first, *_) = await asyncio.to_thread(retriever.invoke, "thirty seconds")
        assert PUMP in first.page_content
        assert first.metadata["source"].startswith("pumps/")
        assert first.metadata["link"].startswith(f"{address}/d/")


if has("llama_index"):

    @pytest.mark.filterwarnings("ignore")
    async def test_llamaindex_retrieves_passages(address: str, books: str) -> None:
        made = load("llamaindex_retriever.py").MirageRetriever
        retriever = made(address, KEY, "shelf")
        (first, *_) = await asyncio.to_thread(retriever.retrieve, "thirty seconds")
        assert PUMP in first.node.text
        assert first.node.metadata["link"].startswith(f"{address}/d/")
