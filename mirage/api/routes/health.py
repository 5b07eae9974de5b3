"""`/health` for people and `helm test`, `/health/live` and `/health/ready` for probes.

The liveness probe checks only the process: if it also checked Ollama, each restart of Ollama would
restart the API. The readiness probe checks only the database: uploads work without Ollama.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from mirage.api import wire
from mirage.api.http.openapi import Responses, raises
from mirage.api.state import AppState, MainKey, State
from mirage.errors import InvalidRequest, MirageError
from mirage.generations import list_generations
from mirage.health import DATABASE, INDEX, DatabaseHealth, Failure
from mirage.model import GenerationState

router = APIRouter(tags=["health"])

_UNHEALTHY: Responses = {503: {"model": wire.Unhealthy, "description": "Something is wrong"}}


@router.get(
    "/health", summary="Check all components", response_model=wire.Health, responses=_UNHEALTHY
)
async def health(state: AppState, main_key: MainKey) -> JSONResponse:
    """Answers 200 `{"status": "ok"}` if everything works, otherwise 503 with the state of each
    component.

    With the key of the settings, each component also has the problem, its start and its remedy, and
    `index` has the progress of a build. A build is not an error: searches work meanwhile. `notes`
    are sentences about what works, but could be better.
    """
    found = await state.health_checks.examine()
    building = None if found[DATABASE] or not main_key else await _building(state)
    if any(found.values()):
        more = {INDEX: building} if building and found[INDEX] is None else {}
        return _unavailable(found, in_full=main_key, more=more)
    body: dict[str, Any] = {"status": "ok"}
    if building:
        body["components"] = {INDEX: building}
    if main_key and (notes := await state.health_checks.notes()):
        body["notes"] = notes
    return JSONResponse(body)


@router.get("/health/live", summary="Liveness probe", response_model=wire.Health)
async def live() -> JSONResponse:
    """Answers 200 as long as the process responds."""
    return JSONResponse({"status": "ok"})


@router.get(
    "/health/ready",
    summary="Readiness probe",
    response_model=wire.Health,
    responses={**_UNHEALTHY, **raises(InvalidRequest)},
)
async def ready(
    state: AppState,
    main_key: MainKey,
    wait: Annotated[
        float,
        Query(ge=0, le=60, description="Seconds to wait for 200 before the answer is 503."),
    ] = 0.0,
) -> JSONResponse:
    """Answers 200 if the database responds and its schema fits this release.

    With the key of the settings, a 503 has the problem, its start and its remedy.
    """
    failure = await state.health_checks.await_database(wait, lambda: state.intake.stopping)
    if failure is None:
        return JSONResponse({"status": "ok"})
    return _unavailable({DATABASE: failure}, in_full=main_key)


async def readiness(health_checks: DatabaseHealth) -> JSONResponse:
    """Return 200, or 503 with state and time: the answer of the monitoring port, without keys."""
    failure = await health_checks.examine_database()
    if failure is None:
        return JSONResponse({"status": "ok"})
    component = {"state": _state(failure.error), "since": _moment(failure.since)}
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
    components = {name: _describe(failure, in_full=in_full) for name, failure in found.items()}
    body = {"status": "unavailable", "components": components | dict(more or {})}
    return JSONResponse(body, status_code=503)


def _describe(failure: Failure | None, *, in_full: bool) -> Any:
    state = "ok" if failure is None else _state(failure.error)
    if not in_full:
        return state
    if failure is None:
        return {"state": state}
    return {
        "state": state,
        "since": _moment(failure.since),
        "detail": str(failure.error),
        "remedy": failure.error.remedy(),
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%FT%TZ}"


def _state(error: MirageError) -> str:
    return error.code.replace("-", " ")
