"""Serves all paths below a prefix, whether the proxy in front removes it or not."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefix:
    """ASGI middleware. `prefix` is a path such as `/mirage`, which probes do not use."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            path = scope["path"]
            if path == self._prefix:  # As people type it.
                path = f"{self._prefix}/"
            elif not path.startswith(f"{self._prefix}/"):
                path = self._prefix + path
            # As ASGI wants it, the path begins with the root path.
            scope = {**scope, "root_path": self._prefix, "path": path}
        await self._app(scope, receive, send)
