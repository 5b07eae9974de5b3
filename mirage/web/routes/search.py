"""The search page of a shelf. Its address has everything, so back, forward and links work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Response

from mirage.api.state import AppState, State
from mirage.citing import mark_of
from mirage.db.listing import count_by_status, list_kinds
from mirage.errors import EmbedderUnavailable, InvalidInput, MirageError, Unavailable
from mirage.model import DocumentStatus, Passage, Project, SearchMode
from mirage.search import Answer, search
from mirage.web.answering import PageRoute
from mirage.web.searching import TYPES, Asked, snippet
from mirage.web.view import PageView
from mirage.web.visitor import Shelf

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a search led to: passages, those that probably answer first, or an error."""

    strong: Sequence[Passage] = ()
    weak: Sequence[Passage] = ()
    error: MirageError | None = None
    degraded: str | None = None
    words_alone: bool = False
    since: datetime | None = None
    counts: dict[DocumentStatus, int] = field(default_factory=dict)


@router.get("/p/{project}")
async def show(view: PageView, state: AppState, shelf: Shelf) -> Response:
    """Search a shelf, and show passages as cards."""
    asked = Asked.of(view.request.query_params)
    async with state.database.transaction() as connection:
        counts = await count_by_status(connection, shelf.id)
        languages, types = await list_kinds(connection, shelf.id)
    found = _Outcome() if asked.is_empty else await _find(state, shelf, asked)
    total, ready = sum(counts.values()), counts.get(DocumentStatus.READY, 0)
    return view.render(
        "search.html",
        _status(found.error),
        current="search",
        shelf=shelf,
        asked=asked,
        found=found,
        shown=len(found.strong) + len(found.weak),
        total=total,
        ready=ready,
        unfinished=total - ready - counts.get(DocumentStatus.FAILED, 0),
        modes=[mode.value for mode in SearchMode],
        languages_here=languages,
        types_here=[name for name, kind in TYPES.items() if kind in types],
        snippet=snippet,
        link=lambda passage: _link(view, passage),
    )


async def _find(state: State, shelf: Project, asked: Asked) -> _Outcome:
    try:
        question = asked.question()
        async with state.searches.place():
            answer = await search(
                state.database, state.embedder, state.settings.search, shelf, question
            )
    except (InvalidInput, Unavailable) as error:
        return _Outcome(error=error)
    return _Outcome(
        strong=[passage for passage in answer.passages if not passage.weak],
        weak=[passage for passage in answer.passages if passage.weak],
        degraded=answer.degraded,
        words_alone=_is_words_alone(answer),
        since=_embedder_is_away_since(state),
    )


def _is_words_alone(answer: Answer) -> bool:
    """Return whether an answer lacks its leg by meaning."""
    return answer.mode is SearchMode.HYBRID and answer.exact is None


def _embedder_is_away_since(state: State) -> datetime | None:
    for failure in state.health_checks.last_seen.values():
        if isinstance(failure.error, EmbedderUnavailable):
            return failure.since
    return None


def _status(error: MirageError | None) -> int:
    return HTTPStatus.OK if error is None else error.status


def _link(view: PageView, passage: Passage) -> str:
    span = f"{passage.start}-{passage.end}.{mark_of(passage.text)}"
    return view.url("d", passage.document_id, at=span)
