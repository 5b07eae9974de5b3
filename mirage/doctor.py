"""Use case: check that everything miRAGe needs is available and consistent."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from mirage.db import Database
from mirage.db.faults import SchemaBehind
from mirage.db.generations import current_generations
from mirage.db.migrate import SchemaTooNew, require_schema, server_versions
from mirage.embed import Embedder, effective_chunk_size
from mirage.errors import BadEmbedding, DatabaseUnavailable, GenerationMismatch, MirageError
from mirage.files import Store
from mirage.model import GenerationState
from mirage.names import canonical_model
from mirage.originals import require_owner
from mirage.settings import Settings

# Minimum cosine of a text embedded alone and in a batch. Servers compute both in half precision at
# worst; padding that leaks into the text yields 0.98 or less.
_SAME = 0.999
_SHOWN_DIGITS = 12
_TEXTS = ("A lamp.", "The keeper climbed the tower at dusk and lit the lamp, as he did each day.")


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. `error` is None if it passed."""

    subject: str
    detail: str
    error: MirageError | None = None


async def examine(
    settings: Settings, database: Database, store: Store, embedder: Embedder
) -> list[Finding]:
    """Run all checks, even after a failed one. They change nothing."""

    async def versions() -> str:
        postgresql, vector = await server_versions(database)
        return f"PostgreSQL {postgresql}, pgvector {vector}"

    async def schema() -> str:
        state = await require_schema(database)
        return f"at revision {state.revision}"

    async def documents() -> str:
        await asyncio.to_thread(store.probe)
        with suppress(DatabaseUnavailable, SchemaBehind, SchemaTooNew):  # Reported above.
            await require_schema(database)
            await require_owner(database, store)
        return f"{store.place} is writable"

    async def model() -> str:
        facts = await embedder.facts()
        size, _, note = effective_chunk_size(facts, settings.chunk.size, settings.chunk.overlap)
        described = f"{_named(facts.name, facts.digest)}, {facts.dimensions} dimensions"
        return f"{described}; {note}" if note else f"{described}, chunks of {size} tokens"

    async def vectors() -> str:
        batch = await embedder.embed_documents(_TEXTS)
        alone = [(await embedder.embed_documents([text]))[0] for text in _TEXTS]
        cosine = min(float(one @ other) for one, other in zip(batch, alone, strict=True))
        if cosine < _SAME:
            raise BadEmbedding(f"the vector of a text depends on its batch: cosine {cosine:.4f}")
        return f"the same alone and in a batch (cosine {cosine:.5f})"

    async def index() -> str:
        return await _describe_index(database, embedder)

    checks: dict[str, Callable[[], Awaitable[str]]] = {
        "database": versions,
        "schema": schema,
        "documents": documents,
        "model": model,
        "vectors": vectors,
        "index": index,
    }
    return [await _look(subject, check, database) for subject, check in checks.items()]


async def _look(subject: str, check: Callable[[], Awaitable[str]], database: Database) -> Finding:
    try:
        return Finding(subject, await check())
    except MirageError as error:
        place = f" ({database.place})" if isinstance(error, DatabaseUnavailable) else ""
        return Finding(subject, f"{error}{place}", error)


async def _describe_index(database: Database, embedder: Embedder) -> str:
    facts = await embedder.facts()
    async with database.transaction() as connection:
        current = await current_generations(connection)
    if not current:
        return "empty"
    if current[-1].state is GenerationState.BUILDING:
        return f"generation {current[-1].id} is being built; the active one answers meanwhile"
    active = current[0]
    if (canonical_model(active.model), active.digest) != (
        canonical_model(facts.name),
        facts.digest,
    ):
        built, now = _named(active.model, active.digest), _named(facts.name, facts.digest)
        raise GenerationMismatch(f"the index was built with {built}, not {now}")
    return f"built with this model, chunks of {active.chunk_size} tokens"


def _named(model: str, digest: str) -> str:
    """Return the model's name with its digest, which differs between models of one name."""
    return f"{model} ({digest[:_SHOWN_DIGITS]})"
