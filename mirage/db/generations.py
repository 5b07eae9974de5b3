"""Generations: one way to make vectors, with a partition and an HNSW index of its own."""

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.errors import ConfigError, GenerationMismatch
from mirage.model import ModelFacts

_LOCK_KEY = 0x6D69_7261_6766  # one above the migration's
_MAX_DIMENSIONS = 4000  # where pgvector's HNSW on halfvec stops

_COLUMNS = "id, model, digest, dimensions, query_prompt, document_prompt, chunk_size, chunk_overlap"


@dataclass(frozen=True, slots=True)
class Generation:
    """What the stored vectors were made with. Sizes are tokens."""

    id: int
    model: str
    digest: str
    dimensions: int
    query_prompt: str
    document_prompt: str
    chunk_size: int
    chunk_overlap: int

    @property
    def recipe(self) -> str:
        """Names the generation apart from its serial number, the same in every database."""
        return (
            f"{self.model}@{self.digest}/{self.dimensions}/{self.document_prompt}"
            f"/{self.chunk_size}/{self.chunk_overlap}"
        )


async def active_generation(connection: AsyncConnection) -> Generation | None:
    """The generation that searches are answered from; None before the first document."""
    row = (
        await connection.execute(text(f"SELECT {_COLUMNS} FROM generation WHERE state = 'active'"))
    ).one_or_none()
    return Generation(**row._mapping) if row else None


async def ensure_generation(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation:
    """The active generation, made when there is none or when the one there holds nothing.

    Raises GenerationMismatch when the index was built with another model or other settings, and
    ConfigError for a model whose vectors cannot be indexed.
    """
    if facts.dimensions > _MAX_DIMENSIONS:
        raise ConfigError(
            f"{facts.name} gives vectors of {facts.dimensions} dimensions; at most"
            f" {_MAX_DIMENSIONS} can be indexed"
        )
    active = await active_generation(connection)
    if active and _matches(active, facts, chunk_size, chunk_overlap):
        return active
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    active = await active_generation(connection)
    if active and _matches(active, facts, chunk_size, chunk_overlap):
        return active
    if active:
        await _retire_if_empty(connection, active, facts, chunk_size, chunk_overlap)
    return await _create(connection, facts, chunk_size, chunk_overlap)


async def _create(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation:
    row = (
        await connection.execute(
            text(
                "INSERT INTO generation (model, digest, dimensions, query_prompt,"
                " document_prompt, chunk_size, chunk_overlap, state) VALUES (:model, :digest,"
                " :dimensions, :query_prompt, :document_prompt, :size, :overlap, 'active')"
                " ON CONFLICT (model, digest, dimensions, query_prompt, document_prompt,"
                " chunk_size, chunk_overlap) DO UPDATE SET state = 'active'"
                f" RETURNING {_COLUMNS}"
            ),
            {
                "model": facts.name,
                "digest": facts.digest,
                "dimensions": facts.dimensions,
                "query_prompt": facts.query_prompt,
                "document_prompt": facts.document_prompt,
                "size": chunk_size,
                "overlap": chunk_overlap,
            },
        )
    ).one()
    generation = Generation(**row._mapping)
    partition = f"embedding_{generation.id}"
    await connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {partition} PARTITION OF embedding"
            f" FOR VALUES IN ({generation.id})"
        )
    )
    await connection.execute(
        text(
            f"CREATE INDEX IF NOT EXISTS {partition}_hnsw_idx ON {partition} USING hnsw"
            f" ((embedding::halfvec({generation.dimensions})) halfvec_cosine_ops)"
        )
    )
    return generation


async def _retire_if_empty(
    connection: AsyncConnection, active: Generation, facts: ModelFacts, size: int, overlap: int
) -> None:
    used = await connection.scalar(
        text("SELECT EXISTS (SELECT 1 FROM chunk WHERE generation_id = :id)"), {"id": active.id}
    )
    if used:
        raise GenerationMismatch(
            f"the index was built with {active.model} ({active.digest[:12]}), chunks of"
            f" {active.chunk_size}/{active.chunk_overlap} tokens; the settings now say"
            f" {facts.name} ({facts.digest[:12]}), {size}/{overlap}"
        )
    await connection.execute(
        text("UPDATE generation SET state = 'retired' WHERE id = :id"), {"id": active.id}
    )


def _matches(generation: Generation, facts: ModelFacts, size: int, overlap: int) -> bool:
    return (
        generation.model == facts.name
        and generation.digest == facts.digest
        and generation.dimensions == facts.dimensions
        and generation.query_prompt == facts.query_prompt
        and generation.document_prompt == facts.document_prompt
        and generation.chunk_size == size
        and generation.chunk_overlap == overlap
    )
