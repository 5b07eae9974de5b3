"""The search route."""

from functools import partial

from fastapi import APIRouter

from mirage.api import wire
from mirage.api.http.admission import InLine, Overloaded
from mirage.api.http.openapi import raises
from mirage.api.state import (
    AppState,
    ProjectReference,
    RequestAccess,
    look_up_visible_project,
)
from mirage.errors import (
    BadEmbedding,
    EmbedderUnavailable,
    GenerationMismatch,
    ModelMissing,
    TextTooLong,
)
from mirage.search import Question, search

router = APIRouter(prefix="/projects/{project}/search", tags=["search"], route_class=InLine)


@router.post(
    "",
    summary="Search a project",
    responses=raises(
        TextTooLong,
        EmbedderUnavailable,
        ModelMissing,
        GenerationMismatch,
        BadEmbedding,
        Overloaded,
    ),
)
async def find(
    project: ProjectReference, body: wire.SearchRequest, state: AppState, access: RequestAccess
) -> wire.SearchResponse:
    """Finds passages with their citations, best first."""
    question = Question(
        query=body.query,
        mode=body.mode,
        limit=body.limit,
        threshold=body.threshold,
        filters=body.filters.domain(),
        context=body.context,
        max_tokens=body.max_tokens,
        per_document=body.per_document,
        fold_duplicates=body.fold_duplicates,
    )
    answer = await search(
        state.database,
        state.embedder,
        state.settings.search,
        partial(look_up_visible_project, reference=project, access=access),
        question,
    )
    return wire.SearchResponse.of(answer, explain=body.explain)
