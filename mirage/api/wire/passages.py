"""Answers: passages with their citations."""

from typing import Any, Literal, Self
from uuid import UUID

from mirage import model
from mirage.api.wire.base import Response
from mirage.model import SearchMode
from mirage.search import Answer


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
    """By stage: embed, plan (beside it), database, context."""


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
