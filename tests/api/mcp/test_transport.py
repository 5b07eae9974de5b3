"""How agents reach the tools: keys, protocol versions, methods, clients of other languages."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from pydantic import SecretStr

from mirage.api import create_app
from mirage.db import Database
from mirage.files import VolumeStore
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from tests.api.conftest import KEY, Index, upload
from tests.api.mcp.conftest import PUMP, Connect

ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
LIST = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
SEARCH = {
    "jsonrpc": "2.0",
    "id": 3,
    "method": "tools/call",
    "params": {"name": "search", "arguments": {"query": "thirty seconds"}},
}
NODE = shutil.which("node")
TYPESCRIPT = os.environ.get("MIRAGE_TEST_MCP_TYPESCRIPT", "")


async def post(
    address: str, body: Any, path: str = "/mcp/shelf", key: str | None = KEY, **headers: str
) -> httpx.Response:
    keys = {} if key is None else {"X-API-Key": key}
    async with httpx.AsyncClient(base_url=address, headers=ACCEPT | keys | headers) as http:
        return await http.post(path, json=body)


def text_of(answer: httpx.Response) -> str:
    """The text of a tool's answer."""
    assert answer.status_code == 200, answer.text
    (content,) = answer.json()["result"]["content"]
    return str(content["text"])


async def make_key(client: httpx.AsyncClient, name: str, *projects: str) -> dict[str, Any]:
    made = await client.post("/api/v1/keys", json={"name": name, "projects": list(projects)})
    assert made.status_code == 201, made.text
    key: dict[str, Any] = made.json()
    return key


async def test_request_without_a_valid_key_is_told_so(address: str, shelf: str) -> None:
    for key, path in ((None, "/mcp"), ("wrong", "/mcp"), (None, "/mcp/shelf"), (None, "/mcp/no")):
        answer = await post(address, LIST, path, key)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["type"] == "urn:mirage:problem:unauthorized"
    assert (await post(address, LIST, "/mcp/no")).status_code == 404


async def test_revoked_key_is_refused_at_the_next_call(
    client: httpx.AsyncClient, address: str, shelf: str
) -> None:
    key = await make_key(client, "agent", "shelf")
    assert (await post(address, LIST, key=key["token"])).status_code == 200
    await client.delete(f"/api/v1/keys/{key['id']}")
    assert (await post(address, LIST, key=key["token"])).status_code == 401


async def test_project_is_asked_for_only_where_there_are_several(
    client: httpx.AsyncClient, address: str, connect: Connect, books: str
) -> None:
    await client.post("/api/v1/projects", json={"name": "other"})
    one = await make_key(client, "one", "shelf")
    two = await make_key(client, "two", "shelf", "other")
    async with connect("/mcp", one["token"]) as agent:
        assert PUMP in await agent.ask("search", query="thirty seconds")
        assert "is visible to this key" in await agent.fail("search", query="x", project="other")
    async with connect("/mcp", two["token"]) as agent:
        refused = await agent.fail("search", query="thirty seconds")
        assert refused.splitlines()[0] == "this key sees 2 projects: other, shelf"
        assert PUMP in await agent.ask("search", query="thirty seconds", project="shelf")
        tools = (await agent.client.list_tools()).tools
        assert all("project" in tool.input_schema["properties"] for tool in tools)
    async with connect("/mcp/shelf") as agent:
        refused = await agent.fail("search", query="x", project="other")
        assert refused.startswith("this address serves only project 'shelf'")
    hidden = await post(address, SEARCH, "/mcp/other", one["token"])
    assert hidden.status_code == 404


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT"])
async def test_only_post_is_allowed(address: str, shelf: str, method: str) -> None:
    async with httpx.AsyncClient(base_url=address, headers={"X-API-Key": KEY}) as http:
        for path in ("/mcp", "/mcp/shelf"):
            answer = await http.request(method, path, timeout=10)
            assert answer.status_code == 405
            assert "POST" in answer.headers["allow"]


async def test_large_body_is_refused(address: str, shelf: str) -> None:
    body = SEARCH | {"padding": "x" * 300_000}
    assert (await post(address, body)).status_code == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b'{"jsonrpc": "2.0"}'])
@pytest.mark.parametrize("version", [None, "2025-06-18", "2026-07-28", "1999-01-01"])
async def test_nonsense_is_never_an_internal_error(
    address: str, shelf: str, body: bytes, version: str | None
) -> None:
    headers = ACCEPT | {"X-API-Key": KEY} | ({"MCP-Protocol-Version": version} if version else {})
    async with httpx.AsyncClient(base_url=address, headers=headers) as http:
        answer = await http.post("/mcp/shelf", content=body)
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
async def test_older_clients_are_answered(address: str, books: str, version: str) -> None:
    parameters = {
        "protocolVersion": version,
        "capabilities": {},
        "clientInfo": {"name": "old", "version": "1"},
    }
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": parameters}
    begun = await post(address, hello)
    assert begun.json()["result"]["protocolVersion"] == version
    assert "mcp-session-id" not in begun.headers
    ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    told = {} if version < "2025-06-18" else {"MCP-Protocol-Version": version}
    assert (await post(address, ready, **told)).status_code == 202
    listed = (await post(address, LIST, **told)).json()["result"]["tools"]
    assert [tool["name"] for tool in listed] == ["search", "read", "list_documents", "outline"]
    assert PUMP in text_of(await post(address, SEARCH, **told))


async def test_newest_client_is_answered(connect: Connect, books: str) -> None:
    async with connect() as agent:
        assert agent.client.protocol_version == "2026-07-28"
        assert PUMP in await agent.ask("search", query="thirty seconds")


async def test_parallel_calls_of_two_keys_never_mix(
    client: httpx.AsyncClient, address: str, shelf: str, index: Index
) -> None:
    keys = []
    for name in ("shelf", "other"):
        await client.post("/api/v1/projects", json={"name": name})
        await upload(client, f"/api/v1/projects/{name}", "a.txt", f"The word is {name}.".encode())
        keys.append((name, (await make_key(client, name, name))["token"]))
    await index()
    body = SEARCH | {"params": {"name": "search", "arguments": {"query": "the word is"}}}
    answers = await asyncio.gather(
        *(post(address, body, "/mcp", keys[at % 2][1]) for at in range(50))
    )
    for at, answer in enumerate(answers):
        name, other = keys[at % 2][0], keys[1 - at % 2][0]
        assert f"The word is {name}." in text_of(answer)
        assert f"The word is {other}." not in text_of(answer)


async def test_any_replica_answers_the_next_call(
    address: str, books: str, database: Database, store: VolumeStore
) -> None:
    settings = load_settings(api={"key": SecretStr(KEY)}, documents={"path": store.root})
    replica = create_app(settings, database=database, store=store, embedder=FakeEmbedder())
    found = text_of(await post(address, SEARCH))
    transport = httpx.ASGITransport(replica)
    headers = ACCEPT | {"X-API-Key": KEY}
    async with httpx.AsyncClient(transport=transport, base_url="http://two") as http:
        other = text_of(await http.post("/mcp/shelf", json=SEARCH, headers=headers))
    assert other.replace("http://two/", f"{address}/") == found
    await replica.state.parts.agents.aclose()


async def test_links_have_the_address_that_people_use(
    client: httpx.AsyncClient, address: str, books: str
) -> None:
    forwarded = await post(
        address, SEARCH, **{"X-Forwarded-Proto": "https", "Host": "books.example.com"}
    )
    assert "](https://books.example.com/d/" in text_of(forwarded)
    settings = client._transport.app.state.parts.settings  # type: ignore[attr-defined]
    object.__setattr__(settings.api, "public_url", "https://public.example.com/mirage/")
    assert "](https://public.example.com/mirage/d/" in text_of(await post(address, SEARCH))


async def test_command_hands_the_tools_through(address: str, books: str) -> None:
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "mirage", "mcp", "--project", "shelf"],
        env={**os.environ, "MIRAGE_API_URL": address, "MIRAGE_API_KEY": KEY},
    )
    async with asyncio.timeout(120), Client(stdio_client(parameters)) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["search", "read", "list_documents", "outline"]
        result = await client.call_tool("search", {"query": "thirty seconds"})
        assert PUMP in result.content[0].text  # type: ignore[union-attr]
        wrong = await client.call_tool("read", {"at": "nothing"})
        assert wrong.is_error
        (prompt,) = (await client.list_prompts()).prompts
        assert prompt.name == "answer-from-my-documents"
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "mirage://{project}/{document}{?at}"


async def test_command_with_a_wrong_key_ends_with_a_sentence(address: str, shelf: str) -> None:
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mirage", "mcp", "--url", address, "--api-key", "wrong"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(command.communicate(), 60)
    assert (command.returncode, out) == (1, b"")
    assert err.decode().splitlines()[0].startswith("error: the key is not valid")
    assert len(err.decode().splitlines()) == 2  # And the remedy.


_CLIENT = """
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
const headers = { Authorization: `Bearer ${process.env.KEY}` };
const url = new URL(process.env.ADDRESS);
const client = new Client({ name: "typescript", version: "1" });
await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
const tools = (await client.listTools()).tools.map((tool) => tool.name);
const call = { name: "search", arguments: { query: "thirty seconds" } };
const text = (await client.callTool(call)).content[0].text;
console.log(JSON.stringify({ tools, text, instructions: client.getInstructions() }));
await client.close();
"""

if TYPESCRIPT:  # Nothing is skipped without it, because CI takes a skipped test for a failure.

    async def test_typescript_client_is_answered(address: str, books: str) -> None:
        script = Path(TYPESCRIPT) / f"client-{os.getpid()}.mjs"
        script.write_text(_CLIENT)
        try:
            node = await asyncio.create_subprocess_exec(
                *(str(NODE), str(script)),
                env={**os.environ, "KEY": KEY, "ADDRESS": f"{address}/mcp/shelf"},
                stdout=subprocess.PIPE,
            )
            out, _ = await asyncio.wait_for(node.communicate(), 60)
        finally:
            script.unlink()
        answer = json.loads(out)
        assert answer["tools"] == ["search", "read", "list_documents", "outline"]
        assert PUMP in answer["text"]
        assert answer["instructions"].startswith("The user's own documents.")


def test_sdk_is_imported_at_the_first_request_of_an_agent(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pydantic import SecretStr\nfrom mirage.api import create_app\n"
        "from mirage.settings import load_settings\n"
        "create_app(load_settings(api={'key': SecretStr('k')},"
        f" documents={{'path': {str(tmp_path)!r}}}))\n"
        "late = {'mcp', 'mcp_types', 'httpx2', 'cryptography', 'jsonschema', 'PIL', 'pypdfium2'}\n"
        "print(sorted(late & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
