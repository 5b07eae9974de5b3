"""Connects the tools with the official SDK. Only `agents.py` imports this module, and late."""

import asyncio
import logging
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from mirage import __version__
from mirage.api.http.body_limit import MAX_BODY_BYTES
from mirage.api.mcp.agents import CALLER
from mirage.api.mcp.calls import Caller
from mirage.api.mcp.resources import TEMPLATE, read_resource
from mirage.api.mcp.tools import INSTRUCTIONS, TOOLS, ToolNotFound, find_tool
from mirage.errors import MirageError
from mirage.telemetry import MCP_CALLS

_log = logging.getLogger(__name__)

_TEXT = "text/plain"
_PROMPT = "answer-from-my-documents"
_ASK = (
    "Answer this question from my documents alone: {question}\n\nSearch for it, read on around the"
    " passages that you use, and cite each one by its link. Say what the documents do not answer."
)

Context = ServerRequestContext[Any, Request]


class Serving:
    """The server of the SDK: stateless, with JSON answers, so that any replica may answer."""

    def __init__(self) -> None:
        server = Server[Any](
            "miRAGe",
            version=__version__,
            instructions=INSTRUCTIONS,
            on_list_tools=_list_tools,
            on_call_tool=_call_tool,
            on_list_resources=_list_resources,
            on_list_resource_templates=_list_templates,
            on_read_resource=_read_resource,
            on_list_prompts=_list_prompts,
            on_get_prompt=_get_prompt,
        )
        self._manager = StreamableHTTPSessionManager(
            server,
            json_response=True,
            stateless=True,
            # The host of an Ingress is not known here. The key guards against DNS rebinding.
            security_settings=TransportSecuritySettings(enable_dns_rebinding_protection=False),
            max_request_body_size=MAX_BODY_BYTES,
        )
        self._stop = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start what runs until `aclose`, in a task of its own because it is a task group."""
        started = asyncio.Event()

        async def run() -> None:
            async with self._manager.run():
                started.set()
                await self._stop.wait()

        self._task = asyncio.create_task(run())
        await started.wait()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._manager.handle_request(scope, receive, send)

    async def aclose(self) -> None:
        """End all requests."""
        self._stop.set()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


def _caller(context: Context) -> Caller:
    request = context.request
    if request is None:
        raise MirageError("a request has no HTTP request")
    caller: Caller = request.scope[CALLER]
    return caller


async def _list_tools(
    context: Context, params: types.PaginatedRequestParams | None
) -> types.ListToolsResult:
    with_project = _caller(context).project is None
    annotations = types.ToolAnnotations(read_only_hint=True, open_world_hint=False)
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=tool.describe_arguments(with_project=with_project),
                annotations=annotations,
            )
            for tool in TOOLS
        ]
    )


async def _call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
    outcome, failed = "ok", True
    name = "unknown"
    try:
        tool = find_tool(params.name)
        name = tool.name
        text = await tool.call(_caller(context), params.arguments)
        failed = False
    except MirageError as error:
        outcome = error.code
        remedy = "" if isinstance(error, ToolNotFound) else f"\n{error.remedy()}"
        text = f"{error}{remedy}"
    except Exception:  # An agent cannot mend a defect, and its connection must go on.
        _log.exception("a tool failed", extra={"tool": name})
        outcome, text = MirageError.code, "internal error; the API's log has the traceback"
    MCP_CALLS.labels(name, outcome).inc()
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)


async def _list_resources(
    context: Context, params: types.PaginatedRequestParams | None
) -> types.ListResourcesResult:
    return types.ListResourcesResult(resources=[])  # `list_documents` lists them, in pages.


async def _list_templates(
    context: Context, params: types.PaginatedRequestParams | None
) -> types.ListResourceTemplatesResult:
    template = types.ResourceTemplate(
        name="document",
        title="A document or a place in it",
        uri_template=TEMPLATE,
        description="The text of a document from its beginning, or from a page or span on.",
        mime_type=_TEXT,
    )
    return types.ListResourceTemplatesResult(resource_templates=[template])


async def _read_resource(
    context: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    uri = str(params.uri)
    try:
        text = await read_resource(_caller(context), uri)
    except MirageError as error:
        raise MCPError(types.INVALID_PARAMS, f"{error}\n{error.remedy()}") from error
    contents = types.TextResourceContents(uri=uri, mime_type=_TEXT, text=text)
    return types.ReadResourceResult(contents=[contents])


async def _list_prompts(
    context: Context, params: types.PaginatedRequestParams | None
) -> types.ListPromptsResult:
    question = types.PromptArgument(name="question", description="What to answer.", required=True)
    return types.ListPromptsResult(
        prompts=[
            types.Prompt(
                name=_PROMPT,
                title="Answer from my documents",
                description="Answers a question from your own documents, with links to them.",
                arguments=[question],
            )
        ]
    )


async def _get_prompt(
    context: Context, params: types.GetPromptRequestParams
) -> types.GetPromptResult:
    question = (params.arguments or {}).get("question", "")
    content = types.TextContent(text=_ASK.format(question=question))
    return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=content)])
