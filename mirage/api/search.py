"""The route of searches."""

from fastapi import APIRouter

from mirage.api import wire
from mirage.api.state import AppState, PathProject
from mirage.search import search

router = APIRouter(prefix="/projects/{project}/search", tags=["search"])


@router.post("", summary="Search a project")
async def find(
    project: PathProject, body: wire.SearchRequest, state: AppState
) -> wire.SearchResponse:
    """Passages with their citations, best first."""
    answer = await search(
        state.database,
        state.embedder,
        state.settings.search,
        project,
        body.query,
        mode=body.mode,
        limit=body.limit,
        threshold=body.threshold,
    )
    return wire.SearchResponse.of(answer)
