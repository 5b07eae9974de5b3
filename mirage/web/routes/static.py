"""The files that the browser loads."""

from fastapi import APIRouter, Response

from mirage.api.http.errors import RouteNotFound
from mirage.web.answering import PageRoute
from mirage.web.view import PageView

router = APIRouter(route_class=PageRoute)

# Their addresses change with their content.
_FOR_EVER = "public, max-age=31536000, immutable"


@router.get("/static/{name}")
async def show(name: str, view: PageView) -> Response:
    """Return a style, a script or the icon."""
    asset = view.site.assets.get(name)
    if asset is None:
        raise RouteNotFound("there is no such file")
    return Response(
        asset.content, media_type=asset.media_type, headers={"Cache-Control": _FOR_EVER}
    )
