"""`/health` for people and `helm test`, `/health/live` and `/health/ready` for probes.

Liveness touches nothing: a probe that asked Ollama would restart the API whenever Ollama restarts.
Readiness asks the database alone: without Ollama uploads are still taken.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from mirage.api import wire
from mirage.api.openapi import Responses
from mirage.api.state import AppState, MainKey, State
from mirage.db import Database
from mirage.db.generations import current_generations
from mirage.db.migrate import require_schema
from mirage.db.obstacles import list_obstacles
from mirage.errors import ConfigError, GenerationMismatch, GenerationRetired, MirageError
from mirage.model import GenerationState
from mirage.rebuild import list_generations

_TIMEOUT_SECONDS = 5.0

router = APIRouter(tags=["health"])

_UNHEALTHY: Responses = {503: {"model": wire.Unhealthy, "description": "Something is wrong"}}


@router.get("/health", summary="Is all well?", response_model=wire.Health, responses=_UNHEALTHY)
async def health(state: AppState, main_key: MainKey) -> JSONResponse:
    """200 `{"status": "ok"}` only if all is well; else 503 with the components and their states.

    With the key of the settings each component also says what is wrong and what to do, and how far
    an index is that is being built; searches are answered meanwhile, so that is well.
    """
    database, embedder = await asyncio.gather(
        _ask("database", _database(state.database)), _ask("embedder", state.embedder.check())
    )
    index = None if database else await _ask("index", _index(state))
    name = "ollama" if state.settings.embedding.backend == "ollama" else "embedder"
    found = {"database": database, name: embedder, "index": index}
    building = None if database or not main_key else await _building(state)
    if not any(found.values()):
        ok: dict[str, Any] = {"status": "ok"}
        return JSONResponse(ok | {"components": {"index": building}} if building else ok)
    components = {
        component: _describe(error, in_full=main_key) for component, error in found.items()
    }
    if building and index is None:
        components["index"] = building
    return JSONResponse({"status": "unavailable", "components": components}, status_code=503)


@router.get("/health/live", summary="Does the process answer?", response_model=wire.Health)
async def live() -> JSONResponse:
    """200 whenever the process can answer at all."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/health/ready",
    summary="Can requests be served?",
    response_model=wire.Health,
    responses=_UNHEALTHY,
)
async def ready(state: AppState) -> JSONResponse:
    """200 when the database answers and its schema admits this program."""
    return await readiness(state.database)


async def readiness(database: Database) -> JSONResponse:
    """200, or 503 with what is wrong with the database."""
    error = await _ask("database", _database(database))
    if error is None:
        return JSONResponse({"status": "ok"})
    body = {"status": "unavailable", "components": {"database": _describe(error, in_full=False)}}
    return JSONResponse(body, status_code=503)


async def _database(database: Database) -> None:
    await require_schema(database)


async def _index(state: State) -> None:
    async with state.database.transaction() as connection:
        current = await current_generations(connection)
        if any(generation.state is GenerationState.BUILDING for generation in current):
            return
        for obstacle in await list_obstacles(connection):
            if obstacle.kind in {GenerationMismatch.code, GenerationRetired.code, ConfigError.code}:
                raise GenerationMismatch(f"{obstacle.detail} (since {obstacle.since:%F %T} UTC)")


async def _building(state: State) -> dict[str, str] | None:
    for generation in await list_generations(state.database):
        if generation.state is GenerationState.BUILDING:
            covered = generation.documents_total - generation.documents_missing
            return {
                "state": "building",
                "detail": f"generation {generation.id}: {covered} of {generation.documents_total}"
                f" documents, {generation.chunks_ready} of {generation.chunks_total} passages",
            }
    return None


async def _ask(component: str, question: Awaitable[None]) -> MirageError | None:
    try:
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            await question
    except MirageError as error:
        return error
    except TimeoutError:
        return MirageError(f"{component} did not answer in {_TIMEOUT_SECONDS:g} s")
    return None


def _describe(error: MirageError | None, *, in_full: bool) -> Any:
    state = "ok" if error is None else error.code.replace("-", " ")
    if not in_full:
        return state
    if error is None:
        return {"state": state}
    return {"state": state, "detail": str(error), "remedy": error.remedy()}
