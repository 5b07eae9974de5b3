"""Routes of generations: the active index, the one being built, and earlier ones."""

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

# Generations concern all projects.
router = APIRouter(
    prefix="/generations",
    tags=["generations"],
    dependencies=[require(Scope.ADMIN), Depends(require_all_projects)],
)

GenerationId = Annotated[int, Path(ge=1, le=2**31 - 1, description="Id of the generation.")]


@router.get("", summary="List generations")
async def list_all(state: AppState) -> wire.GenerationList:
    """Lists generations in order of creation, with their progress."""
    found = await generations.list_generations(state.database)
    return wire.GenerationList(generations=[wire.Generation.model_validate(item) for item in found])


@router.post(
    "",
    status_code=202,
    summary="Build a generation from the settings",
    responses=raises(GenerationInUse, EmbedderUnavailable, ModelMissing),
)
async def build(state: AppState) -> wire.Generation:
    """Builds the index for the present settings in the background, while the active one answers.

    Answers 409 if the active generation has these settings. An unfinished one is retired.
    """
    begun = await generations.build(state.database, state.embedder, state.settings.chunk)
    return wire.Generation.model_validate(begun)


@router.post(
    "/{generation}/activate",
    summary="Activate a generation",
    responses=raises(GenerationNotFound, GenerationInUse, GenerationIncomplete),
)
async def activate(generation: GenerationId, state: AppState) -> wire.Generation:
    """Uses a generation for searches. Answers 409 if it lacks documents that searches find now. A
    generation that is being built is retired.
    """
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
    """Deletes a generation in the background. Answers 409 for the active one."""
    await generations.drop(state.database, generation)
