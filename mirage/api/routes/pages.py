"""Routes of the pages of PDFs."""

from enum import IntEnum
from importlib.metadata import version
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from mirage.api import wire
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, DocumentId, PathProject
from mirage.errors import (
    DocumentNotFound,
    InvalidRequest,
    OriginalMissing,
    StorageUnavailable,
)
from mirage.files.s3.errors import BUCKET_ERRORS, NoSpaceForCopy
from mirage.pages import PageNotShown, PageWithoutPicture
from mirage.parse.sandbox.pages import PagesBusy
from mirage.reading import PageNotFound, TextMissing

router = APIRouter(
    prefix="/projects/{project}/documents/{document}/pages/{page}",
    tags=["pages"],
    responses=raises(
        DocumentNotFound,
        TextMissing,
        PageNotFound,
        PageWithoutPicture,
        PageNotShown,
        PagesBusy,
        OriginalMissing,
        StorageUnavailable,
        *BUCKET_ERRORS,
        NoSpaceForCopy,
    ),
)

PageNumber = Annotated[int, Path(ge=1, le=2**31 - 1, description="Page, from 1.")]


class PictureWidth(IntEnum):
    """Width of a picture in pixels, for screens of normal and of high resolution."""

    NORMAL = 900
    LARGE = 1400


# The content of a document never changes, because its id is made of it; how a page is drawn may.
_CACHED = "private, max-age=86400, immutable"
_RENDERER = version("pypdfium2")


@router.get("", summary="Get a page of a PDF")
async def get(
    project: PathProject,
    document: DocumentId,
    page: PageNumber,
    state: AppState,
    start: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="First character of a span.")
    ] = None,
    end: Annotated[
        int | None, Query(ge=0, le=2**31 - 1, description="Character after its last one.")
    ] = None,
) -> wire.Page:
    """Returns size and label of a page, and where the characters from `start` to `end` stand.

    Only the letters of the span are in the boxes; `share` says whether some were not found.
    """
    if (start is None) != (end is None):
        raise InvalidRequest("give `start` and `end`, or neither")
    span = None if start is None or end is None else (start, end)
    return wire.Page.of(await state.pages.find(project, document, page, span))


@router.get(
    "/image",
    summary="Get a picture of a page",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {}}, "description": "The picture"},
        304: {"description": "The picture has not changed"},
    },
)
async def image(
    project: PathProject,
    document: DocumentId,
    page: PageNumber,
    state: AppState,
    request: Request,
    width: Annotated[PictureWidth, Query(description="Width in pixels.")] = PictureWidth.NORMAL,
) -> Response:
    """Returns a picture of a page as WebP; a very high page is narrower than `width`."""
    found = await state.pages.require(project, document, page)
    tag = f'"{found.sha256[:32]}-{page}-{width}-{_RENDERER}"'
    headers = {"ETag": tag, "Cache-Control": _CACHED}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    picture = await state.pages.draw(project, document, page, width)
    return Response(picture, media_type="image/webp", headers=headers)
