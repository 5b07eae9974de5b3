"""Documents that were split while the embedder was at fault are put together again."""

import pytest

from mirage import config
from mirage.errors import BadEmbedding, EmbedderUnavailable, MirageError
from mirage.model import DocumentStatus, SearchMode
from mirage.search import Question, search
from tests.index.conftest import Bench
from tests.index.test_too_long import Boaster

_TEXT = "The keeper wrote down the weather and the wind of the day, and lit the lamp at dusk."


async def _split(bench: Bench, limit: int = 5) -> Boaster:
    """A document that is cut to pieces because the model takes so few tokens."""
    bench.embedder = boaster = Boaster()
    boaster.max_tokens = limit
    document = await bench.add("a.txt", _TEXT)
    settled = await bench.settle(bench.indexer(), document)
    assert settled.status is DocumentStatus.READY
    assert settled.chunks_total > 3
    return boaster


async def _is_found(bench: Bench) -> bool:
    question = Question("lamp", SearchMode.HYBRID)
    answer = await search(bench.database, bench.embedder, config.Search(), bench.project, question)
    return len(answer.passages) > 0


async def _make_due(bench: Bench) -> None:
    await bench.execute("UPDATE split SET not_before = now()")


async def test_healed_document_is_one_chunk_again_and_found_meanwhile(bench: Bench) -> None:
    boaster = await _split(bench)
    assert await bench.value("SELECT count(*) FROM split") == 1
    document = await bench.value("SELECT id FROM document")
    indexer = bench.indexer()
    boaster.max_tokens = 512
    assert not await indexer.maintain_next()  # Its time has not come.
    await _make_due(bench)
    assert await indexer.maintain_next()
    assert await _is_found(bench)
    healed = await bench.settle(indexer, document)
    assert (healed.status, healed.chunks_total) == (DocumentStatus.READY, 1)
    assert await _is_found(bench)
    assert await bench.value("SELECT text FROM chunk") == _TEXT
    assert await bench.value("SELECT count(*) FROM split") == 0


async def test_model_that_counts_otherwise_is_asked_less_and_less(bench: Bench) -> None:
    boaster = await _split(bench)
    indexer = bench.indexer()
    embedded = len(boaster.embedded)
    pauses = []
    for _ in range(4):
        await _make_due(bench)
        refusals = boaster.refusals
        assert not await indexer.maintain_next()
        assert boaster.refusals == refusals + 1
        assert not await indexer.maintain_next()
        assert boaster.refusals == refusals + 1
        pauses.append(
            await bench.value(
                "SELECT round(extract(epoch FROM not_before - now()) / 60)::int FROM split"
            )
        )
    assert pauses == [5, 10, 20, 40]
    assert len(boaster.embedded) == embedded
    assert await bench.value("SELECT count(*) FROM document") == 1


async def test_document_that_has_to_be_split_again_waits_longer(bench: Bench) -> None:
    boaster = await _split(bench)
    indexer = bench.indexer()
    document = await bench.value("SELECT id FROM document")
    for minutes in (10, 20):
        boaster.max_tokens = 512
        await _make_due(bench)
        assert await indexer.maintain_next()
        boaster.max_tokens = 5  # It changes its mind.
        again = await bench.settle(indexer, document)
        assert again.chunks_total > 3
        waits = "SELECT round(extract(epoch FROM not_before - now()) / 60)::int FROM split"
        assert await bench.value(waits) == minutes


@pytest.mark.parametrize("error", [EmbedderUnavailable("away"), BadEmbedding("not finite")])
async def test_embedder_at_fault_heals_nothing(bench: Bench, error: MirageError) -> None:
    boaster = await _split(bench)
    boaster.max_tokens = 512
    boaster.failure = error
    await _make_due(bench)
    assert not await bench.indexer().maintain_next()
    assert await bench.value("SELECT count(*) FROM document") == 1


async def test_nothing_is_asked_while_documents_wait(bench: Bench) -> None:
    boaster = await _split(bench)
    boaster.max_tokens = 512
    await _make_due(bench)
    indexer = bench.indexer()
    late = await bench.add("late.txt", "A late lamp.")
    assert not await indexer.maintain_next()
    await bench.settle(indexer, late)
    assert await indexer.maintain_next()


async def test_every_split_chunk_is_asked_for(bench: Bench) -> None:
    bench.embedder = boaster = Boaster()
    boaster.max_tokens = 5
    text = f"# A\n\n{_TEXT}\n\n# B\n\n{_TEXT} And put it out at dawn, before the ships came.\n"
    document = await bench.add("a.md", text)
    indexer = bench.indexer()
    await bench.settle(indexer, document)
    assert await bench.value("SELECT count(*) FROM split") == 2
    # It takes the shorter one by now, but not the other.
    boaster.max_tokens = 25
    for _ in range(2):
        await _make_due(bench)
        await indexer.maintain_next()
    healed = await bench.settle(indexer, document)
    assert healed.chunks_total == 3
    assert await bench.value("SELECT count(*) FROM split") == 1
    boaster.max_tokens = 512
    await _make_due(bench)
    assert await indexer.maintain_next()
    assert (await bench.settle(indexer, document)).chunks_total == 2
