"""Texts that the server finds too long although its facts allow them: cut in halves, never lost."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from mirage.chunk import coverage_gaps
from mirage.db.sections import load_sections
from mirage.embed import Vectors
from mirage.errors import TextTooLong
from mirage.model import DocumentStatus, ModelFacts, join_sections
from tests.index.conftest import Bench, TouchyEmbedder

_PROSE = "# Weather\n\n" + "The keeper wrote down the weather, and the wind of the day. " * 60


class Boaster(TouchyEmbedder):
    """Says that it takes `claimed` tokens, and takes `max_tokens`."""

    claimed = 512
    refusals = 0

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        try:
            return await super().embed_documents(texts)
        except TextTooLong:
            self.refusals += 1
            raise

    async def facts(self) -> ModelFacts:
        facts = await super().facts()
        return ModelFacts(
            name=facts.name,
            digest=facts.digest,
            dimensions=facts.dimensions,
            max_tokens=self.claimed,
            tokenizer=facts.tokenizer,
        )


async def test_nothing_of_a_halved_text_is_lost(bench: Bench) -> None:
    bench.embedder = Boaster()
    bench.embedder.max_tokens = 30
    document = await bench.add("a.md", _PROSE)
    settled = await bench.settle(bench.indexer(size=100, overlap=20), document)
    assert settled.status is DocumentStatus.READY
    assert await _gaps(bench, document) == []
    assert await bench.value("SELECT max(tokens) FROM chunk") <= 30
    assert await bench.value("SELECT count(*) FROM chunk") == settled.chunks_total
    assert await bench.value("SELECT count(*) FROM embedding") == settled.chunks_total


async def test_only_the_text_that_is_too_long_is_tried_again(bench: Bench) -> None:
    bench.embedder = boaster = Boaster()
    boaster.max_tokens = 30
    short = "".join(f"# {name}\n\nA short text.\n\n" for name in ("A", "B", "C"))
    document = await bench.add("a.md", f"{short}# D\n\n{'wind ' * 40}")
    assert (await bench.settle(bench.indexer(), document)).status is DocumentStatus.READY
    # The four of them, and then that one alone.
    assert boaster.refusals == 2


async def test_equal_halves_of_overlapping_chunks_are_one_chunk(bench: Bench) -> None:
    bench.embedder = Boaster()
    bench.embedder.max_tokens = 8
    document = await bench.add("a.txt", " ".join(f"w{at}" for at in range(64)))
    settled = await bench.settle(bench.indexer(size=16, overlap=8), document)
    assert settled.status is DocumentStatus.READY
    assert await _gaps(bench, document) == []
    spans = await bench.value("SELECT count(DISTINCT (start_offset, end_offset)) FROM chunk")
    assert spans == settled.chunks_total


async def test_character_that_is_too_long_fails_its_document(bench: Bench) -> None:
    bench.embedder.errors["w"] = TextTooLong("even this is too long", [0])
    document = await bench.add("a.txt", "ww")
    failed = await bench.settle(bench.indexer(), document)
    assert failed.status is DocumentStatus.FAILED
    assert failed.error is not None
    assert failed.error.startswith("even this is too long")


async def _gaps(bench: Bench, document: UUID) -> list[tuple[int, int]]:
    async with bench.database.transaction() as connection:
        sections = await load_sections(connection, document)
        spans = await connection.execute(text("SELECT start_offset, end_offset FROM chunk"))
        return coverage_gaps(join_sections(sections), [(row[0], row[1]) for row in spans])
