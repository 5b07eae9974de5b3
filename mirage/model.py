"""The types of the domain: frozen, and independent of frameworks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from unicodedata import category
from uuid import UUID

SECTION_SEPARATOR = "\n\n"
"""Separates two sections in a document's extracted text."""


class MediaType(StrEnum):
    """The supported formats."""

    PDF = "application/pdf"
    EPUB = "application/epub+zip"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    TEXT = "text/plain"


class DocumentStatus(StrEnum):
    """The states: pending -> parsing -> embedding -> ready, or failed with a reason."""

    PENDING = "pending"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"


class GenerationState(StrEnum):
    """The states: building -> active -> retired -> dropping -> dropped.

    `activate` makes a retired generation active again.
    """

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"
    DROPPING = "dropping"
    DROPPED = "dropped"


class SearchMode(StrEnum):
    """Which legs of the search run: vectors (dense), words (lexical) or both (hybrid)."""

    HYBRID = "hybrid"
    DENSE = "dense"
    LEXICAL = "lexical"


class Scope(StrEnum):
    """What a key may do; each scope includes the previous one."""

    READ = "read"
    """List and search."""
    WRITE = "write"
    """Also create projects, and upload, rename, reindex and delete documents."""
    ADMIN = "admin"
    """Also rename and delete projects, and manage keys and generations."""

    def includes(self, other: "Scope") -> bool:
        """Return whether this scope includes the other."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document that one citation covers.

    `text` is not empty. `page_number` counts from 1; `page_label` is the page's own label (`xii`).
    `line` is the first source line (from 1) of a section in a text format.
    """

    text: str
    heading_path: tuple[str, ...] = ()
    page_number: int | None = None
    page_label: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of parsing: sections in reading order, and warnings.

    `warnings` are whole sentences, for example about pages without text. `language` is an ISO 639-1
    code, None if the text is too short or unclear; a single parser returns the language that the
    document declares.
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
    the heading path to embed before the text, or empty; `tokens` counts both.
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
        """Return the text for the model."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


class Tokenizer(Protocol):
    """The tokenizer of an embedding model.

    `divisible` means that a text has as many tokens as its parts together, if it is split at spaces
    or line ends.
    """

    @property
    def divisible(self) -> bool: ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the character spans of the tokens of `text`, in order, without special tokens."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts about an embedding model that chunking and storing need.

    `max_tokens` is the limit per text, without special tokens. `query_prompt` is added before
    queries only, `document_prompt` before passages only. `languages` is empty if unknown, otherwise
    ISO 639-1 codes; `("*",)` means many.
    """

    name: str
    digest: str
    dimensions: int
    max_tokens: int
    tokenizer: Tokenizer = field(repr=False, compare=False)
    query_prompt: str = ""
    document_prompt: str = ""
    languages: tuple[str, ...] = ()


# The beginning of every warning that a model's limit is below `chunk.size`. It is stored with the
# document but applies only to that model, so it must be recognisable.
LIMIT_NOTE = "{model} takes {tokens} tokens at most, so chunks have "


@dataclass(frozen=True, slots=True)
class Project:
    """A collection of documents that are searched together."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key, as its owner sees it; the token is not stored.

    `project_ids` is None for all projects, `expires_at` for never. `last_used_at` is accurate to a
    minute.
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

    `chunks_ready` of `chunks_total` are the progress of embedding; both are 0 until the text was
    chunked. During a reindex, they and `status` are its progress, while searches find the present
    passages. `error` is a sentence if the document `failed`, or if a reindex failed and it is still
    `ready`. `waiting_for` is a sentence while a service is down. `language` is an ISO 639-1 code,
    None if unknown.
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
    """A found passage, with its citation.

    `score` orders the passages of one answer; `similarity` is the cosine of the dense leg (None if
    that leg did not run). Pages are those of the passage's start and end. `tokens` counts text and
    heading. Ranks, from 1, and the lexical score (BM25) are None if a leg did not find the passage.
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
"""Longer than any model's context; a query that is too long for the model is refused later."""


def is_blank(text: str) -> bool:
    """Return whether the text has only white space, control and format characters."""
    return all(letter.isspace() or category(letter) in ("Cc", "Cf") for letter in text)


def join_sections(sections: Iterable[Section]) -> str:
    """Return the document's extracted text, which all character spans refer to."""
    return SECTION_SEPARATOR.join(section.text for section in sections)


def section_starts(sections: Sequence[Section]) -> list[int]:
    """Return the offset of each section in the extracted text."""
    starts: list[int] = []
    position = 0
    for section in sections:
        starts.append(position)
        position += len(section.text) + len(SECTION_SEPARATOR)
    return starts
