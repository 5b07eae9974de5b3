"""An embedding server that answers nonsense for a while, over HTTP, with documents in the queue."""

import asyncio
import contextlib
from collections.abc import Sequence
from uuid import UUID

import pytest

from mirage import config
from mirage.errors import EmbedderUnavailable, Unavailable
from mirage.index import Indexer
from mirage.model import DocumentStatus, SearchMode
from mirage.search import Question, search
from tests.index.conftest import Bench, eventually
from tests.unit.embed.liar import INFO, LIES, LyingOllama, vectors

_TEXTS = [f"The lamp number {number} burns all night, says the keeper." for number in range(8)]


class Shop:
    """A bench whose indexer asks a server that can be made to lie."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.server = LyingOllama()
        self.indexer = self.open()

    def open(self, model: str = "tiny", **settings: int) -> Indexer:
        """An indexer with an embedder of its own, as after a restart."""
        self.embedder = self.server.embedder(model)
        quick = {"poll_seconds": 0.02, "backoff_base_seconds": 0.01, "max_attempts": 3}
        return Indexer(
            self.bench.database,
            self.bench.store,
            self.embedder,
            self.bench.sandbox,
            config.Indexer.model_validate(quick | settings),
            config.Chunk(size=400, overlap=100),
        )

    async def add(self, texts: Sequence[str] = _TEXTS) -> list[UUID]:
        """Documents that wait to be embedded."""
        added = [await self.bench.add(f"{at}.txt", content) for at, content in enumerate(texts)]
        while await self.indexer.parse_next():
            pass
        return added

    async def step(self) -> Unavailable | None:
        """Embed; what is in the way."""
        try:
            await self.indexer.embed_next()
        except Unavailable as error:
            return error
        return None

    async def lie(self, kind: str, documents: int) -> None:
        """Lie in one way until all documents would have failed if lies counted as attempts."""
        self.server.lie, self.server.lies = LIES[kind], lambda _: True
        asked = len(self.server.asked)
        for _ in range(3 * documents + 1):
            await self.step()
        assert len(self.server.asked) > asked
        self.server.lies = lambda _: False

    async def settle(self, documents: Sequence[UUID]) -> list[DocumentStatus]:
        """Step until all are ready or failed."""

        async def settled() -> bool:
            await self.step()
            return {(await self.bench.find(one)).status for one in documents} <= {
                DocumentStatus.READY,
                DocumentStatus.FAILED,
            }

        await eventually(settled)
        return [(await self.bench.find(one)).status for one in documents]

    async def generations(self) -> int:
        """How many there are."""
        counted: int = await self.bench.value("SELECT count(*) FROM generation")
        return counted


@pytest.fixture
async def shop(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """One that looks at the server each time and needs no time, but several looks, to settle."""
    monkeypatch.setattr("mirage.embed.remote._FACTS_TTL_SECONDS", 0.0)
    monkeypatch.setattr("mirage.embed.watch._WATCHED_SECONDS", 0.0)
    monkeypatch.setattr("mirage.index.embed_worker._FIRST_SETTLING_SECONDS", 0.0)
    monkeypatch.setattr("mirage.index.embed_worker._SETTLING_SECONDS", 0.0)
    return Shop(bench)


@pytest.mark.parametrize("start", ["with an index", "without an index"])
@pytest.mark.parametrize("kind", LIES)
async def test_lies_cost_no_document_and_no_attempt(shop: Shop, kind: str, start: str) -> None:
    if start == "with an index":
        first = await shop.bench.add("first.txt", "The first lamp.")
        await shop.indexer.parse_next()
        assert await shop.settle([first]) == [DocumentStatus.READY]
    documents = await shop.add(_TEXTS[:4])
    await shop.lie(kind, len(documents))
    assert await shop.bench.value("SELECT coalesce(max(attempts), 0) FROM chunk") == 0
    assert await shop.settle(documents) == [DocumentStatus.READY] * 4
    assert await shop.bench.value("SELECT max(attempts) FROM chunk") == 0
    assert await shop.bench.value("SELECT max(n) FROM (SELECT count(*) AS n FROM chunk"
                                  " GROUP BY document_id) c") == 1  # fmt: skip
    assert await shop.bench.value("SELECT count(*) FROM split") == 0
    assert await shop.generations() == 1


async def test_lies_about_dimensions_and_limit_begin_no_generation(shop: Shop) -> None:
    documents = await shop.add()
    for told in ({"bert.embedding_length": 7}, {"bert.context_length": 4}):
        shop.server.info = INFO | told
        shop.server.lie, shop.server.lies = LIES["null"], lambda _: True
        shop.indexer = shop.open()
        for _ in range(20):
            assert await shop.step() is not None
        assert await shop.generations() == 0
    shop.server.info, shop.server.lies = dict(INFO), lambda _: False
    assert await shop.settle(documents) == [DocumentStatus.READY] * 8
    assert await shop.bench.value("SELECT chunk_size FROM generation") == 400
    assert await shop.bench.value("SELECT dimensions FROM generation") == 3


@pytest.mark.parametrize("kind", ["null", "too-few", "context-length", "500", "html"])
@pytest.mark.parametrize("period", [2, 3])
async def test_lies_now_and_then_cost_no_document(shop: Shop, kind: str, period: int) -> None:
    documents = await shop.add()
    asked = iter(range(10_000))
    # As when one of several servers behind an address is broken.
    shop.server.lie, shop.server.lies = LIES[kind], lambda _: next(asked) % period == 0
    assert await shop.settle(documents) == [DocumentStatus.READY] * 8
    assert await shop.bench.value("SELECT max(attempts) FROM chunk") == 0
    assert await shop.bench.value("SELECT count(*) FROM split") == 0


@pytest.mark.parametrize("kind", sorted(set(LIES) - {"context-length"}))
async def test_one_poison_text_fails_alone(shop: Shop, kind: str) -> None:
    documents = await shop.add([*_TEXTS[:3], "A poison text.", *_TEXTS[3:]])
    shop.server.lie = LIES[kind]
    shop.server.lies = lambda texts: any("poison" in text for text in texts)
    assert await shop.settle(documents) == [
        *[DocumentStatus.READY] * 3,
        DocumentStatus.FAILED,
        *[DocumentStatus.READY] * 5,
    ]
    failed = await shop.bench.find(documents[3])
    assert failed.error is not None
    assert "it embeds other texts" in failed.error
    assert await shop.bench.value("SELECT attempts FROM chunk WHERE status = 'failed'") == 2


@pytest.mark.parametrize("stay", [1, 2, 3])
async def test_flapping_digest_begins_no_generation(shop: Shop, stay: int) -> None:
    first = await shop.bench.add("first.txt", "The first lamp.")
    await shop.indexer.parse_next()
    await shop.settle([first])
    documents = await shop.add()
    looks = iter(range(100_000))
    shop.server.digests = lambda: f"sha-{1 + next(looks) // stay % 2}"
    met = [await shop.step() for _ in range(60)]
    assert await shop.generations() == 1
    assert any(error is not None and error.code == "generation-mismatch" for error in met)
    shop.server.digests = lambda: "sha-1"
    assert await shop.settle(documents) == [DocumentStatus.READY] * 8
    assert await shop.generations() == 1


async def test_vectors_of_a_flapping_model_are_never_mixed(shop: Shop) -> None:
    first = await shop.bench.add("first.txt", "The first lamp.")
    await shop.indexer.parse_next()
    await shop.settle([first])
    documents = await shop.add()
    requests = iter(range(100_000))

    def is_other() -> bool:
        return next(requests) // 4 % 2 == 1

    shop.server.digests = lambda: "sha-2" if is_other() else "sha-1"
    # The vectors of the other model all point the same way.
    shop.server.lie = vectors([0.0, 0.0, 1.0])
    shop.server.lies = lambda _: is_other()
    for _ in range(60):
        await shop.step()
    shop.server.digests, shop.server.lies = lambda: "sha-1", lambda _: False
    assert await shop.settle(documents) == [DocumentStatus.READY] * 8
    mixed = "SELECT count(*) FROM embedding WHERE (embedding::vector::real[])[3] > 0"
    assert await shop.bench.value(mixed) == 0


async def test_model_that_stays_another_begins_one_generation(shop: Shop) -> None:
    documents = await shop.add()
    await shop.settle(documents)
    shop.server.digests = lambda: "sha-2"

    async def switched() -> bool:
        await shop.step()
        found = await shop.bench.value("SELECT digest FROM generation WHERE state = 'active'")
        return bool(found == "sha-2")

    await eventually(switched)
    assert await shop.generations() == 2


@pytest.mark.parametrize(("before", "after"), [("tiny", "tiny:latest"), ("tiny:latest", "tiny")])
async def test_spellings_of_a_model_share_an_index(shop: Shop, before: str, after: str) -> None:
    shop.indexer = shop.open(before)
    documents = await shop.add()
    await shop.settle(documents)
    shop.indexer = shop.open(after)
    shop.server.asked.clear()
    for _ in range(20):
        await shop.step()
    assert shop.server.asked == []
    assert await shop.generations() == 1
    answer = await search(
        shop.bench.database,
        shop.embedder,
        config.Search(),
        shop.bench.project,
        Question("lamp number 3", SearchMode.DENSE),
    )
    assert len(answer.passages) == 8
    late = await shop.bench.add("late.txt", "A late lamp.")
    await shop.indexer.parse_next()
    assert await shop.settle([late]) == [DocumentStatus.READY]


async def test_note_on_the_limit_is_shown_under_both_spellings(shop: Shop) -> None:
    shop.server.info["bert.context_length"] = 102
    documents: list[UUID] = []
    for model in ("tiny:latest", "tiny"):
        shop.indexer = shop.open(model)
        documents.append(await shop.bench.add(f"{len(documents)}.txt", f"The lamp of {model}."))
        await shop.indexer.parse_next()
        await shop.settle(documents)
    for document in documents:
        (note,) = (await shop.bench.find(document)).warnings
        assert note.startswith("tiny:latest takes 100 tokens at most")
    assert await shop.generations() == 1


async def test_retired_index_is_built_again_under_its_first_spelling(shop: Shop) -> None:
    shop.indexer = shop.open("tiny:latest")
    await shop.settle(await shop.add())
    await shop.bench.execute("UPDATE generation SET state = 'retired'")
    shop.indexer = shop.open("tiny")
    late = await shop.bench.add("late.txt", "A late lamp.")
    await shop.indexer.parse_next()
    await shop.settle([late])
    assert await shop.bench.value("SELECT string_agg(model, ' ') FROM generation") == "tiny:latest"


async def test_error_message_that_no_database_takes_ends_no_worker(shop: Shop) -> None:
    documents = await shop.add()
    said = "no \x00 and \ud800"
    shop.bench.embedder.failure = EmbedderUnavailable(said)
    indexer = shop.bench.indexer()
    running = asyncio.create_task(indexer.run())

    async def seen() -> bool:
        return (await shop.bench.find(documents[0])).waiting_for is not None

    await eventually(seen)
    waiting = (await shop.bench.find(documents[0])).waiting_for
    assert waiting is not None
    assert waiting.startswith("no and \ufffd. ")
    shop.bench.embedder.failure = None

    async def ready() -> bool:
        found = [(await shop.bench.find(one)).status for one in documents]
        return set(found) == {DocumentStatus.READY}

    await eventually(ready)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_report_that_cannot_be_stored_ends_no_worker(shop: Shop) -> None:
    await shop.add()
    shop.bench.embedder.failure = EmbedderUnavailable("it is away")
    running = asyncio.create_task(shop.bench.indexer().run())

    async def ready() -> bool:
        return bool(await shop.bench.value("SELECT bool_and(status = 'ready') FROM document"))

    async def met() -> bool:  # A sequence keeps count though the transaction is rolled back.
        return bool(await shop.bench.value("SELECT last_value > 3 FROM met"))

    await shop.bench.execute("CREATE SEQUENCE met")
    await shop.bench.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM nextval('met'); RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END $$"
    )
    await shop.bench.execute(
        "CREATE TRIGGER refuse BEFORE INSERT OR UPDATE OR DELETE ON blocker"
        " EXECUTE FUNCTION refuse()"
    )
    await eventually(met)
    shop.bench.embedder.failure = None
    await eventually(ready)
    assert not running.done()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def test_poison_that_cannot_be_recorded_holds_up_no_other(shop: Shop) -> None:
    await shop.bench.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END $$"
    )
    await shop.bench.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OF attempts ON chunk FOR EACH ROW"
        " EXECUTE FUNCTION refuse()"
    )
    documents = await shop.add(["A poison text.", *_TEXTS])
    shop.server.lie = LIES["zeros"]
    shop.server.lies = lambda texts: any("poison" in text for text in texts)
    assert await shop.settle(documents[1:]) == [DocumentStatus.READY] * 8
    assert (await shop.bench.find(documents[0])).status is DocumentStatus.EMBEDDING


@pytest.mark.parametrize("status", ["pending", "failed"])
async def test_failure_that_cannot_be_recorded_ends_no_worker(shop: Shop, status: str) -> None:
    await shop.bench.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '22021'; END $$"
    )
    await shop.bench.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE ON document FOR EACH ROW"
        f" WHEN (NEW.status = '{status}' AND NEW.name = 'bad.pdf') EXECUTE FUNCTION refuse()"
    )
    bad = await shop.bench.add("bad.pdf", b"%PDF-1.7 and nothing else")
    if status == "pending":  # It is tried again, because its file cannot be read.
        path = shop.bench.store.path(await shop.bench.value("SELECT file_key FROM document"))
        path.unlink()
        path.mkdir()
    running = asyncio.create_task(shop.bench.indexer(lease_seconds=2).run())
    good = await shop.bench.add("good.txt", "A good text.")

    async def ready() -> bool:
        return (await shop.bench.find(good)).status is DocumentStatus.READY

    await eventually(ready)
    assert not running.done()
    assert (await shop.bench.find(bad)).status is DocumentStatus.PARSING
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
