"""Search requests and their filters."""

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
        raise ValueError("must be a lower-case ISO 639-1 code, such as en, de or ru")
    return code


def _asking(query: str) -> str:
    if is_blank(query):
        raise ValueError("must not be blank")
    return query


Text = Annotated[
    str, Field(min_length=1, max_length=MAX_FILTER_CHARACTERS), AfterValidator(storable)
]

DocumentName = Annotated[
    str, Field(min_length=1, max_length=MAX_DOCUMENT_BYTES), AfterValidator(storable)
]

Language = Annotated[str, AfterValidator(_known_language)]


class Filters(Request):
    """Restricts which passages are searched; an empty filter does not restrict."""

    documents: Annotated[list[DocumentName], Field(max_length=1000)] = []
    """Ids or names of documents, folders (`pumps/`), or patterns with `*` and `?` (`p0*`)."""
    media_types: Annotated[list[MediaType], Field(max_length=20)] = []
    """Media types of documents."""
    languages: Annotated[list[Language], Field(max_length=200, examples=[["de", "ru"]])] = []
    """Languages of documents (ISO 639-1); excludes documents whose language is unknown."""
    section: Annotated[list[Text], Field(max_length=20, examples=[["Part one", "Chapter 2"]])] = []
    """A heading at any level, or a heading and its subheadings; passages below it are searched."""
    first_page: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    """Passages that end on this page or later."""
    last_page: Annotated[int, Field(ge=1, le=MAX_PAGE)] | None = None
    """Passages that begin on this page or earlier."""
    created_from: Moment | None = None
    """Documents uploaded at this time or later."""
    created_until: Moment | None = None
    """Documents uploaded before this time."""

    def domain(self) -> domain_filters.Filters:
        """Return the filters as the search takes them."""
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
    """A search request."""

    query: Annotated[
        str,
        Field(min_length=1, max_length=MAX_QUERY_CHARACTERS, examples=["who lit the lamp?"]),
        AfterValidator(storable),
        AfterValidator(_asking),
    ]
    """Question or words to search for."""
    mode: SearchMode = SearchMode.HYBRID
    """`hybrid`: by meaning and by words; `dense`: by meaning; `lexical`: by words."""
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    """Maximum number of passages."""
    threshold: Annotated[float, Field(ge=-1, le=1)] | None = None
    """Minimum cosine similarity of query and passage; not available with `lexical`."""
    filters: Filters = Filters()
    context: Annotated[int, Field(ge=0, le=2000)] = 0
    """Tokens of surrounding text to add on each side; overlapping passages are merged."""
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """Maximum tokens of the whole answer; passages that do not fit are left out, not shortened."""
    per_document: Annotated[int, Field(ge=1, le=100)] | None = None
    """Maximum number of passages of one document."""
    fold_duplicates: bool = False
    """Leave out passages with nearly the same text as a better one, which names them."""
    explain: bool = False
    """Add ranks, scores and times to the answer."""
