"""The tables. Migrations create them; a test compares both. `schema.sql` has them as SQL."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC, SPARSEVEC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from mirage.db.queue import OPEN

TERM_DIMENSIONS = 2**28
"""Size of the space that lexemes are hashed into; 28 bits of MD5, so that a vocabulary of 100,000
lexemes has some 20 colliding pairs."""


class Base(DeclarativeBase):
    """Names of constraints by convention; timestamps always with time zone."""

    metadata = MetaData(
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "fk": "%(table_name)s_%(column_0_name)s_fkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        }
    )
    type_annotation_map = {datetime: DateTime(timezone=True), str: Text()}  # noqa: RUF012  SQLAlchemy wants it so


class ProjectRow(Base):
    """A collection of documents that is searched together."""

    __tablename__ = "project"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))


class DocumentRow(Base):
    """A document with its place in the queue (`status`, `not_before`, lease, attempts)."""

    __tablename__ = "document"
    __table_args__ = (
        CheckConstraint(
            "status IN ('pending', 'parsing', 'embedding', 'ready', 'failed')", name="status"
        ),
        CheckConstraint(f"draft_of IS NULL OR status IN {OPEN}", name="draft"),
        Index(
            "document_file_key_key",
            "file_key",
            unique=True,
            postgresql_where=sql("draft_of IS NULL"),
        ),
        Index("document_listing_idx", "project_id", "created_at", "id"),
        # A name may be longer than what a B-tree takes.
        Index("document_name_idx", "name", postgresql_using="hash"),
        Index("document_language_idx", "project_id", "language"),
        Index(
            "document_queue_idx",
            "not_before",
            postgresql_where=sql(f"status IN {OPEN}"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of project and SHA-256, because the same bytes in a project are the same document."""
    project_id: Mapped[UUID] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"))
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    file_key: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    title: Mapped[str | None]
    page_count: Mapped[int | None]
    warnings: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    language: Mapped[str | None]
    """ISO 639-1; it also decides how the words of its chunks are stemmed (`mirage/words`)."""
    draft_of: Mapped[UUID | None] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), unique=True
    )
    """The document that is reindexed in this draft (`queue/finish.py`). A draft has no name, so
    that it is not found by name."""


class SectionRow(Base):
    """The extracted text; character spans refer to the sections joined by position."""

    __tablename__ = "section"

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    heading_path: Mapped[list[str]] = mapped_column(ARRAY(Text))
    page_number: Mapped[int | None]
    page_label: Mapped[str | None]
    line: Mapped[int | None]
    start_offset: Mapped[int]
    """Where the section begins in the document's extracted text."""
    text: Mapped[str]


class GenerationRow(Base):
    """One way to make vectors: model, digest, dimensions, prompts and chunk settings."""

    __tablename__ = "generation"
    __table_args__ = (
        CheckConstraint(
            "state IN ('building', 'active', 'retired', 'dropping', 'dropped')", name="state"
        ),
        Index(
            "generation_recipe_key",
            "model",
            "digest",
            "dimensions",
            "query_prompt",
            "document_prompt",
            "chunk_size",
            "chunk_overlap",
            unique=True,
        ),
        Index(
            "generation_current_key",
            "state",
            unique=True,
            postgresql_where=sql("state IN ('active', 'building')"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    model: Mapped[str]
    digest: Mapped[str]
    dimensions: Mapped[int]
    query_prompt: Mapped[str]
    document_prompt: Mapped[str]
    chunk_size: Mapped[int]
    chunk_overlap: Mapped[int]
    state: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    languages: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """The languages that the model knows, as `ModelFacts` has them."""
    asked_chunk_size: Mapped[int | None]
    """The size that the settings ask for; more than `chunk_size` if the model takes less. Null
    until an indexer records it."""
    asked_chunk_overlap: Mapped[int | None]
    floor_mean: Mapped[float | None]
    floor_deviation: Mapped[float | None]
    """Cosines of random pairs of its vectors (`generations/noise_floor.py`)."""
    floor_vectors: Mapped[int | None]
    """How many vectors there were when they were measured."""


class ChunkedDocumentRow(Base):
    """A document that was chunked for a generation, or the reason why it cannot be in it."""

    __tablename__ = "chunked_document"
    __table_args__ = (Index("chunked_document_words_idx", "words_version"),)

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), primary_key=True
    )
    generation_id: Mapped[int] = mapped_column(ForeignKey("generation.id"), primary_key=True)
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    words_version: Mapped[int] = mapped_column(server_default="0")
    """The analysis that made the words of its chunks (`queue/words.py`)."""


class ChunkRow(Base):
    """A passage with its place in the queue and its words."""

    __tablename__ = "chunk"
    __table_args__ = (
        CheckConstraint("status <> 'ready' OR lexemes IS NOT NULL", name="words"),
        CheckConstraint("status IN ('pending', 'ready', 'failed')", name="status"),
        Index("chunk_document_idx", "document_id", "generation_id", "start_offset"),
        Index(
            "chunk_queue_idx",
            "generation_id",
            "turn",
            "document_id",
            "start_offset",
            postgresql_where=sql("status = 'pending'"),
        ),
        # Only when it is ready: each change of a row in the queue would write its words once more.
        Index(
            "chunk_lexemes_idx",
            "lexemes",
            postgresql_using="gin",
            postgresql_where=sql("status = 'ready'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of document, generation recipe and span, so that a second run makes the same ids."""
    generation_id: Mapped[int] = mapped_column(ForeignKey("generation.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    start_offset: Mapped[int]
    end_offset: Mapped[int]
    first_section: Mapped[int]
    last_section: Mapped[int]
    heading: Mapped[str]
    text: Mapped[str]
    tokens: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    turn: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    """The order of the queue: later for the later parts of a document (`queue/chunks.py`)."""
    not_before: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    lease_token: Mapped[UUID | None]
    leased_until: Mapped[datetime | None]
    lexemes: Mapped[Any | None] = mapped_column(TSVECTOR)
    terms: Mapped[Any | None] = mapped_column(SPARSEVEC(TERM_DIMENSIONS))
    """BM25 weights of the words without their inverse document frequency
    (`search/bm25_document.py`)."""


class SplitRow(Base):
    """A chunk as it was before it was split, because the embedder found it too long
    (`queue/splits.py`)."""

    __tablename__ = "split"
    __table_args__ = (Index("split_queue_idx", "generation_id", "not_before"),)

    document_id: Mapped[UUID] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), primary_key=True
    )
    generation_id: Mapped[int] = mapped_column(ForeignKey("generation.id"), primary_key=True)
    start_offset: Mapped[int] = mapped_column(primary_key=True)
    end_offset: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    """The text that the model saw."""
    asked: Mapped[int] = mapped_column(server_default="0")
    """How often the embedder was asked whether it takes it now."""
    not_before: Mapped[datetime] = mapped_column(server_default=sql("now() + interval '5 minutes'"))


class EmbeddingRow(Base):
    """Vectors, apart from their texts; one partition per generation, with its own HNSW index.

    The column has no dimensions here, because each partition's index casts to its own.
    """

    __tablename__ = "embedding"
    __table_args__ = (
        Index("embedding_document_idx", "document_id"),
        {"postgresql_partition_by": "LIST (generation_id)"},
    )

    chunk_id: Mapped[UUID] = mapped_column(
        ForeignKey("chunk.id", ondelete="CASCADE"), primary_key=True
    )
    """First in the key, so that deleting a chunk finds its vectors in every partition."""
    generation_id: Mapped[int] = mapped_column(ForeignKey("generation.id"), primary_key=True)
    document_id: Mapped[UUID]
    embedding: Mapped[Any] = mapped_column(HALFVEC())


class BlockerRow(Base):
    """A reason why indexing waits, shown on documents that wait."""

    __tablename__ = "blocker"

    kind: Mapped[str] = mapped_column(primary_key=True)
    detail: Mapped[str]
    since: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    seen_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    """When an indexer reported it last; a reason that is not reported any more is over. Infinity:
    it lasts until the sweep of the originals settles it."""


class IdentityRow(Base):
    """One row with this database's id, which the store of originals names as its owner."""

    __tablename__ = "identity"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))


class ApiKeyRow(Base):
    """An API key; the one in the settings is not here."""

    __tablename__ = "api_key"
    __table_args__ = (CheckConstraint("scope IN ('read', 'write', 'admin')", name="scope"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """Hash of the token. A random token needs no slow hash, because it cannot be guessed."""
    scope: Mapped[str]
    project_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    """None: all projects. Ids, so that the key does not open a new project with an old name."""
    created_at: Mapped[datetime] = mapped_column(server_default=sql("now()"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class CompatibilityRow(Base):
    """One row per migration: the oldest code revision that can work with the schema after it."""

    __tablename__ = "compatibility"

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    min_compatible: Mapped[int]
