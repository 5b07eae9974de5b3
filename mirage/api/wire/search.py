"""Questions and their filters."""

from typing import Annotated

from pydantic import AfterValidator, Field

from mirage.api.wire.base import Moment, Request, storable
from mirage.db.search import filters as domain_filters
from mirage.languages import CODES
from mirage.model import MAX_QUERY_CHARACTERS, MediaType, SearchMode, is_blank
from mirage.names import MAX_DOCUMENT_BYTES

MAX_FILTER_CHARACTERS = 1000
MAX_PAGE = 2**31 - 1


def _known_language(code: str) -> str:
    if code not in CODES:
        raise ValueError("must be a code of ISO 639-1 in small letters, such as en, de or ru")
    return code


def _asking(query: str) -> str:
    if is_blank(query):
        raise ValueError("must hold something to look for, not white space alone")
    return query


Text = Annotated[
    str, Field(min_length=1, max_length=MAX_FILTER_CHARACTERS), AfterValidator(storable)
]

DocumentName = Annotated[
    str, Field(min_length=1, max_length=MAX_DOCUMENT_BYTES), AfterValidator(storable)
]

Language = Annotated[str, AfterValidator(_known_language)]


class Filters(Request):
    """Which passages count at all; what is left out does not restrict."""

    documents: Annotated[list[DocumentName], Field(max_length=1000)] = []
    """Ids or names of documents."""
    media_types: Annotated[list[MediaType], Field(max_length=20)] = []
    """Media types of documents."""
    languages: Annotated[list[Language], Field(max_length=200, examples=[["de", "ru"]])] = []
    """Languages of documents, as ISO 639-1; a document without one has none of them."""
    section: Annotated[list[Text], Field(max_length=20, examples=[["Part one", "Chapter 2"]])] = []
    """Beginning of the heading path."""
    first_page: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    """Passages that end on this page or later."""
    last_page: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    """Passages that begin on this page or earlier."""
    created_from: Moment | None = None
    """Documents uploaded at this time or later."""
    created_until: Moment | None = None
    """Documents uploaded before this time."""

    def domain(self) -> domain_filters.Filters:
        """As the search takes them."""
        return domain_filters.Filters(
            documents=tuple(self.documents),
            media_types=tuple(self.media_types),
            languages=tuple(self.languages),
            heading=tuple(self.section),
            first_page=self.first_page,
            last_page=self.last_page,
            created_from=self.created_from,
            created_until=self.created_until,
        )


class SearchRequest(Request):
    """A question."""

    query: Annotated[
        str,
        Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, examples=["who lit the lamp?"]),
        AfterValidator(storable),
        AfterValidator(_asking),
    ]
    """In your own words."""
    mode: SearchMode = SearchMode.HYBRID
    """`hybrid`: by meaning and by words; `dense`: by meaning; `lexical`: by words."""
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    """Passages at most."""
    threshold: Annotated[float, Field(ge=-1, le=1)] | None = None
    """Least cosine between question and passage, whatever the mode; not with `lexical`."""
    filters: Filters = Filters()
    context: Annotated[int, Field(ge=0, le=2000)] = 0
    """Tokens of the neighbouring text to add on either side; overlapping passages become one."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Tokens that the whole answer has at most; what has no room is left out, never cut."""
    explain: bool = False
    """Say how the answer came about."""
