"""Generations: a generation is one way to make vectors, and has a partition of its own.

    building ──every document is in it──> active ──the next one is──> retired ──drop──> dropping
                                             ^────────activate──────────┘                  │
    a `dropped` row stays, so that nothing is built again unasked               dropped <──┘

There is one active generation and at most one building. A transaction that changes states holds
`_LOCK_KEY`. A transaction that stores work for a generation locks its row first (`lock_state`), so
that a switch sees all of the work or nothing of it.
"""

from dataclasses import dataclass, replace

from sqlalchemy import RowMapping, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import ChunkedDocumentRow, GenerationRow
from mirage.errors import ConfigError, GenerationInUse, GenerationMismatch, GenerationRetired
from mirage.model import ChunkSize, GenerationState, ModelFacts, NoiseFloor
from mirage.names import canonical_model

_LOCK_KEY = 0x6D69_7261_6766  # one above the migration's
_MAX_DIMENSIONS = 4000  # where pgvector's HNSW on halfvec stops

GIVE_WAY = "SET LOCAL lock_timeout = '500ms'"
"""Statement before making or dropping a partition or its index: below PostgreSQL's
`deadlock_timeout` of 1 s, so that the transaction gives way to searches and workers, and is tried
again.
"""

_COLUMNS = (
    GenerationRow.id,
    GenerationRow.model,
    GenerationRow.digest,
    GenerationRow.dimensions,
    GenerationRow.query_prompt,
    GenerationRow.document_prompt,
    GenerationRow.chunk_size,
    GenerationRow.chunk_overlap,
    GenerationRow.state,
    GenerationRow.languages,
    GenerationRow.asked_chunk_size,
    GenerationRow.asked_chunk_overlap,
    GenerationRow.floor_mean,
    GenerationRow.floor_deviation,
)

LIVE = {GenerationState.ACTIVE, GenerationState.BUILDING}
"""States in which work is stored for a generation."""

# Each search asks it; to make the statement takes as long as to run it.
_CURRENT = select(*_COLUMNS).where(GenerationRow.state.in_(LIVE)).order_by(GenerationRow.state)


@dataclass(frozen=True, slots=True)
class Generation:
    """What the stored vectors were made with. Sizes are in tokens.

    `languages` are the model's, as `ModelFacts` has them. The asked sizes are those of the
    settings, which the model's limit may have lowered; None until an indexer has recorded them.
    """

    id: int
    model: str
    digest: str
    dimensions: int
    query_prompt: str
    document_prompt: str
    chunk_size: int
    chunk_overlap: int
    state: GenerationState
    languages: tuple[str, ...]
    asked_chunk_size: int | None = None
    asked_chunk_overlap: int | None = None
    floor: NoiseFloor | None = None

    @property
    def recipe(self) -> str:
        """Return a name of the generation that is the same in every database, unlike its id."""
        return (
            f"{self.model}@{self.digest}/{self.dimensions}/{self.query_prompt}"
            f"/{self.document_prompt}/{self.chunk_size}/{self.chunk_overlap}"
        )

    def require(self, facts: ModelFacts) -> None:
        """Raise GenerationMismatch unless the model makes vectors that compare with these.

        The query prompt does not count, because stored vectors do not contain it.
        """
        theirs = facts.digest, facts.dimensions, facts.document_prompt
        ours = self.digest, self.dimensions, self.document_prompt
        if theirs != ours:
            raise GenerationMismatch(
                f"generation {self.id} was built with {self.model} ({self.digest[:12]}), which is"
                f" now another model of that name ({facts.digest[:12]})"
            )


def complete(document: str, generation: str) -> str:
    """Return SQL that is true when a document has all its vectors in a generation.

    Both arguments are SQL expressions of an id.
    """
    return f"""
            (EXISTS (SELECT 1 FROM chunked_document k
                      WHERE k.document_id = {document} AND k.generation_id = {generation}
                        AND k.error IS NULL)
             AND NOT EXISTS (SELECT 1 FROM chunk c
                              WHERE c.document_id = {document} AND c.generation_id = {generation}
                                AND c.status = 'pending'))"""


async def active_generation(connection: AsyncConnection) -> Generation | None:
    """Return the generation that searches are answered from; None before the first document."""
    current = await current_generations(connection)
    return current[0] if current and current[0].state is GenerationState.ACTIVE else None


async def current_generations(connection: AsyncConnection) -> list[Generation]:
    """Return the active generation, then the one that is being built, if they exist."""
    rows = await connection.execute(_CURRENT)
    return [_generation(row._mapping) for row in rows]


async def is_new(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> bool:
    """Return whether `ensure_generation` would begin a generation."""
    known = await _find(connection, facts, chunk_size, chunk_overlap)
    return known is None or (known.state not in LIVE and not await _holds_something(connection))


async def ensure_generation(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation:
    """Return the generation of these settings, active or building; begin it when they are new.

    It is active at once when the active one holds nothing. Raise GenerationRetired for settings
    that were in use before: built again unasked, two indexers with different settings would never
    come to rest. Raise ConfigError for a model whose vectors cannot be indexed.
    """
    _require_dimensions(facts)
    known = await _find(connection, facts, chunk_size, chunk_overlap)
    if known and known.state in {GenerationState.ACTIVE, GenerationState.BUILDING}:
        return known
    if known and await _holds_something(connection):
        raise GenerationRetired(
            f"the settings ({facts.name}, chunks of {chunk_size}/{chunk_overlap} tokens) are those"
            f" of generation {known.id}, which is {known.state}; it is not built again unasked"
        )
    return await begin_generation(connection, facts, chunk_size, chunk_overlap)


async def begin_generation(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation:
    """Begin the generation of these settings, also if they were in use before.

    Another one that is being built is retired. Raise GenerationInUse while the generation of these
    settings is being dropped.
    """
    _require_dimensions(facts)
    await lock_states(connection)
    known = await _find(connection, facts, chunk_size, chunk_overlap)
    if known and known.state in {GenerationState.ACTIVE, GenerationState.BUILDING}:
        return known
    if known and known.state is GenerationState.DROPPING:
        raise GenerationInUse(f"generation {known.id} is still being dropped; try again later")
    replaced = [GenerationState.BUILDING]
    state = GenerationState.BUILDING
    if not await _holds_something(connection):
        replaced.append(GenerationState.ACTIVE)
        state = GenerationState.ACTIVE
    await connection.execute(
        update(GenerationRow)
        .where(GenerationRow.state.in_(replaced))
        .values(state=GenerationState.RETIRED)
    )
    if known:  # Keep the model's name as its row spells it.
        facts = replace(facts, name=known.model)
    return await _create(connection, facts, chunk_size, chunk_overlap, state)


async def record_languages(
    connection: AsyncConnection, generation: Generation, facts: ModelFacts
) -> None:
    """Store which languages the model knows, as this release of the program has it."""
    await connection.execute(
        update(GenerationRow)
        .where(GenerationRow.id == generation.id)
        .values(languages=list(facts.languages))
    )


async def record_asked_size(
    connection: AsyncConnection, generation: Generation, asked: ChunkSize
) -> None:
    """Store which chunk size the settings ask for, if it is not stored already."""
    if (generation.asked_chunk_size, generation.asked_chunk_overlap) != (asked.size, asked.overlap):
        await connection.execute(
            update(GenerationRow)
            .where(GenerationRow.id == generation.id)
            .values(asked_chunk_size=asked.size, asked_chunk_overlap=asked.overlap)
        )


async def lock_states(connection: AsyncConnection) -> None:
    """Let no other transaction change states until this one ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


async def lock_state(connection: AsyncConnection, generation_id: int) -> GenerationState:
    """Return a generation's state, and keep it until the transaction ends; before other locks."""
    state = await connection.execute(
        select(GenerationRow.state)
        .where(GenerationRow.id == generation_id)
        .with_for_update(read=True)
    )
    return GenerationState(state.scalar_one())


async def drop_partition(connection: AsyncConnection, generation_id: int) -> None:
    """Drop the vectors of a generation. Raise DatabaseUnavailable while they are in use."""
    await connection.execute(text(GIVE_WAY))
    await connection.execute(text(f"DROP TABLE IF EXISTS embedding_{generation_id}"))


async def _create(
    connection: AsyncConnection,
    facts: ModelFacts,
    chunk_size: int,
    chunk_overlap: int,
    state: GenerationState,
) -> Generation:
    recipe = _recipe(facts, chunk_size, chunk_overlap)
    row = insert(GenerationRow).values(
        recipe | {"state": state, "languages": list(facts.languages)}
    )
    changed = {"state": row.excluded.state, "languages": row.excluded.languages}
    stored = await connection.execute(
        row.on_conflict_do_update(index_elements=list(recipe), set_=changed).returning(*_COLUMNS)
    )
    generation = _generation(stored.one()._mapping)
    # Documents that could not be in it before are tried again.
    await connection.execute(
        delete(ChunkedDocumentRow).where(
            ChunkedDocumentRow.generation_id == generation.id, ChunkedDocumentRow.error.is_not(None)
        )
    )
    await connection.execute(text(GIVE_WAY))
    await connection.execute(
        text(
            f"""
            CREATE TABLE IF NOT EXISTS embedding_{generation.id}
                PARTITION OF embedding FOR VALUES IN ({generation.id})
            """
        )
    )
    return generation


async def _find(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation | None:
    """Return the generation of these settings, whatever the spelling of its model (`x:latest`).

    Of several, which earlier releases made, return the one in use.
    """
    recipe = _recipe(facts, chunk_size, chunk_overlap)
    recipe.pop("model")
    rows = await connection.execute(
        select(*_COLUMNS)
        .filter_by(**recipe)
        .order_by(
            GenerationRow.state.not_in(LIVE), GenerationRow.model != facts.name, GenerationRow.id
        )
    )
    wanted = canonical_model(facts.name)
    same = (_generation(row._mapping) for row in rows if canonical_model(row.model) == wanted)
    return next(same, None)


async def _holds_something(connection: AsyncConnection) -> bool:
    """Return whether a document was chunked for the active generation."""
    found = await connection.scalar(
        select(ChunkedDocumentRow.document_id)
        .join(GenerationRow, GenerationRow.id == ChunkedDocumentRow.generation_id)
        .where(GenerationRow.state == GenerationState.ACTIVE, ChunkedDocumentRow.error.is_(None))
        .limit(1)
    )
    return found is not None


def _recipe(facts: ModelFacts, chunk_size: int, chunk_overlap: int) -> dict[str, object]:
    return {
        "model": facts.name,
        "digest": facts.digest,
        "dimensions": facts.dimensions,
        "query_prompt": facts.query_prompt,
        "document_prompt": facts.document_prompt,
        "chunk_size": chunk_size,
        "chunk_overlap": chunk_overlap,
    }


def _generation(row: RowMapping) -> Generation:
    values = dict(row)
    mean, deviation = values.pop("floor_mean"), values.pop("floor_deviation")
    values["state"] = GenerationState(row["state"])
    values["languages"] = tuple(row["languages"])
    return Generation(**values, floor=None if mean is None else NoiseFloor(mean, deviation))


def _require_dimensions(facts: ModelFacts) -> None:
    if facts.dimensions > _MAX_DIMENSIONS:
        raise ConfigError(
            f"{facts.name} returns vectors of {facts.dimensions} dimensions; at most"
            f" {_MAX_DIMENSIONS} can be indexed"
        )
