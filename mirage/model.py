"""Defines the domain's types; they are frozen and know no framework."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeAlias
from unicodedata import category
from uuid import UUID

SECTION_SEPARATOR = "\n\n"
"""Separates two sections in a document's extracted text."""


class MediaType(StrEnum):
    """The format of a document."""

    PDF = "application/pdf"
    EPUB = "application/epub+zip"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    FB2 = "application/x-fictionbook+xml"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    ODT = "application/vnd.oasis.opendocument.text"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODP = "application/vnd.oasis.opendocument.presentation"
    RTF = "application/rtf"
    CSV = "text/csv"
    MAIL = "message/rfc822"
    HTML = "text/html"
    MARKDOWN = "text/markdown"
    NOTEBOOK = "application/x-ipynb+json"
    TEXT = "text/plain"


class DocumentStatus(StrEnum):
    """The states: pending -> parsing -> embedding -> ready, or failed with a reason."""

    PENDING = "pending"
    PARSING = "parsing"
    EMBEDDING = "embedding"
    READY = "ready"
    FAILED = "failed"


class GenerationState(StrEnum):
    """building -> active -> retired -> dropping -> dropped; activating leads back from retired."""

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"
    DROPPING = "dropping"
    DROPPED = "dropped"


class SearchMode(StrEnum):
    """How to search: by vectors (dense), by words (lexical), or by both (hybrid)."""

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
        """Return whether this scope allows all that the other allows."""
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document that one citation covers.

    `text` is not empty. `page_number` counts from 1; `page_label` is the number printed on the page
    (`xii`). `line` is the first source line (from 1) of a section in a text format.
    """

    text: str
    heading_path: tuple[str, ...] = ()
    page_number: int | None = None
    page_label: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Parsed:
    """The result of a parser: sections in reading order, and facts about the document.

    `warnings` are whole sentences for the owner, such as which pages contain no text. `language` is
    an ISO 639-1 code, None if the text is too short or unclear; each parser sets the language tag
    that the document states.
    """

    sections: tuple[Section, ...]
    title: str | None = None
    page_count: int | None = None
    warnings: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the text that is embedded and cited.

    `start` and `end` are character offsets into the document's extracted text, and `text` is that
    slice. `first_section` and `last_section` are positions in the list of sections. `heading` is
    the heading path that is embedded in front of the text, or empty; `tokens` counts both.
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
        """Return the text that the model embeds."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


class Tokenizer(Protocol):
    """Splits text into the tokens of the embedding model.

    `divisible`: the token counts of texts split at spaces or line ends add up to that of the whole.
    """

    @property
    def divisible(self) -> bool: ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """Return the character spans of the tokens of `text`, in order, without special tokens."""
        ...


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """The facts of an embedding model that chunking and storing need.

    `max_tokens` is the limit per text, without special tokens. `query_prompt` precedes queries
    only, `document_prompt` passages only. `languages` is empty if unknown, else ISO 639-1 codes;
    `("*",)` means many.
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
class NoiseFloor:
    """Mean and standard deviation of the cosines of random pairs of passages."""

    mean: float
    deviation: float


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
    """A collection of documents that are searched together."""

    id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key, as its owner sees it; the token itself is not stored.

    `project_ids` is None for all projects, `expires_at` is None for never. `last_used_at` is exact
    to one minute.
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

    `chunks_ready` of `chunks_total` chunks are embedded; both are 0 until the text is split into
    chunks. During a reindex they and `status` show its progress, and search still finds the
    document. `error` is a sentence if the document is `failed`, or if it is `ready` but a reindex
    failed; `error_code` is its `code`. `waiting_for` is a sentence while an external service is
    unavailable, or while passages of other documents come first. `language` is an ISO 639-1 code,
    None if unknown. `characters` is the length of the extracted text, None before it is parsed.
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
    error_code: str | None = None
    waiting_for: str | None = None
    warnings: tuple[str, ...] = ()
    characters: int | None = None


Span: TypeAlias = tuple[int, int]
"""Characters of a text: the offset of the first one, and of the one after the last."""


Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the top left corner of a page."""


@dataclass(frozen=True, slots=True)
class PagePlaces:
    """The size of a page as it is shown, its label, and the boxes of a span of its text.

    `share` is the part of the span's letters that the boxes cover, None if it has no letters. There
    are no boxes if fewer than half were found.
    """

    width: float
    height: float
    label: str | None
    boxes: tuple[Box, ...]
    share: float | None


@dataclass(frozen=True, slots=True)
class CitedSection:
    """A section that a passage has a part of; `start` is its offset in the document."""

    start: int
    heading_path: tuple[str, ...]
    page_number: int | None
    page_label: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A found passage, with its citation.

    Pages are those of the passage's start and end, the heading path is that of its start. It has
    parts of all `sections`, which are in order. `tokens` counts text and heading. `score` orders
    the passages of one answer. `similarity` is the cosine, None without vector search. Ranks (from
    1) and the lexical score (BM25) are None if that search did not find the passage. `matches` are
    the spans of the words of the query, as offsets in `text`. `spans` are the passages that were
    found in it, as offsets in the document. `duplicates` are passages with nearly the same text
    that an answer leaves out. `weak` passages probably do not answer (None: unknown).
    `table_header` is the header of the table within which the passage begins.
    """

    id: UUID
    document_id: UUID
    document_name: str
    document_language: str | None
    text: str
    start: int
    end: int
    heading_path: tuple[str, ...]
    page_number: int | None
    page_label: str | None
    last_page_number: int | None
    line: int | None
    tokens: int
    score: float = 0.0
    similarity: float | None = None
    dense_rank: int | None = None
    lexical_rank: int | None = None
    lexical_score: float | None = None
    matches: tuple[Span, ...] = ()
    spans: tuple[Span, ...] = ()
    sections: tuple[CitedSection, ...] = ()
    duplicates: "tuple[Passage, ...]" = ()
    weak: bool | None = None
    table_header: str | None = None


TABLE_HEADER = "\n"
"""Stands before the header of a table in the heading of a chunk; a heading path has one line."""

MAX_QUERY_CHARACTERS = 8192
"""Bounds the length of a query, and so the number of windows in which it is embedded."""


def is_blank(text: str) -> bool:
    """Return whether a text has only whitespace, control and format characters."""
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
