"""What goes over the wire: requests refuse unknown fields, answers are what is documented."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from mirage import model
from mirage.db import filters as domain_filters
from mirage.errors import MirageError
from mirage.languages import CODES
from mirage.model import DocumentStatus, GenerationState, MediaType, Scope, SearchMode
from mirage.search import Answer

MAX_FILTER_CHARACTERS = 1000
MAX_PAGE = 2**31 - 1
MAX_QUERY_CHARACTERS = 8192
"""Longer than any model's context; what the model itself cannot take whole is refused later."""
PROBLEM_TYPE_PREFIX = "urn:mirage:problem:"


def _storable(value: str) -> str:
    """PostgreSQL takes neither NUL nor half of a surrogate pair."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold NUL or unpaired surrogates")
    return value


def _to_utc(moment: datetime) -> datetime:
    """Here: the driver's own step to UTC ends in an error at either end of the calendar."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is beyond the calendar") from error


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]


class Request(BaseModel):
    """Something a client sends."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Response(BaseModel):
    """Something a client gets, made from a domain object."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class Problem(Response):
    """What is wrong, as RFC 9457 has it, and what can be done about it."""

    type: str
    """`urn:mirage:problem:` and the error's code; stable, unlike the sentences."""
    title: str
    status: int
    """The HTTP status again."""
    detail: str
    """What is wrong with this request, in a sentence."""
    remedy: str
    """What the reader can do about it."""

    @classmethod
    def of(cls, error: MirageError) -> Self:
        """From the error that was raised."""
        return cls(
            type=PROBLEM_TYPE_PREFIX + error.code,
            title=error.code.replace("-", " ").capitalize(),
            status=error.status,
            detail=str(error),
            remedy=error.remedy(),
        )


class ComponentHealth(Response):
    """How a component is; what is wrong with it stands here when something is."""

    state: str
    """`ok`, `building`, or the error's code in words."""
    since: datetime | None = None
    """When the trouble began, as far as the API and its indexers know."""
    detail: str | None = None
    remedy: str | None = None


class Health(Response):
    """All is well. Components stand here when an index is being built."""

    status: Literal["ok"]
    components: dict[str, ComponentHealth] = {}


class Unhealthy(Response):
    """By component: its state, or with the key of the settings all that is known."""

    status: Literal["unavailable"]
    components: dict[str, str | ComponentHealth]


class NewProject(Request):
    """A project to make."""

    name: Annotated[str, Field(examples=["handbooks"])]
    """1 to 100 characters, without `/` and control characters."""


class Project(Response):
    """A shelf of documents that is searched together."""

    id: UUID
    name: str
    created_at: datetime


class ProjectList(Response):
    """All projects by name."""

    projects: list[Project]


class RenamedProject(Request):
    """What is to change in a project."""

    name: Annotated[str, Field(examples=["manuals"])]
    """The new name, under the same rules as that of a new project."""


class NewKey(Request):
    """A key to make."""

    name: Annotated[str, Field(examples=["website"])]
    """Tells keys apart: 1 to 100 characters."""
    scope: Scope = Scope.READ
    """`read`: look and search; `write`: also make projects, upload, reindex and delete documents;
    `admin`: also rename and delete projects, and manage keys."""
    projects: Annotated[list[str], Field(min_length=1, max_length=1000)] | None = None
    """Names or ids of the only projects that it may see; null for all."""
    expires_at: Moment | None = None
    """From then on it is refused; null for never."""


class Key(Response):
    """A key without its token, which is nowhere."""

    id: UUID
    name: str
    scope: Scope
    project_ids: list[UUID] | None
    """Null for all projects."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """At most a minute behind."""


class CreatedKey(Key):
    """A key with its token."""

    token: str
    """Shown this once: keep it now."""


class KeyList(Response):
    """All further keys by name; the one of the settings is not among them."""

    keys: list[Key]


class Document(Response):
    """A document and how far it is."""

    id: UUID
    project_id: UUID
    name: str
    media_type: MediaType
    size_bytes: int
    sha256: str
    status: DocumentStatus
    created_at: datetime
    updated_at: datetime
    title: str | None
    language: str | None
    """Of its text, as ISO 639-1; null when that is too short or unclear, and until it was read."""
    page_count: int | None
    chunks_ready: int
    """Passages that can be found, of `chunks_total`; both are 0 until the text was cut."""
    chunks_total: int
    error: str | None
    """Why it failed, and what can be done."""
    waiting_for: str | None
    """What has to come back before the work goes on; nothing is lost meanwhile."""
    warnings: list[str]
    """What a reader should know, such as pages that carry no text."""
    gaps: list[tuple[int, int]] | None = None
    """With `coverage=true`: where extracted text lies in no passage, as character spans, the first
    100; empty when every character can be found. Null otherwise, and until the text was cut."""


class Generation(Response):
    """One way to make vectors, and how much of what is served it covers. Sizes are tokens."""

    id: int
    state: GenerationState
    model: str
    digest: str
    dimensions: int
    chunk_size: int
    chunk_overlap: int
    created_at: datetime
    documents_total: int
    """Documents that are served."""
    documents_missing: int
    """Those of them that this generation does not have whole; 0: it can be made active."""
    chunks_total: int
    """Passages of the documents that were cut for it up to now."""
    chunks_ready: int
    """Those of them that have their vectors."""


class GenerationList(Response):
    """Generations in the order they were made."""

    generations: list[Generation]


class DocumentList(Response):
    """Documents in order of arrival."""

    documents: list[Document]
    next_cursor: str | None
    """Hand it over as `cursor` to get the next page; null on the last one."""


Text = Annotated[
    str, Field(min_length=1, max_length=MAX_FILTER_CHARACTERS), AfterValidator(_storable)
]


def _known_language(code: str) -> str:
    if code not in CODES:
        raise ValueError("must be a code of ISO 639-1 in small letters, such as en, de or ru")
    return code


Language = Annotated[str, AfterValidator(_known_language)]


class Filters(Request):
    """Which passages count at all; what is left out does not restrict."""

    documents: Annotated[list[Text], Field(max_length=1000)] = []
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
        AfterValidator(_storable),
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


class DocumentReference(Response):
    """The document a passage comes from."""

    id: UUID
    name: str
    language: str | None


class PassageExplanation(Response):
    """How a passage was found; null where a leg did not find it."""

    dense_rank: int | None
    dense_score: float | None
    lexical_rank: int | None
    lexical_score: float | None
    """BM25."""


class Passage(Response):
    """A passage with its citation."""

    id: UUID
    text: str
    score: float
    """Orders the passages of one answer; not comparable between modes."""
    similarity: float | None
    """Cosine between question and passage; null without the dense leg."""
    document: DocumentReference
    heading_path: list[str]
    page_number: int | None
    """Page on which the passage begins, from 1."""
    page_label: str | None
    """What that page calls itself, such as `xii`."""
    last_page_number: int | None
    """Page on which it ends."""
    line: int | None
    """Line of the source at which its section begins, from 1."""
    start: int
    """Where the passage begins in the document's extracted text, in characters."""
    end: int
    tokens: int
    """Of text and heading."""
    explain: PassageExplanation | None

    @classmethod
    def of(cls, passage: model.Passage, *, explain: bool) -> Self:
        """From the domain's passage, with the document as an object of its own."""
        made = {"document", "explain"}
        fields: dict[str, Any] = {
            name: getattr(passage, name) for name in cls.model_fields if name not in made
        }
        explanation = PassageExplanation(
            dense_rank=passage.dense_rank,
            dense_score=passage.similarity if passage.dense_rank else None,
            lexical_rank=passage.lexical_rank,
            lexical_score=passage.lexical_score,
        )
        return cls(
            **fields,
            document=DocumentReference(
                id=passage.document_id,
                name=passage.document_name,
                language=passage.document_language,
            ),
            explain=explanation if explain else None,
        )


class Explanation(Response):
    """How the answer came about."""

    vectors: Literal["exact", "index"] | None
    """Whether every vector was compared; null without the dense leg."""
    milliseconds: dict[str, float]
    """By stage: embed, database, context."""


class SearchResponse(Response):
    """Best passage first."""

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None
    """Why a leg is missing, when one is."""
    explain: Explanation | None

    @classmethod
    def of(cls, answer: Answer, *, explain: bool) -> Self:
        """From the use case's answer."""
        vectors: Literal["exact", "index"] | None = None
        if answer.exact is not None:
            vectors = "exact" if answer.exact else "index"
        explanation = Explanation(vectors=vectors, milliseconds=answer.milliseconds)
        return cls(
            passages=[Passage.of(passage, explain=explain) for passage in answer.passages],
            mode=answer.mode,
            degraded=answer.degraded,
            explain=explanation if explain else None,
        )
