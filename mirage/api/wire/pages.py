"""Pages of PDFs."""

from typing import Self
from uuid import UUID

from mirage import pages
from mirage.api.wire.base import Response
from mirage.api.wire.passages import Span


class PageBox(Response):
    """A box around letters of a line, in points from the top left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float


class Page(Response):
    """A page of a PDF as it is shown, and where a span of the text stands on it."""

    document_id: UUID
    document_name: str
    number: int
    """From 1."""
    label: str | None
    """Number printed on the page, such as `xii`."""
    width: float
    """In points, 1/72 inch."""
    height: float
    text: Span | None
    """The page's characters in the extracted text; null if it has none."""
    boxes: list[PageBox]
    share: float | None
    """Part of the span's letters on this page that the boxes cover, from 0 to 1. If it is below
    0.5, there are no boxes; null without a span on this page."""

    @classmethod
    def of(cls, page: pages.Page) -> Self:
        """Return the page in wire format."""
        names = ("left", "top", "right", "bottom")
        return cls(
            document_id=page.document.id,
            document_name=page.document.name,
            number=page.number,
            label=page.places.label,
            width=page.places.width,
            height=page.places.height,
            text=Span(start=page.span[0], end=page.span[1]) if page.span else None,
            boxes=[
                PageBox(**{n: round(v, 2) for n, v in zip(names, box, strict=True)})
                for box in page.places.boxes
            ],
            share=page.places.share,
        )
