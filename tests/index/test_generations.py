"""A new model or chunk size: a second index is built while the first answers, then they switch."""

import asyncio
import contextlib
from uuid import UUID

import pytest

from mirage import config, generations
from mirage.db.generations import active_generation
from mirage.embed import Unsettled
from mirage.errors import (
    BadEmbedding,
    GenerationIncomplete,
    GenerationInUse,
    GenerationNotFound,
    GenerationRetired,
    ModelMissing,
)
from mirage.index import Indexer
from mirage.model import DocumentStatus, GenerationState, ModelFacts, SearchMode
from mirage.search import Answer, Question, search
from tests.index.conftest import Bench, TouchyEmbedder, eventually

_LONG = " ".join(f"Sentence number {number} speaks of lamps." for number in range(40))


class House:
    """A bench on which the model can be changed: the old one stays on the server."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.old = bench.embedder
        self.new = TouchyEmbedder("new", dimensions=32)
        self.new.others.append(self.old)
        self.old.others.append(self.new)

    def indexer(self, *, new: bool = True, size: int = 400) -> Indexer:
        """One with the settings of the new model, or of the old."""
        self.bench.embedder = self.new if new else self.old
        return self.bench.indexer(size=size, overlap=size // 4)

    async def ready(self, name: str, content: str) -> UUID:
        """A document that the old model made."""
        document = await self.bench.add(name, content)
        settled = await self.bench.settle(self.indexer(new=False), document)
        assert settled.status is DocumentStatus.READY
        return document

    async def ask(self, query: str = "lamps", mode: SearchMode = SearchMode.HYBRID) -> Answer:
        """With the settings of the new model, as an API that was started anew."""
        return await search(
            self.bench.database,
            self.new,
            config.Search(),
            self.bench.project,
            Question(query, mode),
        )

    async def names(self, query: str = "lamps") -> set[str]:
        """Which documents are found, by meaning."""
        answer = await self.ask(query, SearchMode.DENSE)
        return {passage.document_name for passage in answer.passages}

    async def active(self) -> int:
        """The generation that answers."""
        async with self.bench.database.transaction() as connection:
            generation = await active_generation(connection)
        assert generation is not None
        return generation.id

    async def states(self) -> list[str]:
        """Of all generations, in their order."""
        found = await generations.list_generations(self.bench.database)
        return [generation.state.value for generation in found]

    async def finish(self, indexer: Indexer) -> None:
        """Step until nothing is left to do."""
        while (
            await indexer.parse_next()
            or await indexer.embed_next()
            or await indexer.maintain_next()
        ):
            pass

    async def activate(self, generation: int) -> None:
        """As an operator does."""
        await generations.activate(self.bench.database, self.bench.store, generation)


@pytest.fixture
def house(bench: Bench) -> House:
    """A bench with two models."""
    return House(bench)


async def test_old_index_answers_until_every_document_is_in_the_new(house: House) -> None:
    names = {f"{number}.txt" for number in range(10)}  # More than one claim of chunks.
    for name in names:
        await house.ready(name, f"The lamps of {name}.")
    old, indexer = await house.active(), house.indexer()
    steps = 0
    while await house.active() == old:
        assert await house.names() == names
        assert await indexer.embed_next()
        steps += 1
    assert steps >= 3
    assert await house.states() == ["retired", "active"]
    assert await house.names() == names
    assert len(house.new.embedded) == 10
    assert not await indexer.embed_next()


async def test_searches_beside_the_switch_are_always_whole(house: House) -> None:
    names = {f"{number}.txt" for number in range(6)}
    for name in names:
        await house.ready(name, f"The lamps of {name}.")
    old, indexer = await house.active(), house.indexer()

    async def build() -> None:
        while await house.active() == old:
            await indexer.embed_next()

    building = asyncio.create_task(build())
    seen = 0
    while not building.done():
        answer = await house.ask()
        assert answer.degraded is None
        assert {passage.document_name for passage in answer.passages} == names
        seen += 1
    await building
    assert seen > 1


async def test_chunk_size_alone_makes_a_new_index(house: House) -> None:
    document = await house.ready("a.txt", _LONG)
    before = (await house.bench.find(document)).chunks_total
    await house.finish(house.indexer(new=False, size=40))
    after = await house.bench.find(document)
    assert (after.status, after.chunks_ready) == (DocumentStatus.READY, after.chunks_total)
    assert after.chunks_total > before


async def test_build_survives_the_death_of_its_indexer(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    await house.ready("b.txt", "The lamps of b.")

    async def die() -> None:
        raise asyncio.CancelledError

    indexer = house.indexer()
    house.new.meanwhile = die
    with pytest.raises(asyncio.CancelledError):
        await house.finish(indexer)
    # A process that is killed gives nothing back: only its leases run out.
    await house.bench.execute(
        "UPDATE chunk SET lease_token = gen_random_uuid(),"
        " leased_until = now() - interval '1 second' WHERE status = 'pending'"
    )
    house.new = TouchyEmbedder("new", dimensions=32)
    house.new.others.append(house.old)
    await house.finish(house.indexer())
    assert await house.states() == ["retired", "active"]
    assert await house.names() == {"a.txt", "b.txt"}
    assert await house.bench.leases() == 0


async def test_upload_during_the_build_is_found_in_the_old_index_at_once(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    old, indexer = await house.active(), house.indexer()
    await indexer.embed_next()
    late = await house.bench.add("late.txt", "Late lamps.")
    await indexer.parse_next()
    await indexer.embed_next()
    assert await house.active() == old
    assert (await house.bench.find(late)).status is DocumentStatus.READY
    assert await house.names() == {"a.txt", "late.txt"}
    await house.finish(indexer)
    assert await house.active() != old
    assert await house.names() == {"a.txt", "late.txt"}


async def test_upload_waits_for_the_switch_when_the_old_model_is_gone(house: House) -> None:
    first = await house.ready("a.txt", "The lamps of a.")
    indexer = house.indexer()
    house.new.others.clear()
    late = await house.bench.add("late.txt", "Late lamps.")
    await indexer.parse_next()
    await indexer.embed_next()
    waiting = await house.bench.find(late)
    assert waiting.status is DocumentStatus.EMBEDDING
    assert waiting.waiting_for is not None
    assert "does not have the model fake" in waiting.waiting_for
    answer = await house.ask()
    assert answer.degraded is not None
    assert "does not have the model fake" in answer.degraded
    assert [passage.document_id for passage in answer.passages] == [first]
    with pytest.raises(ModelMissing):
        await house.ask(mode=SearchMode.DENSE)
    await eventually_switched(house, indexer)
    assert (await house.bench.find(late)).status is DocumentStatus.READY
    assert await house.names() == {"a.txt", "late.txt"}


async def eventually_switched(house: House, indexer: Indexer) -> None:
    """Step, whatever is in the way of the old generation, until the new one answers."""
    old = await house.active()

    async def switched() -> bool:
        with contextlib.suppress(ModelMissing):
            await indexer.embed_next()
        return await house.active() != old

    await eventually(switched)


async def test_document_deleted_during_the_build_holds_up_nothing(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    gone = await house.ready("b.txt", "The lamps of b.")
    indexer = house.indexer()
    house.new.meanwhile = lambda: house.bench.delete(gone)
    await house.finish(indexer)
    assert await house.states() == ["retired", "active"]
    assert await house.names() == {"a.txt"}
    assert await house.bench.value("SELECT count(DISTINCT document_id) FROM chunk") == 1


@pytest.mark.parametrize("model", ["there", "gone"])
async def test_version_that_comes_during_the_build_replaces_the_older(
    house: House, model: str
) -> None:
    await house.ready("a.txt", "The first lamps.")
    indexer = house.indexer()
    if model == "gone":
        house.new.others.clear()
    newer = await house.bench.add("a.txt", "The second lamps.")
    await indexer.parse_next()
    await eventually_switched(house, indexer)
    answer = await house.ask()
    assert [passage.document_id for passage in answer.passages] == [newer]
    assert await house.bench.value("SELECT count(*) FROM document") == 1


async def test_text_that_the_new_model_refuses_is_found_until_the_switch(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    poison = await house.ready("b.txt", "The poison lamps.")
    old, indexer = await house.active(), house.indexer()
    house.new.errors["poison"] = BadEmbedding("not finite")
    while await house.active() == old:
        assert await house.names() == {"a.txt", "b.txt"}
        await indexer.embed_next()
    failed = await house.bench.find(poison)
    assert failed.status is DocumentStatus.FAILED
    assert failed.error is not None
    assert failed.error.startswith("not finite")
    assert await house.names() == {"a.txt"}
    await house.activate(old)
    assert (await house.bench.find(poison)).status is DocumentStatus.READY
    assert await house.names() == {"a.txt", "b.txt"}


async def test_way_back_is_at_once_and_not_built_over_again(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    old, indexer = await house.active(), house.indexer()
    await house.finish(indexer)
    await house.activate(old)
    assert await house.names() == {"a.txt"}
    with pytest.raises(GenerationRetired, match="not built again unasked"):
        await indexer.embed_next()
    assert await house.states() == ["active", "retired"]
    late = await house.bench.add("late.txt", "Late lamps.")
    await indexer.parse_next()
    await indexer.embed_next()  # Work for the old one goes on, with the old model.
    assert (await house.bench.find(late)).status is DocumentStatus.READY
    assert house.old.embedded[-1] == "Late lamps."


async def test_generation_that_lacks_documents_is_refused_until_it_is_built(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    old, indexer = await house.active(), house.indexer()
    await house.finish(indexer)
    new = await house.active()
    late = await house.bench.add("late.txt", "Late lamps.")
    await house.bench.settle(indexer, late)
    with pytest.raises(GenerationIncomplete, match="lacks 1 of the 2 documents"):
        await house.activate(old)
    begun = await generations.build(
        house.bench.database, house.old, config.Chunk(size=400, overlap=100)
    )
    assert (begun.id, begun.state) == (old, GenerationState.BUILDING)
    await house.finish(house.indexer(new=False))
    assert await house.active() == old
    assert house.old.embedded.count("The lamps of a.") == 1  # What it had is not made again.
    assert await house.names() == {"a.txt", "late.txt"}
    assert new != old


async def test_dropped_generation_leaves_nothing_and_does_not_come_back(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    old, indexer = await house.active(), house.indexer()
    await house.finish(indexer)
    await generations.drop(house.bench.database, old)
    with pytest.raises(GenerationInUse, match="still being dropped"):
        await generations.build(
            house.bench.database, house.old, config.Chunk(size=400, overlap=100)
        )
    await house.finish(indexer)
    assert await house.states() == ["active"]
    left = f"SELECT count(*) FROM chunk WHERE generation_id = {old}"
    assert await house.bench.value(left) == 0
    assert await house.bench.value(f"SELECT to_regclass('embedding_{old}')") is None
    assert await house.names() == {"a.txt"}
    with pytest.raises(GenerationRetired, match="dropped"):
        await house.indexer(new=False).embed_next()
    begun = await generations.build(
        house.bench.database, house.old, config.Chunk(size=400, overlap=100)
    )
    assert begun.chunks_total == 0
    await house.finish(house.indexer(new=False))
    assert await house.active() == begun.id
    assert await house.names() == {"a.txt"}


async def test_activating_the_active_generation_ends_a_build(house: House) -> None:
    for number in range(10):
        await house.ready(f"{number}.txt", f"The lamps of {number}.")
    indexer = house.indexer()
    await indexer.embed_next()
    embedded = len(house.new.embedded)
    await house.activate(await house.active())
    with pytest.raises(GenerationRetired):
        await indexer.embed_next()
    assert await house.states() == ["active", "retired"]
    assert 0 < len(house.new.embedded) == embedded < 10


async def test_active_generation_cannot_be_dropped(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    with pytest.raises(GenerationInUse, match="is active"):
        await generations.drop(house.bench.database, await house.active())
    with pytest.raises(GenerationNotFound):
        await generations.drop(house.bench.database, 99)


async def test_unfinished_generation_gives_way_to_a_third(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    await house.ready("b.txt", "The lamps of b.")
    first = house.indexer()
    await first.embed_next()
    third = house.indexer(size=40)
    await third.embed_next()
    assert await house.states() == ["active", "retired", "building"]
    # The first one does not take it back: it works on what is wanted now.
    while await house.states() != ["retired", "retired", "active"]:
        assert await first.embed_next()
    assert await house.names() == {"a.txt", "b.txt"}


async def test_two_indexers_with_different_settings_come_to_rest(house: House) -> None:
    await house.ready("a.txt", "The lamps of a.")
    old, new = house.indexer(new=False), house.indexer()
    for _ in range(20):
        for indexer in (new, old):
            try:
                await indexer.embed_next()
            except GenerationRetired:
                assert indexer is old
    assert await house.states() == ["retired", "active"]
    assert len(house.new.embedded) == 1


class _NewHere(TouchyEmbedder):
    """A model that has not been seen for long enough."""

    async def settled_facts(self, seconds: float) -> ModelFacts:
        raise Unsettled("new here")


async def test_other_chunk_sizes_of_a_model_in_use_wait_for_nothing(house: House) -> None:
    await house.ready("a.txt", _LONG)
    house.old.__class__ = _NewHere
    await house.indexer(new=False, size=40).embed_next()
    assert await house.states() == ["active", "building"]


async def test_model_that_is_new_here_is_watched_before_an_index_begins(house: House) -> None:
    await house.ready("a.txt", _LONG)
    house.new.__class__ = _NewHere
    house.new.digest = "another"
    indexer = house.indexer()
    with pytest.raises(Unsettled):
        await indexer.embed_next()
    assert await house.states() == ["active"]
