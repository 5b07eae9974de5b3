"""Routes of generations: the indexes that answer, are being built, or did answer."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from mirage import generations
from mirage.api import wire
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, require, require_all_projects
from mirage.errors import (
    EmbedderUnavailable,
    GenerationIncomplete,
    GenerationInUse,
    GenerationNotFound,
    ModelMissing,
)
from mirage.model import Scope

# They concern all projects and all that is in them.
router = APIRouter(
    prefix="/generations",
    tags=["generations"],
    dependencies=[require(Scope.ADMIN), Depends(require_all_projects)],
)

GenerationId = Annotated[int, Path(ge=1, le=2**31 - 1, description="Id of the generation.")]


@router.get("", summary="List generations")
async def list_all(state: AppState) -> wire.GenerationList:
    """In the order they were made, with how far each is."""
    found = await generations.list_generations(state.database)
    return wire.GenerationList(generations=[wire.Generation.model_validate(item) for item in found])


@router.post(
    "",
    status_code=202,
    summary="Build the generation of the settings",
    responses=raises(GenerationInUse, EmbedderUnavailable, ModelMissing),
)
async def build(state: AppState) -> wire.Generation:
    """In the background, beside the one that answers; 409 when that has these settings already.

    One that is unfinished is retired.
    """
    begun = await generations.build(state.database, state.embedder, state.settings.chunk)
    return wire.Generation.model_validate(begun)


@router.post(
    "/{generation}/activate",
    summary="Answer from a generation",
    responses=raises(GenerationNotFound, GenerationInUse, GenerationIncomplete),
)
async def activate(generation: GenerationId, state: AppState) -> wire.Generation:
    """409 when it lacks documents that are served now. One that is being built is retired."""
    found = await generations.activate(state.database, state.store, generation)
    return wire.Generation.model_validate(found)


@router.delete(
    "/{generation}",
    status_code=202,
    summary="Drop a generation",
    response_class=Response,
    responses=raises(GenerationNotFound, GenerationInUse),
)
async def drop(generation: GenerationId, state: AppState) -> None:
    """Its space is freed in the background; 409 for the active one."""
    await generations.drop(state.database, generation)
