"""The route for progress: a stream of server-sent events (WHATWG HTML, section 9.2)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse

from mirage.api import wire
from mirage.api.http.answers import NO_STORE
from mirage.api.http.examples import EVENTS
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, PathProject, RequestAccess
from mirage.errors import ShuttingDown, TooManyStreams
from mirage.events import Deleted, Event, Stream

router = APIRouter(prefix="/projects/{project}/events", tags=["documents"])

# Proxies close idle connections; the strictest common ones after 30 s.
_HEARTBEAT_SECONDS = 15.0
# After that the client connects again, perhaps to another process.
_LIFE_SECONDS = 600.0
_RECONNECT_MILLISECONDS = 3000
_HEADERS = {"Cache-Control": NO_STORE, "X-Accel-Buffering": "no"}


async def open_stream(
    project: PathProject, state: AppState, access: RequestAccess
) -> AsyncIterator[Stream]:
    """Yield a stream that stays open as long as the answer."""
    async with state.feeds.open(project, access.key_id) as stream:
        yield stream


@router.get(
    "",
    summary="Follow the documents of a project",
    response_class=StreamingResponse,
    responses={
        200: {
            "content": {"text/event-stream": {"example": EVENTS}},
            "description": "The events",
        },
        **raises(TooManyStreams, ShuttingDown),
    },
)
async def follow(stream: Annotated[Stream, Depends(open_stream)]) -> StreamingResponse:
    """Sends a `document` event for each unfinished document, then for each change, and a `deleted`
    event with the id of each deleted document. The stream ends from time to time; connect again.
    """
    return StreamingResponse(write(stream), media_type="text/event-stream", headers=_HEADERS)


async def write(
    stream: Stream,
    *,
    heartbeat_seconds: float = _HEARTBEAT_SECONDS,
    life_seconds: float = _LIFE_SECONDS,
) -> AsyncIterator[str]:
    """Yield the stream in its wire format, with a comment when nothing happens for a while."""
    clock = asyncio.get_running_loop().time
    end = clock() + life_seconds
    yield f"retry: {_RECONNECT_MILLISECONDS}\n\n"
    while clock() < end:
        events = await stream.read(heartbeat_seconds)
        yield "".join(_format(event) for event in events) or ": nothing new\n\n"
        if stream.ended:
            return


def _format(event: Event) -> str:
    if isinstance(event, Deleted):
        return f'event: deleted\ndata: {{"id":"{event.id}"}}\n\n'
    return f"event: document\ndata: {wire.Document.model_validate(event).model_dump_json()}\n\n"
