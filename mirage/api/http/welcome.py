"""Greets a browser at `/`; other clients get the problem of an unknown path there."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from mirage.api.http.docs import HEADERS, STYLE


class _ForBrowsers(APIRoute):
    """Matches only requests that ask for HTML."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
            return super().matches(scope)
        return Match.NONE, {}


router = APIRouter(include_in_schema=False, route_class=_ForBrowsers)


@router.get("/")
async def show(request: Request) -> HTMLResponse:
    """Say what this is and where its description is, with addresses that any prefix fits."""
    return HTMLResponse(_render(request.app), headers=HEADERS | {"Vary": "Accept"})


def _render(app: Any) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(app.title)}</title><style>{STYLE}</style></head><body>
<h1>{escape(app.title)} <small>{escape(app.version)}</small></h1>
<p>{escape(app.summary)}</p>
<p>This is an interface for programs; it has no window to search in. Search with the command
<code>mirage search</code>, or from your own program:</p>
<ul>
<li><a href="docs">Description of the interface</a></li>
<li><a href="openapi.json">The same for programs (OpenAPI)</a></li>
<li><a href="health">State of this installation</a></li>
</ul>
</body></html>
"""
