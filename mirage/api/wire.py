"""What goes over the wire: requests refuse unknown fields, answers are what is documented."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mirage import model
from mirage.model import DocumentStatus, MediaType, SearchMode
from mirage.search import Answer

MAX_QUERY_CHARACTERS = 8192
"""Longer than any model's context; what the model itself cannot take whole is refused later."""


def _storable(value: str) -> str:
    """PostgreSQL takes neither NUL nor half of a surrogate pair."""
    if "\x00" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("must not hold NUL or unpaired surrogates")
    return value


class Request(BaseModel):
    """Something a client sends."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)


class Response(BaseModel):
    """Something a client gets, made from a domain object."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


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


class DocumentList(Response):
    """Documents in order of arrival."""

    documents: list[Document]
    next_cursor: str | None
    """Hand it over as `cursor` to get the next page; null on the last one."""


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


class DocumentReference(Response):
    """The document a passage comes from."""

    id: UUID
    name: str


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

    @classmethod
    def of(cls, passage: model.Passage) -> Self:
        """From the domain's passage, with the document as an object of its own."""
        fields: dict[str, Any] = {
            name: getattr(passage, name) for name in cls.model_fields if name != "document"
        }
        reference = DocumentReference(id=passage.document_id, name=passage.document_name)
        return cls(**fields, document=reference)


class SearchResponse(Response):
    """Best passage first."""

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None
    """Why a leg is missing, when one is."""

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """From the use case's answer."""
        return cls(
            passages=[Passage.of(passage) for passage in answer.passages],
            mode=answer.mode,
            degraded=answer.degraded,
        )
