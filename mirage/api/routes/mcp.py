"""The address for agents, which speaks the Model Context Protocol."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Depends, Request, Response
from starlette.types import Message, Receive, Scope, Send

from mirage.api.mcp.agents import CALLER, Agents
from mirage.api.mcp.calls import Caller
from mirage.api.state import AppState, PathProject, RequestAccess, authenticate

# Not a part of the API's description: the protocol describes its tools itself.
router = APIRouter(include_in_schema=False, dependencies=[Depends(authenticate)])


class _Handled(Response):
    """Lets the SDK answer a request whose body was read."""

    def __init__(self, agents: Agents, caller: Caller, body: bytes) -> None:
        super().__init__()
        self._agents, self._caller, self._sent = agents, caller, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._agents.handle(
            {**scope, CALLER: self._caller}, _replay(self._sent, receive), send
        )


def _replay(body: bytes, receive: Receive) -> Callable[[], Awaitable[Message]]:
    """Return a `receive` that starts with the body."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


# Only POST: a stateless server has no stream that a GET could follow, and no session to DELETE.
@router.post("/mcp")
async def all_projects(request: Request, state: AppState, access: RequestAccess) -> Response:
    """Answers an agent from the projects that its key sees."""
    caller = Caller(state, access, None, public_address(request, state))
    return _Handled(state.agents, caller, await request.body())


@router.post("/mcp/{project}")
async def one_project(
    request: Request, state: AppState, access: RequestAccess, project: PathProject
) -> Response:
    """Answers an agent from one project."""
    caller = Caller(state, access, project, public_address(request, state))
    return _Handled(state.agents, caller, await request.body())


def public_address(request: Request, state: AppState) -> str:
    """Return the address for links: that of the settings, or the one that the request was sent to.

    The client's own headers decide only what it reads itself.
    """
    if state.settings.api.public_url:
        return state.settings.api.public_url.rstrip("/")
    scheme = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
    if scheme not in {"http", "https"}:
        scheme = request.url.scheme
    return f"{scheme}://{request.url.netloc}{state.settings.api.root_path}"
