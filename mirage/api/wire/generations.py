"""Generations."""

from datetime import datetime

from mirage.api.wire.base import Response
from mirage.model import GenerationState


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
