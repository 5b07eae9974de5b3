"""The three kinds of errors: wait, counted, final."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from mirage.db.queue import blockers
from mirage.errors import (
    BadEmbedding,
    EmbedderUnavailable,
    Encrypted,
    MirageError,
    ModelMissing,
    StorageUnavailable,
)
from mirage.model import DocumentStatus
from mirage.testing import make_pdf
from tests.index.conftest import Bench, eventually


class TestWait:
    @pytest.mark.parametrize("error", [EmbedderUnavailable("it is away"), ModelMissing("no model")])
    async def test_is_seen_while_it_lasts_and_then_forgotten(
        self, bench: Bench, error: MirageError
    ) -> None:
        bench.embedder.failure = error
        document = await bench.add("a.txt", "A short text.")
        running = asyncio.create_task(bench.indexer().run())

        async def seen() -> bool:
            found = await bench.find(document)  # Before and after it is parsed, but not meanwhile.
            return found.status is DocumentStatus.EMBEDDING and found.waiting_for is not None

        async def forgotten() -> bool:
            async with bench.database.transaction() as connection:
                return await blockers.list_blockers(connection) == []

        async def ready() -> bool:
            return (await bench.find(document)).status is DocumentStatus.READY

        await eventually(seen)
        assert (await bench.find(document)).waiting_for == f"{error}. {error.remedy()}"
        bench.embedder.failure = None
        await eventually(ready)
        await eventually(forgotten)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    async def test_leaves_attempts_and_leases_as_they_were(self, bench: Bench) -> None:
        bench.embedder.errors["short"] = EmbedderUnavailable("it went away in the middle")
        document = await bench.add("a.txt", "A short text.")
        indexer = bench.indexer(max_attempts=1)
        await indexer.parse_next()
        for _ in range(3):
            with pytest.raises(EmbedderUnavailable):
                await indexer.embed_next()
        assert await bench.value("SELECT max(attempts) FROM chunk") == 0
        assert await bench.leases() == 0
        bench.embedder.errors.clear()
        assert (await bench.settle(indexer, document)).status is DocumentStatus.READY


class TestCounted:
    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (BadEmbedding("not finite"), "not finite. Check the log of the embedding server"),
            (ValueError("a fault of the program"), "ValueError: see the indexer's log"),
        ],
    )
    async def test_fails_after_the_last_attempt_and_that_document_only(
        self, bench: Bench, error: Exception, sentence: str
    ) -> None:
        bench.embedder.errors["poison"] = error
        good = [await bench.add(f"{at}.txt", f"A good text {at}.") for at in range(3)]
        bad = await bench.add("bad.txt", "A poison text.")
        indexer = bench.indexer()
        failed = await bench.settle(indexer, bad)
        assert failed.status is DocumentStatus.FAILED
        assert failed.error is not None
        assert failed.error.startswith(sentence)
        assert await bench.value("SELECT attempts FROM chunk WHERE status = 'failed'") == 2
        for document in good:
            assert (await bench.settle(indexer, document)).status is DocumentStatus.READY

    async def test_backs_off_before_the_next_attempt(self, bench: Bench) -> None:
        bench.embedder.errors["poison"] = BadEmbedding("not finite")
        await bench.add("bad.txt", "A poison text.")
        indexer = bench.indexer(backoff_base_seconds=600, backoff_cap_seconds=600)
        await indexer.parse_next()
        assert await indexer.embed_next()
        assert not await indexer.embed_next()
        assert await bench.value("SELECT attempts FROM chunk WHERE not_before > now()") == 1
        assert await bench.leases() == 0

    async def test_original_that_is_lost_fails_its_document_with_the_remedy(
        self, bench: Bench
    ) -> None:
        document = await bench.add("a.txt", "A short text.")
        await bench.store.delete([await bench.value("SELECT file_key FROM document")])
        failed = await bench.settle(bench.indexer(), document)
        assert failed.status is DocumentStatus.FAILED
        assert failed.error == (
            "the original of 'a.txt' is missing in the store. Upload the same file again; that"
            " repairs the document."
        )
        again = await bench.add("a.txt", "A short text.")
        assert (await bench.settle(bench.indexer(), again)).status is DocumentStatus.READY

    async def test_volume_that_is_not_mounted_fails_nothing(self, bench: Bench) -> None:
        document = await bench.add("a.txt", "A short text.")
        away = bench.store.root.with_name("away")
        bench.store.root.rename(away)
        bench.store.root.mkdir()  # The folder on which the volume is mounted.
        indexer = bench.indexer()
        for _ in range(5):
            with pytest.raises(StorageUnavailable, match=r"a\.txt' is missing in the store"):
                await eventually(indexer.parse_next)
        assert (await bench.find(document)).status is DocumentStatus.PENDING
        assert await bench.value("SELECT attempts FROM document") == 0
        bench.store.root.rmdir()
        away.rename(bench.store.root)
        assert (await bench.settle(indexer, document)).status is DocumentStatus.READY

    async def test_document_that_is_uploaded_again_starts_anew(self, bench: Bench) -> None:
        bench.embedder.errors["poison"] = BadEmbedding("not finite")
        indexer = bench.indexer()
        document = await bench.add("a.txt", "A poison text.")
        assert (await bench.settle(indexer, document)).status is DocumentStatus.FAILED
        bench.embedder.errors.clear()
        assert await bench.add("a.txt", "A poison text.") == document
        ready = await bench.settle(indexer, document)
        assert (ready.status, ready.error) == (DocumentStatus.READY, None)


class TestFinal:
    async def test_fails_at_once_with_its_reason(self, bench: Bench, tmp_path: Path) -> None:
        locked = make_pdf(tmp_path / "locked.pdf", [["A secret."]], password="secret")
        document = await bench.add("locked.pdf", locked.read_bytes())
        await bench.indexer().parse_next()
        failed = await bench.find(document)
        assert failed.status is DocumentStatus.FAILED
        assert failed.error is not None
        assert failed.error.endswith(Encrypted("").remedy())
        assert await bench.value("SELECT attempts FROM document") == 0
        assert await bench.leases() == 0

    async def test_text_without_anything_to_cut_does_not_stay_for_ever(self, bench: Bench) -> None:
        document = await bench.add("a.txt", "A short text.")
        indexer = bench.indexer()
        await indexer.parse_next()
        await bench.execute("UPDATE section SET text = ' '")
        failed = await bench.settle(indexer, document)
        assert failed.status is DocumentStatus.FAILED
        assert failed.error is not None
        assert failed.error.startswith("the document contains only white space")


async def test_text_whose_words_the_database_refuses_holds_up_no_other(bench: Bench) -> None:
    await bench.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'too many words' USING ERRCODE = '54000'; END $$"
    )
    await bench.execute(
        "CREATE TRIGGER refuse BEFORE UPDATE OF lexemes ON chunk FOR EACH ROW"
        " WHEN (NEW.text LIKE '%wordy%') EXECUTE FUNCTION refuse()"
    )
    bad, good = await bench.add("bad.txt", "A wordy text."), await bench.add("good.txt", "Short.")
    indexer = bench.indexer()
    assert (await bench.settle(indexer, bad)).status is DocumentStatus.FAILED
    assert (await bench.settle(indexer, good)).status is DocumentStatus.READY
