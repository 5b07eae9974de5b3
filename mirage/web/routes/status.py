"""The state of the installation: components, work that waits, and the index that is built."""

from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import APIRouter, Response

from mirage.api.state import AppState, State
from mirage.db.queue.backlog import Backlog, measure_backlog
from mirage.generations import list_generations
from mirage.health import DATABASE
from mirage.model import GenerationState, Scope
from mirage.web.answering import PageRoute
from mirage.web.history import HEIGHT, WIDTH, History, line, sample_of
from mirage.web.view import PageView
from mirage.web.visitor import Visitor

router = APIRouter(route_class=PageRoute)

_SHOWN = (GenerationState.BUILDING, GenerationState.ACTIVE)


@dataclass(frozen=True, slots=True)
class _Chart:
    """A line of values, with its largest and its last one."""

    name: str
    points: str
    top: int
    last: int


@router.get("/status")
async def show(view: PageView, state: AppState, visitor: Visitor) -> Response:
    """Show the state. Numbers are for keys for all shelves, details for administrators."""
    found = await state.health_checks.examine()
    everything = visitor.project_ids is None
    details = everything and view.may(Scope.ADMIN)
    backlog, generations, notes = None, [], []
    if everything and found[DATABASE] is None:
        backlog = await _measure(state)
        generations = [
            item for item in await list_generations(state.database) if item.state in _SHOWN
        ]
        notes = await state.health_checks.notes() if details else []
    return view.render(
        "status.html",
        current="status",
        components=found,
        details=details,
        backlog=backlog,
        now=sample_of(backlog, datetime.now(UTC)) if backlog else None,
        charts=_charts(view.site.history) if backlog else [],
        width=WIDTH,
        height=HEIGHT,
        minutes_left=view.site.history.minutes_left,
        generations=generations,
        notes=notes,
    )


async def _measure(state: State) -> Backlog:
    async with state.database.transaction() as connection:
        return await measure_backlog(connection)


def _charts(history: History) -> list[_Chart]:
    """Return the lines of the last hour; empty until there are two values of each."""
    values = {
        "waiting": [float(sample.waiting) for sample in history.samples],
        "per_minute": history.per_minute,
    }
    return [
        _Chart(name, points, round(max(found)), round(found[-1]))
        for name, found in values.items()
        if (points := line(found))
    ]
