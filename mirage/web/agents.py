"""What to paste into a program so that its agent searches this installation.

The same recipes are in docs/agents.md, where each is tried.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit


@dataclass(frozen=True, slots=True)
class Recipe:
    """A text for a program; `key` is its name in the catalogue, which says where the text goes."""

    key: str
    program: str
    text: str


def recipes(base: str, project: str | None, token: str) -> Iterator[Recipe]:
    """Yield a recipe per program.

    `base` is the address of this installation, `project` the only one that the key sees.
    """
    url = f"{base}/mcp/{quote(project, safe='')}" if project else f"{base}/mcp"
    yield Recipe(
        "claude_code",
        "Claude Code",
        f'claude mcp add --transport http mirage {url} --header "Authorization: Bearer {token}"',
    )
    yield Recipe("claude_desktop", "Claude Desktop", _json(_claude_desktop(base, project, token)))
    yield Recipe("vscode", "VS Code", _json(_vscode(url)))
    yield Recipe("open_webui", "Open WebUI", f"{url}\n{token}")
    yield Recipe("librechat", "LibreChat", _librechat(base, url))
    yield Recipe("n8n", "n8n", _json(_n8n(url)))


def _claude_desktop(base: str, project: str | None, token: str) -> dict[str, Any]:
    arguments = ["mcp", "--project", project] if project else ["mcp"]
    environment = {"MIRAGE_API_URL": base, "MIRAGE_API_KEY": token}
    return {"mcpServers": {"mirage": {"command": "mirage", "args": arguments, "env": environment}}}


def _vscode(url: str) -> dict[str, Any]:
    asked = {
        "type": "promptString",
        "id": "mirage-key",
        "description": "Key of miRAGe",
        "password": True,
    }
    headers = {"Authorization": "Bearer ${input:mirage-key}"}
    return {
        "inputs": [asked],
        "servers": {"mirage": {"type": "http", "url": url, "headers": headers}},
    }


def _librechat(base: str, url: str) -> str:
    host = json.dumps(urlsplit(base).hostname)
    return f"""mcpSettings:
  allowedDomains:
    - {host}
mcpServers:
  mirage:
    type: streamable-http
    url: {json.dumps(url)}
    headers:
      Authorization: Bearer ${{MIRAGE_API_KEY}}
    serverInstructions: true
    timeout: 60000
"""


def _n8n(url: str) -> dict[str, Any]:
    node = {
        "name": "miRAGe",
        "type": "@n8n/n8n-nodes-langchain.mcpClientTool",
        "typeVersion": 1.1,
        "position": [0, 0],
        "parameters": {
            "endpointUrl": url,
            "serverTransport": "httpStreamable",
            "authentication": "bearerAuth",
            "include": "all",
        },
    }
    return {"nodes": [node], "connections": {}}


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
