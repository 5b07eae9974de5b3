"""The route of searches."""

from fastapi import APIRouter

from mirage.api import wire
from mirage.api.openapi import raises
from mirage.api.state import AppState, PathProject
from mirage.errors import (
    BadEmbedding,
    EmbedderUnavailable,
    GenerationMismatch,
    ModelMissing,
    TextTooLong,
)
from mirage.search import Question, search

router = APIRouter(prefix="/projects/{project}/search", tags=["search"])


@router.post(
    "",
    summary="Search a project",
    responses=raises(
        TextTooLong, EmbedderUnavailable, ModelMissing, GenerationMismatch, BadEmbedding
    ),
)
async def find(
    project: PathProject, body: wire.SearchRequest, state: AppState
) -> wire.SearchResponse:
    """Passages with their citations, best first."""
    question = Question(
        query=body.query,
        mode=body.mode,
        limit=body.limit,
        threshold=body.threshold,
        filters=body.filters.domain(),
        context=body.context,
        max_tokens=body.max_tokens,
    )
    answer = await search(state.database, state.embedder, state.settings.search, project, question)
    return wire.SearchResponse.of(answer, explain=body.explain)
