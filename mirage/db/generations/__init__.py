"""Generations: one way to make vectors, with a partition of its own.

    building ──every document is in it──> active ──the next one is──> retired ──drop──> dropping
                                             ^────────activate──────────┘                  │
    a `dropped` row stays, so that nothing is built again unasked               dropped <──┘

There is one active and at most one building. Who changes states holds `_LOCK_KEY`; who stores work
for a generation locks its row first (`lock_state`), so that a switch sees all of it or none.
"""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.errors import ConfigError, GenerationInUse, GenerationMismatch, GenerationRetired
from mirage.model import GenerationState, ModelFacts
from mirage.names import canonical_model

_LOCK_KEY = 0x6D69_7261_6766  # one above the migration's
_MAX_DIMENSIONS = 4000  # where pgvector's HNSW on halfvec stops

# Below PostgreSQL's `deadlock_timeout` of 1 s: whoever makes or drops a partition gives way to
# searches and workers that it meets, and tries again.
_PARTITION_LOCK_TIMEOUT = "500ms"

_COLUMNS = (
    "id, model, digest, dimensions, query_prompt, document_prompt, chunk_size, chunk_overlap,"
    " state, languages"
)

LIVE = {GenerationState.ACTIVE, GenerationState.BUILDING}
"""States in which work is stored for a generation."""

COMPLETE = """
EXISTS (SELECT 1 FROM cutting k WHERE k.document_id = d.id AND k.generation_id = :generation
           AND k.error IS NULL)
AND NOT EXISTS (SELECT 1 FROM chunk c WHERE c.document_id = d.id AND c.generation_id = :generation
                   AND c.status = 'pending')
"""
"""Condition of a document `d` that has all its vectors in the generation."""


@dataclass(frozen=True, slots=True)
class Generation:
    """What the stored vectors were made with. Sizes are tokens.

    `languages` are those of the model, as `ModelFacts` has them.
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

    @property
    def recipe(self) -> str:
        """Names the generation apart from its serial number, the same in every database."""
        return (
            f"{self.model}@{self.digest}/{self.dimensions}/{self.query_prompt}"
            f"/{self.document_prompt}/{self.chunk_size}/{self.chunk_overlap}"
        )

    def require(self, facts: ModelFacts) -> None:
        """Raises GenerationMismatch unless the model makes vectors that compare with these.

        What is put in front of queries is in none of them.
        """
        theirs = facts.digest, facts.dimensions, facts.document_prompt
        ours = self.digest, self.dimensions, self.document_prompt
        if theirs != ours:
            raise GenerationMismatch(
                f"generation {self.id} was built with {self.model} ({self.digest[:12]}), which is"
                f" now another model of that name ({facts.digest[:12]})"
            )


async def active_generation(connection: AsyncConnection) -> Generation | None:
    """The generation that searches are answered from; None before the first document."""
    current = await current_generations(connection)
    return current[0] if current and current[0].state is GenerationState.ACTIVE else None


async def current_generations(connection: AsyncConnection) -> list[Generation]:
    """The active generation, then the one that is being built, as far as there are such."""
    rows = await connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM generation WHERE state IN ('active', 'building')"
            " ORDER BY state"
        )
    )
    return [_generation(row) for row in rows]


async def is_new(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> bool:
    """Return whether `ensure_generation` would begin a generation."""
    known = await _find(connection, facts, chunk_size, chunk_overlap)
    return known is None or (known.state not in LIVE and not await _holds_something(connection))


async def ensure_generation(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation:
    """The generation of these settings, active or building; begun when they are new.

    It is active at once when the active one holds nothing. Settings that were in use before are
    not built again unasked, or two indexers with different settings would never come to rest:
    raises GenerationRetired. Raises ConfigError for a model whose vectors cannot be indexed.
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
    """The same, also for settings that were in use before; an unfinished other one is retired.

    Raises GenerationInUse while that generation is being dropped.
    """
    _require_dimensions(facts)
    await lock_states(connection)
    known = await _find(connection, facts, chunk_size, chunk_overlap)
    if known and known.state in {GenerationState.ACTIVE, GenerationState.BUILDING}:
        return known
    if known and known.state is GenerationState.DROPPING:
        raise GenerationInUse(f"generation {known.id} is still being dropped; try again later")
    replaced = ["building"]
    state = GenerationState.BUILDING
    if not await _holds_something(connection):
        replaced.append("active")
        state = GenerationState.ACTIVE
    await connection.execute(
        text("UPDATE generation SET state = 'retired' WHERE state = ANY(:states)"),
        {"states": replaced},
    )
    if known:  # Its row has the model's name as it was spelled then.
        facts = replace(facts, name=known.model)
    return await _create(connection, facts, chunk_size, chunk_overlap, state)


async def record_languages(
    connection: AsyncConnection, generation: Generation, facts: ModelFacts
) -> None:
    """Note which languages the model knows, as this release of the program has it."""
    await connection.execute(
        text("UPDATE generation SET languages = :languages WHERE id = :id"),
        {"id": generation.id, "languages": list(facts.languages)},
    )


async def lock_states(connection: AsyncConnection) -> None:
    """Be the only one who changes states, until the transaction ends."""
    await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})


async def lock_state(connection: AsyncConnection, generation_id: int) -> GenerationState:
    """The state of a generation, which stays until the transaction ends; before other locks."""
    state = await connection.scalar(
        text("SELECT state FROM generation WHERE id = :id FOR SHARE"), {"id": generation_id}
    )
    return GenerationState(state)


async def drop_partition(connection: AsyncConnection, generation_id: int) -> None:
    """The vectors of a generation. Raises DatabaseUnavailable when they are in use just now."""
    await connection.execute(text(f"SET LOCAL lock_timeout = '{_PARTITION_LOCK_TIMEOUT}'"))
    await connection.execute(text(f"DROP TABLE IF EXISTS embedding_{generation_id}"))


async def _create(
    connection: AsyncConnection,
    facts: ModelFacts,
    chunk_size: int,
    chunk_overlap: int,
    state: GenerationState,
) -> Generation:
    row = (
        await connection.execute(
            text(
                "INSERT INTO generation (model, digest, dimensions, query_prompt,"
                " document_prompt, chunk_size, chunk_overlap, state, languages)"
                " VALUES (:model, :digest, :dimensions, :query_prompt, :document_prompt, :size,"
                " :overlap, :state, :languages)"
                " ON CONFLICT (model, digest, dimensions, query_prompt, document_prompt,"
                " chunk_size, chunk_overlap)"
                " DO UPDATE SET state = excluded.state, languages = excluded.languages"
                f" RETURNING {_COLUMNS}"
            ),
            _recipe(facts, chunk_size, chunk_overlap)
            | {"state": state.value, "languages": list(facts.languages)},
        )
    ).one()
    generation = _generation(row)
    # What could not be in it before is tried again.
    await connection.execute(
        text("DELETE FROM cutting WHERE generation_id = :id AND error IS NOT NULL"),
        {"id": generation.id},
    )
    partition = f"embedding_{generation.id}"
    await connection.execute(text(f"SET LOCAL lock_timeout = '{_PARTITION_LOCK_TIMEOUT}'"))
    await connection.execute(
        text(
            f"CREATE TABLE IF NOT EXISTS {partition} PARTITION OF embedding"
            f" FOR VALUES IN ({generation.id})"
        )
    )
    return generation


async def _find(
    connection: AsyncConnection, facts: ModelFacts, chunk_size: int, chunk_overlap: int
) -> Generation | None:
    """The generation of these settings, however the model's name was spelled (`x`, `x:latest`).

    Of several, which releases before made, that which is in use.
    """
    rows = await connection.execute(
        text(
            f"SELECT {_COLUMNS} FROM generation WHERE digest = :digest"
            " AND dimensions = :dimensions AND query_prompt = :query_prompt"
            " AND document_prompt = :document_prompt AND chunk_size = :size"
            " AND chunk_overlap = :overlap"
            " ORDER BY state NOT IN ('active', 'building'), model <> :model, id"
        ),
        _recipe(facts, chunk_size, chunk_overlap),
    )
    wanted = canonical_model(facts.name)
    same = (_generation(row) for row in rows if canonical_model(row.model) == wanted)
    return next(same, None)


async def _holds_something(connection: AsyncConnection) -> bool:
    """Whether there is an active generation that a document was cut for."""
    return bool(
        await connection.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM cutting k JOIN generation g"
                " ON g.id = k.generation_id AND g.state = 'active' WHERE k.error IS NULL)"
            )
        )
    )


def _recipe(facts: ModelFacts, chunk_size: int, chunk_overlap: int) -> dict[str, object]:
    return {
        "model": facts.name,
        "digest": facts.digest,
        "dimensions": facts.dimensions,
        "query_prompt": facts.query_prompt,
        "document_prompt": facts.document_prompt,
        "size": chunk_size,
        "overlap": chunk_overlap,
    }


def _generation(row: Row[Any]) -> Generation:
    return Generation(
        **{
            **row._mapping,
            "state": GenerationState(row.state),
            "languages": tuple(row.languages),
        }
    )


def _require_dimensions(facts: ModelFacts) -> None:
    if facts.dimensions > _MAX_DIMENSIONS:
        raise ConfigError(
            f"{facts.name} gives vectors of {facts.dimensions} dimensions; at most"
            f" {_MAX_DIMENSIONS} can be indexed"
        )
