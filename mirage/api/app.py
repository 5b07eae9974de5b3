"""Builds and serves the application."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import APIRouter, Depends, FastAPI

from mirage import __version__
from mirage.api.http import docs, openapi, problems
from mirage.api.http.admission import Line
from mirage.api.http.answers import Answers
from mirage.api.http.body_limit import Intake, LimitBody
from mirage.api.http.metrics import Metering
from mirage.api.http.prefix import Prefix
from mirage.api.http.serving import MONITORING_CONNECTIONS, build_server, serve_until_cancelled
from mirage.api.mcp.agents import Agents
from mirage.api.monitoring import create_monitoring_app
from mirage.api.routes import (
    documents,
    events,
    generations,
    health,
    keys,
    mcp,
    pages,
    projects,
    search,
    texts,
)
from mirage.api.state import State, authenticate
from mirage.db import Database
from mirage.embed import Embedder
from mirage.errors import ConfigError
from mirage.events import Feeds
from mirage.files import Store
from mirage.health import HealthChecks
from mirage.pages import PageViewer
from mirage.settings import Settings
from mirage.wiring import build_embedder, build_store

_log = logging.getLogger(__name__)


def create_app(
    settings: Settings,
    *,
    database: Database | None = None,
    store: Store | None = None,
    embedder: Embedder | None = None,
    front: APIRouter | None = None,
) -> FastAPI:
    """Return the API on the given parts; missing ones are made from the settings.

    `front` has the routes for people, which go before those of the API.

    Raises ConfigError without a key, because an API without a key would serve everyone.
    """
    if settings.api.key is None:
        raise ConfigError("MIRAGE_API_KEY must be set: every request must carry this key")
    pool = database or Database(settings.database)
    model = embedder or build_embedder(settings)
    backend = settings.embedding.backend
    name = "embedder" if backend == "local" else backend
    originals = store or build_store(settings)
    parts = State(
        settings=settings,
        database=pool,
        store=originals,
        embedder=model,
        feeds=Feeds(pool),
        health_checks=HealthChecks(pool, originals, model, name),
        intake=Intake(),
        searches=Line(),
        pages=PageViewer(pool, originals),
        agents=Agents(),
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        watching = asyncio.create_task(parts.health_checks.watch())
        yield
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await parts.pages.aclose()
        await parts.agents.aclose()
        if database is None:
            await parts.database.dispose()
        if embedder is None:
            await parts.embedder.aclose()

    app = FastAPI(
        title="miRAGe",
        summary="Find exact, cited passages in your own documents.",
        version=__version__,
        lifespan=lifespan,
        # A client that follows a redirect often leaves the key or the body behind.
        redirect_slashes=False,
        # FastAPI's own pages load scripts from third-party hosts.
        docs_url=None,
        redoc_url=None,
    )
    app.state.parts = parts
    openapi.install(app)
    problems.install(app)
    app.add_middleware(LimitBody, intake=parts.intake)
    app.add_middleware(Metering, logs=settings.log.requests)
    app.add_middleware(Answers)
    if settings.api.root_path:
        app.add_middleware(Prefix, prefix=settings.api.root_path)
    if front is not None:
        app.include_router(front)
    api = APIRouter(prefix="/api/v1", dependencies=[Depends(authenticate)])
    for module in (projects, documents, texts, pages, search, generations, events, keys):
        api.include_router(module.router)
    api.include_router(documents.by_id)
    app.include_router(api)
    app.include_router(mcp.router)
    app.include_router(health.router)
    app.include_router(docs.router)
    return app


async def serve(
    settings: Settings, listener: socket.socket, create: Callable[[Settings], FastAPI]
) -> None:
    """Serve an application on an open port, and its monitoring port, until a signal stops them.

    Raises PortInUse.
    """
    app = create(settings)
    _log.info("the database is %s", app.state.parts.database.place)
    async with monitoring(settings, app.state.parts.database):
        await build_server(
            app,
            settings.api.host,
            settings.api.port,
            listener=listener,
            drain_seconds=settings.api.drain_seconds,
        ).serve()


@asynccontextmanager
async def monitoring(
    settings: Settings, database: Database, listener: socket.socket | None = None
) -> AsyncIterator[None]:
    """Serve the monitoring port while the block runs; do nothing if that port is 0.

    `listener` is that port if it is open already. Raises PortInUse.
    """
    if not settings.metrics.port:
        yield
        return
    server = build_server(
        create_monitoring_app(database),
        settings.api.host,
        settings.metrics.port,
        listener=listener,
        max_connections=MONITORING_CONNECTIONS,
    )
    task = asyncio.create_task(serve_until_cancelled(server))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
