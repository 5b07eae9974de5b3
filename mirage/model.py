"""The domain's own types: frozen, without behaviour of any framework."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from unicodedata import category
from uuid import UUID

SECTION_SEPARATOR = "\n\n"
"""Stands between two sections in a document's extracted text."""


class MediaType(StrEnum):
    """What a document can be."""

    PDF = "application/pdf"
    EPUB = "application/epub+zip"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"


class DocumentStatus(StrEnum):
    """pending -> parsing -> embedding -> ready, or failed with a reason."""

    PENDING = "pending"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"


class GenerationState(StrEnum):
    """building -> active -> retired -> dropping -> dropped; `activate` leads back from retired."""

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"
    DROPPING = "dropping"
    DROPPED = "dropped"


class SearchMode(StrEnum):
    """Which legs of the search run."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


class Scope(StrEnum):
    """What a key may do; each includes the one before."""

    READ = "read"
    """Look and search."""
    WRITE = "write"
    """Also make projects, upload, reindex and delete documents."""
    ADMIN = "admin"
    """Also rename and delete projects, and manage keys."""

    def includes(self, other: "Scope") -> bool:
        """Whether this one may do all that the other may."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document that one citation covers.

    `text` is not empty. `page_number` counts from 1; `page_label` is what the page itself says
    (`xii`). `line` is the first source line (from 1) of a section in a text format.
    """

    text: str
    heading_path: tuple[str, ...] = ()
    page_number: int | None = None
    page_label: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser found: sections in reading order, and what a reader should know.

    `warnings` are whole sentences, such as which pages carry no text. `language` is an ISO 639-1
    code, None when the text is too short or unclear; a single parser gives what the document says
    of itself.
    """

    sections: tuple[Section, ...]
    title: str | None = None
    page_count: int | None = None
    warnings: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage as it is embedded and cited.

    `start` and `end` are character offsets into the document's extracted text, and `text` is that
    slice. `first_section` and `last_section` are positions in the list of sections. `heading` is
    the heading path that is embedded in front of the text (empty: none); `tokens` counts both.
    """

    position: int
    start: int
    end: int
    first_section: int
    last_section: int
    text: str
    heading: str
    tokens: int

    @property
    def embedded_text(self) -> str:
        """What the model sees."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


class Tokenizer(Protocol):
    """The embedding model's own way to cut text into tokens.

    `divisible` says that a text has as many tokens as its parts together, when it is parted at
    spaces or line ends.
    """

    @property
    def divisible(self) -> bool: ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Character spans of the tokens of `text`, in order, without special tokens."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What has to be known of an embedding model before anything can be cut or stored.

    `max_tokens` is what one text may hold, special tokens taken off already. `query_prompt` is put
    in front of queries only, `document_prompt` in front of passages only. `languages` is empty
    when unknown, else ISO 639-1 codes; `("*",)` stands for many.
    """

    name: str
    digest: str
    dimensions: int
    max_tokens: int
    tokenizer: Tokenizer = field(repr=False, compare=False)
    query_prompt: str = ""
    document_prompt: str = ""
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """Size and overlap of chunks, in tokens."""

    size: int
    overlap: int


def limit_note(model: str, used: ChunkSize, asked: ChunkSize) -> str:
    """Return the warning that a model's limit is below `chunk.size`."""
    return (
        f"{model} takes {used.size} tokens at most, so chunks have {used.size} tokens with an"
        f" overlap of {used.overlap} instead of {asked.size} with {asked.overlap} (chunk.size,"
        " chunk.overlap)."
    )


@dataclass(frozen=True, slots=True)
class Project:
    """A shelf of documents that is searched together."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A further key, as its owner sees it; the token itself is nowhere.

    `project_ids` is None for all projects, `expires_at` for never. `last_used_at` is at most a
    minute behind.
    """

    id: UUID
    name: str
    scope: Scope
    project_ids: tuple[UUID, ...] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as its owner sees it.

    `chunks_ready` of `chunks_total` say how far the embedding is; both are 0 until the text was
    cut. While it is indexed anew they and `status` say how far that is, and it is found as before.
    `error` is a sentence when `failed`, or when indexing anew did and it is `ready` as before;
    `waiting_for` is one while something outside is away. `language` is an ISO 639-1 code, None when
    it is not known.
    """

    id: UUID
    project_id: UUID
    name: str
    media_type: MediaType
    size_bytes: int
    sha256: str
    status: DocumentStatus
    created_at: datetime
    updated_at: datetime
    title: str | None = None
    language: str | None = None
    page_count: int | None = None
    chunks_ready: int = 0
    chunks_total: int = 0
    error: str | None = None
    waiting_for: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage found, with its citation.

    `score` orders the passages of one answer; `similarity` is the cosine of the dense leg (None
    when that leg did not run). Pages are those of the passage's start and end. `tokens` counts text
    and heading. Ranks, from 1, and the lexical score (BM25) are None where a leg did not find it.
    """

    id: UUID
    document_id: UUID
    document_name: str
    document_language: str | None
    text: str
    score: float
    similarity: float | None
    start: int
    end: int
    heading_path: tuple[str, ...]
    page_number: int | None
    page_label: str | None
    last_page_number: int | None
    line: int | None
    tokens: int
    dense_rank: int | None = None
    lexical_rank: int | None = None
    lexical_score: float | None = None


MAX_QUERY_CHARACTERS = 8192
"""Longer than any model's context; what the model itself cannot take whole is refused later."""


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: white space, control and format characters at most."""
    return all(letter.isspace() or category(letter) in ("Cc", "Cf") for letter in text)


def join_sections(sections: Iterable[Section]) -> str:
    """The document's extracted text, which all character spans refer to."""
    return SECTION_SEPARATOR.join(section.text for section in sections)


def section_starts(sections: Sequence[Section]) -> list[int]:
    """Offset of each section in the extracted text."""
    starts: list[int] = []
    position = 0
    for section in sections:
        starts.append(position)
        position += len(section.text) + len(SECTION_SEPARATOR)
    return starts
