"""Search answers: passages with their citations."""

from collections.abc import Iterable
from typing import Any, Literal, Self
from uuid import UUID

from mirage import model
from mirage.api.wire.base import Response
from mirage.model import SearchMode
from mirage.search import Answer


class DocumentReference(Response):
    """The document that contains a passage."""

    id: UUID
    name: str
    language: str | None


class Span(Response):
    """Characters of a text from `start` up to, not including, `end`."""

    start: int
    end: int


class PassageSection(Response):
    """A section that a passage has a part of."""

    start: int
    """Position of the section in the document's extracted text, in characters."""
    heading_path: list[str]
    page_number: int | None
    page_label: str | None
    line: int | None


class PassageExplanation(Response):
    """Rank and score in vector (dense) and word (lexical) search; null if not found there."""

    dense_rank: int | None
    dense_score: float | None
    lexical_rank: int | None
    lexical_score: float | None
    """BM25 score."""


class Duplicate(Response):
    """A passage that was left out, because its text is nearly the same."""

    id: UUID
    document: DocumentReference
    heading_path: list[str]
    page_number: int | None
    line: int | None
    start: int
    end: int


class Passage(Response):
    """A passage with its citation.

    Passages of one document that overlap, or of which one begins where the other ends, are one
    passage, with the id and scores of the better one.
    """

    id: UUID
    text: str
    score: float
    """Orders the passages of this answer; may be negative, and is not comparable between modes."""
    similarity: float | None
    """Cosine similarity of query and passage; null without vector search."""
    document: DocumentReference
    heading_path: list[str]
    """Headings of the section in which the passage begins."""
    page_number: int | None
    """Page on which the passage begins, from 1."""
    page_label: str | None
    """Label of that page, such as `xii`."""
    last_page_number: int | None
    """Page on which the passage ends."""
    line: int | None
    """Line of the source file on which its section begins, from 1."""
    start: int
    """Position of the passage in the document's extracted text, in characters."""
    end: int
    tokens: int
    """Tokens of text and heading."""
    table_header: str | None
    """Header row of the table within which the passage begins; it is not a part of `text`."""
    matches: list[Span]
    """Where `text` has words of the query; empty in a `dense` search."""
    spans: list[Span]
    """The passages that were found in it, as positions in the document's extracted text."""
    sections: list[PassageSection]
    """All sections that the passage has a part of, in order: cite the one with the words found."""
    weak: bool | None
    """True if the passage probably does not answer: its similarity is hardly above that of random
    texts, and it has few words of the query. Null until the index was measured."""
    duplicates: list[Duplicate]
    """Passages with nearly the same text, if `fold_duplicates` is set; best first."""
    explain: PassageExplanation | None

    @classmethod
    def of(cls, passage: model.Passage, *, explain: bool) -> Self:
        """Return the passage with its document as an object."""
        made = {"document", "matches", "spans", "sections", "duplicates", "explain"}
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
            document=_document(passage),
            matches=_spans(passage.matches),
            spans=_spans(passage.spans),
            sections=[PassageSection.model_validate(section) for section in passage.sections],
            duplicates=list(map(_duplicate, passage.duplicates)),
            explain=explanation if explain else None,
        )


def _document(passage: model.Passage) -> DocumentReference:
    return DocumentReference(
        id=passage.document_id, name=passage.document_name, language=passage.document_language
    )


def _spans(spans: Iterable[model.Span]) -> list[Span]:
    return [Span(start=start, end=end) for start, end in spans]


def _duplicate(passage: model.Passage) -> Duplicate:
    fields: dict[str, Any] = {
        name: getattr(passage, name) for name in Duplicate.model_fields if name != "document"
    }
    return Duplicate(**fields, document=_document(passage))


class Explanation(Response):
    """How the answer was computed."""

    vectors: Literal["exact", "index"] | None
    """Whether all vectors were compared or the index was used; null without vector search."""
    query_windows: int | None
    """Number of windows in which the query was embedded: 1, or more if it is longer than the model
    takes; null without vector search."""
    milliseconds: dict[str, float]
    """Time per stage: embed, plan (at the same time), database, context."""


class SearchResponse(Response):
    """The passages, best first."""

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None
    """Why search by meaning or by words is missing from this answer, or is weak; null if the answer
    is complete."""
    explain: Explanation | None

    @classmethod
    def of(cls, answer: Answer, *, explain: bool) -> Self:
        """Return the answer of the use case in wire format."""
        vectors: Literal["exact", "index"] | None = None
        if answer.exact is not None:
            vectors = "exact" if answer.exact else "index"
        explanation = Explanation(
            vectors=vectors,
            query_windows=answer.query_windows,
            milliseconds=answer.milliseconds,
        )
        return cls(
            passages=[Passage.of(passage, explain=explain) for passage in answer.passages],
            mode=answer.mode,
            degraded=answer.degraded,
            explain=explanation if explain else None,
        )
