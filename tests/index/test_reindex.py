"""Indexing a document anew: it is found as it was, until all of the new is there."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy.exc import IntegrityError

from mirage import config
from mirage.db.listing import Listing, list_documents, list_open, list_versions
from mirage.documents import ingest_file, reindex_document
from mirage.errors import BadEmbedding, Damaged, MirageError, ModelMissing, NoText
from mirage.model import DocumentStatus, Passage, SearchMode
from mirage.search import Question, search
from tests.index.conftest import Bench, nothing
from tests.index.test_generations import House, eventually_switched

OLD = "# Lamps\n\nWhale oil burnt in them.\n\n# Wicks\n\nThey were of whale grey cotton.\n"
NEW = "# Candles\n\nTallow came first.\n"
_KEPT = "It could not be reindexed, so it keeps its present passages. "
_TABLES = ("document", "section", "chunked_document", "chunk", "embedding")


class Shelf:
    """One document that is ready, and its file, in which a parser will find something else."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.document = UUID(int=0)

    async def fill(self) -> None:
        """Make it ready."""
        self.document = await self.bench.add("a.md", OLD)
        settled = await self.bench.settle(self.bench.indexer(), self.document)
        assert settled.status is DocumentStatus.READY

    async def rewrite(self, content: str = NEW) -> None:
        """What a better parser would do: another text of the same document."""
        key = await self.bench.value("SELECT file_key FROM document WHERE draft_of IS NULL")
        self.bench.store.path(key).write_text(content)

    async def reindex(self) -> None:
        """As its owner does."""
        database, store = self.bench.database, self.bench.store
        await reindex_document(database, store, self.bench.project, self.document)

    async def find(self, query: str) -> list[Passage]:
        """By words."""
        question = Question(query, SearchMode.LEXICAL)
        bench = self.bench
        settings = config.Search()
        answer = await search(bench.database, bench.embedder, settings, bench.project, question)
        return answer.passages

    async def headings(self) -> list[tuple[str, ...]]:
        """Which of the old and of the new passages are found, by their citations."""
        return sorted(
            p.heading_path for p in [*await self.find("whale"), *await self.find("tallow")]
        )

    async def status(self) -> tuple[DocumentStatus, str | None]:
        """As its owner sees it."""
        document = await self.bench.find(self.document)
        return document.status, document.error

    async def settle(self) -> tuple[DocumentStatus, str | None]:
        """Step until it is ready or failed."""
        await self.bench.settle(self.bench.indexer(), self.document)
        return await self.status()

    async def rows(self) -> dict[str, int]:
        """How many there are in each table."""
        return {table: await self.bench.value(f"SELECT count(*) FROM {table}") for table in _TABLES}

    async def passages(self) -> set[tuple[str, ...]]:
        """Ids, documents and vectors, as the database has them."""
        query = (
            "SELECT array_agg(ARRAY[c.id::text, c.document_id::text, e.document_id::text,"
            " c.lease_token::text, e.embedding::text]) FROM chunk c JOIN embedding e"
            " ON e.chunk_id = c.id"
        )
        return {tuple(row) for row in await self.bench.value(query)}


OF_OLD = [("Lamps",), ("Wicks",)]
OF_NEW = [("Candles",)]
ONE_OLD = {"document": 1, "section": 2, "chunked_document": 1, "chunk": 2, "embedding": 2}
ONE_NEW = {"document": 1, "section": 1, "chunked_document": 1, "chunk": 1, "embedding": 1}


@pytest.fixture
async def shelf(bench: Bench) -> Shelf:
    """A document that is ready."""
    shelf = Shelf(bench)
    await shelf.fill()
    return shelf


async def test_document_is_found_as_it_was_until_the_new_passages_are_there(shelf: Shelf) -> None:
    bench, indexer = shelf.bench, shelf.bench.indexer()
    await shelf.rewrite()
    await shelf.reindex()
    assert (await shelf.status(), await shelf.headings()) == (
        (DocumentStatus.PENDING, None),
        OF_OLD,
    )
    seen: list[tuple[DocumentStatus, list[tuple[str, ...]]]] = []

    async def look() -> None:
        seen.append(((await shelf.status())[0], await shelf.headings()))

    bench.sandbox.meanwhile = look
    bench.embedder.meanwhile = look
    await indexer.parse_next()
    await look()
    await indexer.embed_next()
    assert seen == [
        (DocumentStatus.PARSING, OF_OLD),
        (DocumentStatus.EMBEDDING, OF_OLD),
        (DocumentStatus.EMBEDDING, OF_OLD),
    ]
    assert (await shelf.status(), await shelf.headings()) == ((DocumentStatus.READY, None), OF_NEW)
    assert await shelf.rows() == ONE_NEW
    assert await bench.leases() == 0


async def test_progress_is_that_of_the_new_passages(shelf: Shelf) -> None:
    await shelf.rewrite()
    await shelf.reindex()
    await shelf.bench.indexer().parse_next()
    seen: list[tuple[int, int]] = []

    async def look() -> None:
        document = await shelf.bench.find(shelf.document)
        seen.append((document.chunks_ready, document.chunks_total))

    shelf.bench.embedder.meanwhile = look
    await look()
    await shelf.bench.indexer().embed_next()
    await look()
    assert seen == [(0, 0), (0, 1), (1, 1)]


async def test_same_text_gives_the_same_passages(shelf: Shelf) -> None:
    before = await shelf.passages()
    embedded = len(shelf.bench.embedder.embedded)
    await shelf.reindex()
    await shelf.settle()
    assert len(shelf.bench.embedder.embedded) == 2 * embedded
    assert await shelf.passages() == before


async def test_large_document_is_moved_whole(bench: Bench) -> None:
    shelf = Shelf(bench)
    sections = "".join(f"# Part {n}\n\nWhale number {n}.\n\n" for n in range(1100))
    shelf.document = await bench.add("large.md", sections)
    await shelf.settle()
    before = await shelf.passages()
    assert len(before) == 1100
    await shelf.reindex()
    await shelf.settle()
    assert await shelf.passages() == before


@pytest.mark.parametrize("error", [Damaged("cut off"), NoText("pictures only")])
async def test_file_that_cannot_be_read_anew_leaves_the_passages_of_before(
    shelf: Shelf, error: MirageError
) -> None:
    async def fail() -> None:
        raise error

    shelf.bench.sandbox.meanwhile = fail
    await shelf.reindex()
    said = f"{_KEPT}{error}. {error.remedy()}"
    assert await shelf.settle() == (DocumentStatus.READY, said)
    assert await shelf.headings() == OF_OLD
    assert await shelf.rows() == ONE_OLD
    shelf.bench.sandbox.meanwhile = nothing
    await shelf.rewrite()
    await shelf.reindex()
    assert await shelf.status() == (DocumentStatus.PENDING, None)
    assert await shelf.settle() == (DocumentStatus.READY, None)
    assert await shelf.headings() == OF_NEW


async def test_passage_that_cannot_be_embedded_leaves_the_passages_of_before(shelf: Shelf) -> None:
    shelf.bench.embedder.errors["Tallow"] = BadEmbedding("not a number")
    await shelf.rewrite()
    await shelf.reindex()
    status, error = await shelf.settle()
    assert (status, error) == (
        DocumentStatus.READY,
        f"{_KEPT}not a number. {BadEmbedding('').remedy()}",
    )
    assert await shelf.headings() == OF_OLD
    assert await shelf.rows() == ONE_OLD


@pytest.mark.parametrize("moment", ["pending", "parsing", "chunking", "embedding"])
async def test_document_deleted_meanwhile_leaves_nothing(shelf: Shelf, moment: str) -> None:
    bench, indexer = shelf.bench, shelf.bench.indexer()
    await shelf.reindex()
    if moment == "parsing":
        bench.sandbox.meanwhile = lambda: bench.delete(shelf.document)
    elif moment == "embedding":
        bench.embedder.meanwhile = lambda: bench.delete(shelf.document)
    if moment == "pending":
        await bench.delete(shelf.document)
    await indexer.parse_next()
    if moment == "chunking":
        await bench.delete(shelf.document)
    await indexer.embed_next()
    assert await shelf.rows() == dict.fromkeys(_TABLES, 0)


async def test_requests_at_once_make_one_draft(shelf: Shelf) -> None:
    await shelf.rewrite()
    await asyncio.gather(*(shelf.reindex() for _ in range(5)))
    assert await shelf.bench.value("SELECT count(*) FROM document WHERE draft_of IS NOT NULL") == 1
    await shelf.settle()
    assert await shelf.rows() == ONE_NEW


async def _while_parsing(bench: Bench, hook: Callable[[], Awaitable[None]]) -> None:
    bench.sandbox.meanwhile = hook
    await bench.indexer().parse_next()


async def _while_embedding(bench: Bench, hook: Callable[[], Awaitable[None]]) -> None:
    bench.embedder.meanwhile = hook
    await bench.indexer().parse_next()
    await bench.indexer().embed_next()


@pytest.mark.parametrize(
    ("work", "status"),
    [
        (_while_parsing, DocumentStatus.EMBEDDING),  # What is being parsed is new enough.
        (_while_embedding, DocumentStatus.PENDING),
    ],
)
async def test_reindex_beside_a_reindex_ends_with_one_set_of_passages(
    shelf: Shelf,
    work: Callable[[Bench, Callable[[], Awaitable[None]]], Awaitable[None]],
    status: DocumentStatus,
) -> None:
    await shelf.rewrite()
    await shelf.reindex()

    async def again() -> None:
        shelf.bench.sandbox.meanwhile = shelf.bench.embedder.meanwhile = nothing
        await shelf.reindex()

    await work(shelf.bench, again)
    assert (await shelf.status())[0] is status
    assert await shelf.headings() == OF_OLD
    await shelf.settle()
    assert await shelf.headings() == OF_NEW
    assert await shelf.rows() == ONE_NEW


@pytest.mark.parametrize("lost", ["document", "chunk"])
async def test_draft_of_a_worker_that_died_is_taken_over(shelf: Shelf, lost: str) -> None:
    await shelf.rewrite()
    await shelf.reindex()

    async def die() -> None:
        shelf.bench.sandbox.meanwhile = shelf.bench.embedder.meanwhile = nothing
        await shelf.bench.execute(
            f"UPDATE {lost} SET lease_token = gen_random_uuid(),"
            " leased_until = now() - interval '1 second' WHERE lease_token IS NOT NULL"
        )

    if lost == "document":
        shelf.bench.sandbox.meanwhile = die
    else:
        shelf.bench.embedder.meanwhile = die
    assert await shelf.settle() == (DocumentStatus.READY, None)
    assert await shelf.headings() == OF_NEW
    assert await shelf.rows() == ONE_NEW
    assert await shelf.bench.leases() == 0


async def test_same_bytes_sent_again_change_nothing(shelf: Shelf) -> None:
    await shelf.reindex()
    incoming = shelf.bench.store.incoming(2**20)
    incoming.write(OLD.encode())
    bench = shelf.bench
    sent = await ingest_file(bench.database, bench.store, bench.project, "a.md", incoming)
    incoming.abort()
    assert (sent.document.id, sent.queued) == (shelf.document, False)
    assert await bench.value("SELECT count(*) FROM document WHERE draft_of IS NOT NULL") == 1


async def test_new_version_replaces_the_document_and_its_draft(shelf: Shelf) -> None:
    bench = shelf.bench
    newer = await bench.add("a.md", NEW)
    await bench.indexer().parse_next()
    await shelf.reindex()
    assert (await bench.settle(bench.indexer(), newer)).status is DocumentStatus.READY
    assert await shelf.headings() == OF_NEW
    assert await shelf.rows() == ONE_NEW


async def test_failed_document_that_is_sent_again_needs_no_draft(shelf: Shelf) -> None:
    await shelf.reindex()
    # As a switch of generations may end for it.
    await shelf.bench.execute("UPDATE document SET status = 'failed' WHERE draft_of IS NULL")
    await shelf.bench.add("a.md", OLD)
    assert await shelf.rows() == ONE_OLD
    assert await shelf.settle() == (DocumentStatus.READY, None)


async def test_list_and_events_see_the_draft_on_its_document_alone(shelf: Shelf) -> None:
    bench = shelf.bench
    async with bench.database.transaction() as connection:
        before = await list_versions(connection, bench.project.id)
    await shelf.reindex()
    async with bench.database.transaction() as connection:
        project = bench.project.id
        versions = await list_versions(connection, project)
        opened = await list_open(connection, project, and_these=[])
        pending = await list_documents(connection, project, Listing((DocumentStatus.PENDING,)))
        ready = await list_documents(connection, project, Listing((DocumentStatus.READY,)))
    assert versions.keys() == {shelf.document}
    assert versions[shelf.document] > before[shelf.document]
    assert [item.id for item in opened] == [item.id for item in pending] == [shelf.document]
    assert ready == []


@pytest.mark.parametrize("old_model", ["there", "gone", "gone when it was cut"])
async def test_switch_of_generations_meanwhile_loses_neither_old_nor_new(
    bench: Bench, shelf: Shelf, old_model: str
) -> None:
    house = House(bench)
    first, indexer = await house.active(), house.indexer()
    await shelf.rewrite()
    await shelf.reindex()

    async def fail() -> None:
        raise ModelMissing("the old model is gone")

    if old_model == "gone":
        house.new.others.clear()
    elif old_model == "gone when it was cut":
        house.old.meanwhile = fail
    await indexer.parse_next()
    while await house.active() == first:
        assert await shelf.headings() in (OF_OLD, OF_NEW)
        with contextlib.suppress(ModelMissing):
            await indexer.embed_next()
    assert await shelf.headings() in (OF_OLD, OF_NEW)
    await house.finish(indexer)
    assert await shelf.status() == (DocumentStatus.READY, None)
    assert await shelf.headings() == OF_NEW
    assert await bench.value("SELECT count(*) FROM document") == 1
    new = await house.active()
    assert await bench.value(f"SELECT count(*) FROM chunk WHERE generation_id = {new}") == 1
    assert await bench.value("SELECT count(*) FROM chunk WHERE status <> 'ready'") == 0


@pytest.mark.parametrize(
    ("refused", "left"),
    [("Tallow", OF_OLD), ("Whale", OF_NEW)],  # By the new model: the new text, or the old one.
)
async def test_text_that_the_next_model_refuses_leaves_the_other(
    bench: Bench, shelf: Shelf, refused: str, left: list[tuple[str, ...]]
) -> None:
    house = House(bench)
    indexer = house.indexer()
    house.new.others.clear()
    house.new.errors[refused] = BadEmbedding("not finite")
    await shelf.rewrite()
    await shelf.reindex()
    await indexer.parse_next()
    await eventually_switched(house, indexer)
    await house.finish(indexer)
    status, error = await shelf.status()
    assert status is DocumentStatus.READY
    assert (error or "").startswith(_KEPT) == (left is OF_OLD)
    assert await shelf.headings() == left
    assert await bench.value("SELECT count(*) FROM document") == 1


async def test_work_for_the_next_generation_on_the_old_text_is_lost_with_it(
    bench: Bench, shelf: Shelf
) -> None:
    house = House(bench)
    indexer = house.indexer()

    async def index_anew() -> None:
        house.new.meanwhile = nothing
        await shelf.rewrite()
        await shelf.reindex()
        await indexer.parse_next()
        await house.indexer().embed_next()

    house.new.meanwhile = index_anew
    await house.finish(indexer)
    assert await house.states() == ["retired", "active"]
    assert await shelf.status() == (DocumentStatus.READY, None)
    assert await shelf.headings() == OF_NEW
    new = await house.active()
    assert await bench.value(f"SELECT count(*) FROM chunk WHERE generation_id = {new}") == 1


async def test_draft_is_never_served(shelf: Shelf) -> None:
    await shelf.reindex()
    with pytest.raises(IntegrityError, match="document_draft_check"):
        await shelf.bench.execute("UPDATE document SET status = 'ready'")
