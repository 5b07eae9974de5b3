"""Puts the page in front of the API."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI

from mirage.api import create_app
from mirage.settings import Settings
from mirage.web.routes import (
    document,
    keys,
    language,
    library,
    login,
    nothing,
    reader,
    search,
    shelves,
    static,
    status,
)
from mirage.web.view import build_site


def create_site(settings: Settings, **parts: Any) -> FastAPI:
    """Return the API, which takes the same parts, with the page. Raises ConfigError."""
    front = APIRouter(include_in_schema=False, lifespan=_watch)
    front.include_router(shelves.first)
    for module in (
        static,
        language,
        login,
        shelves,
        search,
        library,
        document,
        reader,
        keys,
        status,
    ):
        front.include_router(module.router)
    app = create_app(settings, front=front, **parts)
    app.include_router(nothing.router)
    key = settings.api.key
    app.state.site = build_site(settings.api.root_path, key.get_secret_value() if key else "")
    return app


@asynccontextmanager
async def _watch(app: FastAPI) -> AsyncIterator[None]:
    """Keep the history while the application runs."""
    watching = asyncio.create_task(app.state.site.history.watch(app.state.parts.database))
    yield
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
