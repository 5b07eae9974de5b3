"""Generations."""

from datetime import datetime

from mirage.api.wire.base import Response
from mirage.model import GenerationState


class Generation(Response):
    """A version of the index, for one model and chunk size, and its progress. Sizes are tokens."""

    id: int
    state: GenerationState
    model: str
    digest: str
    dimensions: int
    chunk_size: int
    chunk_overlap: int
    created_at: datetime
    documents_total: int
    """Documents that searches find now."""
    documents_missing: int
    """Those of them that are not complete in this generation; at 0 it can be activated."""
    chunks_total: int
    """Passages of the documents that were chunked for this generation so far."""
    chunks_ready: int
    """Passages that have their vectors."""


class GenerationList(Response):
    """Generations in order of creation."""

    generations: list[Generation]
