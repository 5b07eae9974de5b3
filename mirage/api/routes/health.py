"""`/health` for people and `helm test`, `/health/live` and `/health/ready` for probes.

Liveness touches nothing: a probe that asked Ollama would restart the API whenever Ollama restarts.
Readiness asks the database alone: without Ollama uploads are still taken.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from mirage.api import wire
from mirage.api.http.openapi import Responses
from mirage.api.state import AppState, MainKey, State
from mirage.errors import MirageError
from mirage.generations import list_generations
from mirage.health import DATABASE, INDEX, DatabaseHealth, Failure
from mirage.model import GenerationState

router = APIRouter(tags=["health"])

_UNHEALTHY: Responses = {503: {"model": wire.Unhealthy, "description": "Something is wrong"}}


@router.get("/health", summary="Is all well?", response_model=wire.Health, responses=_UNHEALTHY)
async def health(state: AppState, main_key: MainKey) -> JSONResponse:
    """200 `{"status": "ok"}` only if all is well; else 503 with the components and their states.

    With the key of the settings each component also says what is wrong, since when, and what to do,
    and how far an index is that is being built; searches are answered meanwhile, so that is well.
    """
    found = await state.health_checks.examine()
    building = None if found[DATABASE] or not main_key else await _building(state)
    if any(found.values()):
        more = {INDEX: building} if building and found[INDEX] is None else {}
        return _unavailable(found, in_full=main_key, more=more)
    ok: dict[str, Any] = {"status": "ok"}
    return JSONResponse(ok | {"components": {INDEX: building}} if building else ok)


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
async def ready(state: AppState, main_key: MainKey) -> JSONResponse:
    """200 when the database answers and its schema admits this program.

    With the key of the settings a 503 says what is wrong, since when, and what to do.
    """
    trouble = await state.health_checks.examine_database()
    if trouble is None:
        return JSONResponse({"status": "ok"})
    return _unavailable({DATABASE: trouble}, in_full=main_key)


async def readiness(health_checks: DatabaseHealth) -> JSONResponse:
    """What the monitoring port says, where nobody shows a key: 200, or 503 with state and time."""
    trouble = await health_checks.examine_database()
    if trouble is None:
        return JSONResponse({"status": "ok"})
    component = {"state": _state(trouble.error), "since": _moment(trouble.since)}
    body = {"status": "unavailable", "components": {DATABASE: component}}
    return JSONResponse(body, status_code=503)


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


def _unavailable(
    found: Mapping[str, Failure | None], *, in_full: bool, more: Mapping[str, Any] | None = None
) -> JSONResponse:
    components = {name: _describe(trouble, in_full=in_full) for name, trouble in found.items()}
    body = {"status": "unavailable", "components": components | dict(more or {})}
    return JSONResponse(body, status_code=503)


def _describe(trouble: Failure | None, *, in_full: bool) -> Any:
    state = "ok" if trouble is None else _state(trouble.error)
    if not in_full:
        return state
    if trouble is None:
        return {"state": state}
    return {
        "state": state,
        "since": _moment(trouble.since),
        "detail": str(trouble.error),
        "remedy": trouble.error.remedy(),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%FT%TZ}"


def _state(error: MirageError) -> str:
    return error.code.replace("-", " ")
