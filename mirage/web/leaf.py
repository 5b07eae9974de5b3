"""What the reader shows at once: a page of a PDF, or a window of another text."""

from dataclasses import dataclass

from mirage.api.state import State
from mirage.citations import Cited
from mirage.errors import MirageError, Unavailable
from mirage.model import Document, MediaType, PagePlaces, Project
from mirage.pages import PageNotShown
from mirage.reading import Excerpt, read_page
from mirage.windows import read_window


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page or a window, `number` of `count`.

    `excerpt` is its text (None: it has no text), `places` the size of the picture and the boxes of
    the passage on it (None: there is no picture; `trouble` says why if there should be one).
    `before` and `after` are what the addresses of its neighbours ask for.
    """

    excerpt: Excerpt | None
    number: int
    count: int
    before: dict[str, int] | None
    after: dict[str, int] | None
    is_page: bool = False
    places: PagePlaces | None = None
    trouble: MirageError | None = None


async def turn_to(
    state: State,
    shelf: Project,
    document: Document,
    cited: Cited | None,
    page: int | None,
    start: int | None,
) -> Leaf:
    """Return a page, or the window around a character; without both, where the passage is.

    Raises DocumentNotFound, TextMissing, PageNotFound.
    """
    if document.media_type is MediaType.PDF and start is None:
        number = page or _page_of(cited)
        if number is not None:
            return await _page(state, shelf, document, cited, number)
    if page is not None:
        excerpt = await read_page(state.database, shelf, document.id, page)
        start = excerpt.start if excerpt else 0
    if start is None:
        span = (cited.span or (cited.place, cited.place + 1)) if cited else (0, 1)
    else:
        span = start, start + 1
    window = await read_window(state.database, shelf, document.id, span)
    before, after = (
        None if place is None else {"from": place} for place in (window.before, window.after)
    )
    return Leaf(window.excerpt, window.number, window.count, before, after)


async def _page(
    state: State, shelf: Project, document: Document, cited: Cited | None, number: int
) -> Leaf:
    excerpt = await read_page(state.database, shelf, document.id, number)
    count = document.page_count or number
    places, trouble = None, None
    try:
        span = cited.span if cited else None
        places = (await state.pages.find(shelf, document.id, number, span)).places
    except (PageNotShown, Unavailable) as error:
        trouble = error
    before = {"page": number - 1} if number > 1 else None
    after = {"page": number + 1} if number < count else None
    return Leaf(excerpt, number, count, before, after, True, places, trouble)


def _page_of(cited: Cited | None) -> int | None:
    """Return the page on which a passage begins; None if a PDF has text that is on no page."""
    return cited.parts[0].page_number if cited and cited.parts else 1
