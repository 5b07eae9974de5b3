"""Puts the application together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import APIRouter, Depends, FastAPI

from mirage import __version__
from mirage.api import documents, health, problems, projects, search
from mirage.api.limit import LimitBody
from mirage.api.state import State, require_key
from mirage.db import Database
from mirage.embed import Embedder
from mirage.errors import ConfigError
from mirage.files import VolumeStore
from mirage.settings import Settings
from mirage.wiring import build_embedder, build_store

_SHUTDOWN_SECONDS = 20


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    store: VolumeStore | None = None,
    embedder: Embedder | None = None,
) -> FastAPI:
    """The API over the given parts; those that are not given are made from the settings.

    Raises ConfigError when there is no key, for an API without one would serve anybody.
    """
    if settings.api.key is None:
        raise ConfigError("MIRAGE_API_KEY must be set: it is the key that every request carries")
    parts = State(
        settings=settings,
        database=database or Database(settings.database),
        store=store or build_store(settings),
        embedder=embedder or build_embedder(settings),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        if database is None:
            await parts.database.dispose()
        if embedder is None:
            await parts.embedder.aclose()

    app = FastAPI(title="miRAGe", version=__version__, lifespan=lifespan)
    app.state.parts = parts
    problems.install(app)
    app.add_middleware(LimitBody)
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(require_key)])
    for module in (projects, documents, search):
        api.include_router(module.router)
    app.include_router(api)
    app.include_router(health.router)
    return app


def build_server(app: FastAPI, settings: Settings) -> uvicorn.Server:
    """The HTTP server; requests that are under way get a while to end."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=settings.api.host,
            port=settings.api.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
    )
