"""The page for addresses that nothing has."""

from fastapi import APIRouter

from mirage.api.http.errors import RouteNotFound
from mirage.web.answering import FirstPageRoute

router = APIRouter(route_class=FirstPageRoute, include_in_schema=False)


@router.get("/{path:path}")
async def show(path: str) -> None:
    """Raise RouteNotFound, which a browser gets as a page. Goes after all other routes."""
    raise RouteNotFound("nothing is at this address")
