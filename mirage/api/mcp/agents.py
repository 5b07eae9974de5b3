"""The server for agents, which starts at the first request of one."""

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from mirage.api.mcp.server import Serving


class Agents:
    """Imports the official SDK and starts its server when an agent asks for the first time.

    The import takes 24 MB and a second or more, so it runs in a thread.
    """

    def __init__(self) -> None:
        self._starting = asyncio.Lock()
        self._serving: Serving | None = None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose scope has the `Caller` under `CALLER`."""
        async with self._starting:
            if self._serving is None:
                serve: Any = await asyncio.to_thread(_import)
                self._serving = serve()
                await self._serving.start()
        await self._serving.handle(scope, receive, send)

    async def aclose(self) -> None:
        """End the server."""
        if self._serving is not None:
            await self._serving.aclose()


CALLER = "mirage.caller"
"""Key of a request's scope."""


def _import() -> Any:
    from mirage.api.mcp.server import Serving

    return Serving
