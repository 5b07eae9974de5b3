"""`mirage mcp`: hands the tools of the API through to programs that only start a command."""

import asyncio
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from mirage.cli.client import ApiKey, ApiUnreachable, Client, Url, connect
from mirage.cli.proxies import find_proxy
from mirage.errors import MirageError
from mirage.tls import public_authorities

if TYPE_CHECKING:
    import mcp_types as types
    from mcp.client import Client as Remote

_TIMEOUT_SECONDS = 120.0


def mcp(
    project: Annotated[
        str | None,
        typer.Option("--project", "-p", help="Name or id of the only project to answer from."),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
) -> None:
    """Serve agents over standard input and output, as Claude Desktop wants it (MCP).

    The tools are those of the API at /mcp.
    """
    with connect(url, api_key) as client:
        # A wrong key or project ends the command here, with a sentence.
        client.get(f"/projects/{quote(project, safe='')}" if project else "/projects")
        try:
            asyncio.run(_bridge(client, project))
        except BaseExceptionGroup as group:
            raise _first(group) from group


async def _bridge(client: Client, project: str | None) -> None:
    # Imported here: the SDK takes a second, and only this command needs it.
    import httpx2
    from mcp.client import Client as RemoteClient
    from mcp.client.streamable_http import streamable_http_client
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server

    base = client.http.base_url
    path = f"mcp/{quote(project, safe='')}" if project else "mcp"
    proxy = find_proxy(base)
    async with (
        httpx2.AsyncClient(
            headers={"X-API-Key": client.http.headers.get("X-API-Key", "")},
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
            verify=public_authorities(),
            proxy=str(proxy.url) if proxy else None,
        ) as http,
        RemoteClient(streamable_http_client(str(base.join(path)), http_client=http)) as remote,
    ):
        hands = _Hands(remote)
        server = Server[object](
            "miRAGe",
            instructions=remote.instructions,
            on_list_tools=hands.list_tools,
            on_call_tool=hands.call_tool,
            on_list_resources=hands.list_resources,
            on_list_resource_templates=hands.list_templates,
            on_read_resource=hands.read_resource,
            on_list_prompts=hands.list_prompts,
            on_get_prompt=hands.get_prompt,
        )
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())


class _Hands:
    """Answers each request with what the API answers."""

    def __init__(self, remote: "Remote") -> None:
        self._remote = remote

    async def list_tools(
        self, context: object, params: "types.PaginatedRequestParams | None"
    ) -> "types.ListToolsResult":
        return await self._remote.list_tools()

    async def call_tool(
        self, context: object, params: "types.CallToolRequestParams"
    ) -> "types.CallToolResult":
        return await self._remote.call_tool(params.name, params.arguments or {})

    async def list_resources(
        self, context: object, params: "types.PaginatedRequestParams | None"
    ) -> "types.ListResourcesResult":
        return await self._remote.list_resources()

    async def list_templates(
        self, context: object, params: "types.PaginatedRequestParams | None"
    ) -> "types.ListResourceTemplatesResult":
        return await self._remote.list_resource_templates()

    async def read_resource(
        self, context: object, params: "types.ReadResourceRequestParams"
    ) -> "types.ReadResourceResult":
        return await self._remote.read_resource(str(params.uri))

    async def list_prompts(
        self, context: object, params: "types.PaginatedRequestParams | None"
    ) -> "types.ListPromptsResult":
        return await self._remote.list_prompts()

    async def get_prompt(
        self, context: object, params: "types.GetPromptRequestParams"
    ) -> "types.GetPromptResult":
        return await self._remote.get_prompt(params.name, params.arguments)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that ended the bridge, as this program says it."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, MirageError | KeyboardInterrupt | OSError):
        return error
    return ApiUnreachable(f"the connection to the API ended: {str(error) or type(error).__name__}")
