"""Claims, leases and what a lost claim may still do: nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mirage.db import Database
from mirage.db import documents as rows
from mirage.db.queue import chunks as chunk_queue
from mirage.db.queue import documents as document_queue
from mirage.db.queue import requeue
from mirage.db.queue.chunks import ClaimedChunk
from mirage.db.queue.documents import ClaimedDocument
from mirage.db.queue.words import load_words
from mirage.db.search.bm25_document import passage_words
from mirage.db.sections import load_sections, replace_sections
from mirage.errors import DatabaseUnavailable
from mirage.model import Chunk, DocumentStatus, MediaType, Parsed, Section
from tests.db.conftest import Maker
from tests.db.facts import lease
from tests.db.statements import plan_of, sent_statements


async def _claim(database: Database, seconds: float = 60) -> ClaimedDocument | None:
    async with database.transaction() as connection:
        return await document_queue.claim_unparsed(connection, lease(seconds))


async def _claim_chunks(
    make: Maker, limit: int = 10, seconds: float = 60
) -> tuple[UUID, list[ClaimedChunk]]:
    generation = await make.generation()
    async with make.database.transaction() as connection:
        return await chunk_queue.claim_chunks(connection, generation.id, lease(seconds), limit)


async def _claim_unparsed(make: Maker) -> ClaimedDocument | None:
    return await _claim(make.database)


async def _claim_unchunked(make: Maker) -> ClaimedDocument | None:
    generation = await make.generation()
    async with make.database.transaction() as connection:
        return await document_queue.claim_unchunked(connection, generation, lease())


async def _status(make: Maker, document: UUID) -> DocumentStatus | None:
    async with make.database.transaction() as connection:
        found = await rows.find_document(connection, make.project.id, document)
    return found.status if found else None


async def test_claims_come_oldest_first_and_to_one_worker_each(make: Maker) -> None:
    first, second = await make.pending("1.txt"), await make.pending("2.txt")
    claims = [await _claim(make.database) for _ in range(3)]
    assert [claim.id if claim else None for claim in claims] == [first, second, None]


async def test_concurrent_claims_never_share_a_document(make: Maker) -> None:
    made = {await make.pending(f"{number}.txt") for number in range(20)}
    claims = await asyncio.gather(*(_claim(make.database) for _ in range(20)))
    assert [claim.id for claim in claims if claim] != []
    assert len({claim.id for claim in claims if claim}) == len([c for c in claims if c])
    assert {claim.id for claim in claims if claim} <= made


async def test_lease_that_ran_out_is_claimed_again(make: Maker) -> None:
    document = await make.pending()
    lost = await _claim(make.database, seconds=-1)
    again = await _claim(make.database)
    assert lost is not None
    assert again is not None
    assert again.id == lost.id == document
    assert again.token != lost.token
    assert again.attempts == 0  # A worker that died says nothing against the document.


async def test_lost_claim_changes_nothing_any_more(make: Maker) -> None:
    await make.pending()
    lost = await _claim(make.database, seconds=-1)
    current = await _claim(make.database)
    assert lost is not None
    assert current is not None
    async with make.database.transaction() as connection:
        assert not await document_queue.lock_claim(connection, lost)
        assert not await document_queue.extend_document_lease(connection, lost, lease())
        await document_queue.fail_document(connection, lost, "damaged", "a late verdict")
        await document_queue.release_document(connection, lost, timedelta(0), counted=True)
    assert await _status(make, current.id) is DocumentStatus.PARSING


async def test_released_document_is_pending_and_counts_only_when_told(make: Maker) -> None:
    await make.pending()
    for counted, attempts in ((False, 0), (True, 0), (False, 1)):
        claim = await _claim(make.database)
        assert claim is not None
        assert claim.attempts == attempts
        async with make.database.transaction() as connection:
            await document_queue.release_document(connection, claim, timedelta(0), counted=counted)


async def test_document_that_backs_off_is_left_alone(make: Maker) -> None:
    await make.pending()
    claim = await _claim(make.database)
    assert claim is not None
    async with make.database.transaction() as connection:
        await document_queue.release_document(connection, claim, timedelta(hours=1), counted=True)
    assert await _claim(make.database) is None


async def test_document_is_ready_with_its_last_vector(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one", "two"])
    generation = await make.generation()
    for expected in (DocumentStatus.EMBEDDING, DocumentStatus.READY):
        token, claimed = await _claim_chunks(make, limit=1)
        async with make.database.transaction() as connection:
            await chunk_queue.store_vectors(
                connection, generation, token, [(claimed[0], [1, 0, 0])]
            )
        assert await _status(make, document) is expected


async def test_two_workers_that_finish_at_once_leave_the_document_ready(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one", "two"])
    generation = await make.generation()
    claims = [await _claim_chunks(make, limit=1), await _claim_chunks(make, limit=1)]

    async def store(token: UUID, claimed: list[ClaimedChunk]) -> None:
        async with make.database.transaction() as connection:
            await chunk_queue.store_vectors(
                connection, generation, token, [(claimed[0], [1, 0, 0])]
            )

    await asyncio.gather(*(store(token, claimed) for token, claimed in claims))
    assert await _status(make, document) is DocumentStatus.READY


async def test_vectors_of_a_deleted_document_go_nowhere(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one"])
    generation = await make.generation()
    token, claimed = await _claim_chunks(make)
    async with make.database.transaction() as connection:
        await rows.delete_document(connection, make.project.id, document)
    await make.pending("a.txt", "one")  # The same bytes, so the same id, are uploaded again.
    async with make.database.transaction() as connection:
        await chunk_queue.store_vectors(connection, generation, token, [(claimed[0], [1, 0, 0])])
        stored = await connection.scalar(text("SELECT count(*) FROM embedding"))
    assert stored == 0
    assert await _status(make, document) is DocumentStatus.PENDING


async def test_lease_of_a_chunk_that_is_being_deleted_is_not_waited_for(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one"])
    token, claimed = await _claim_chunks(make)
    async with make.database.transaction() as deleting:
        await rows.delete_document(deleting, make.project.id, document)
        async with asyncio.timeout(60), make.database.transaction() as connection:
            await chunk_queue.extend_chunk_leases(connection, token, [claimed[0].id], lease())


async def test_vectors_of_a_lost_claim_go_nowhere(make: Maker) -> None:
    await make.chunked("a.txt", ["one"])
    generation = await make.generation()
    lost_token, lost = await _claim_chunks(make, seconds=-1)
    token, current = await _claim_chunks(make)
    assert [item.id for item in lost] == [item.id for item in current]
    async with make.database.transaction() as connection:
        await chunk_queue.store_vectors(connection, generation, lost_token, [(lost[0], [0, 1, 0])])
        await chunk_queue.store_vectors(connection, generation, token, [(current[0], [1, 0, 0])])
        stored = list(await connection.scalars(text("SELECT embedding::text FROM embedding")))
    assert stored == ["[1,0,0]"]


async def test_finished_document_replaces_the_older_one_of_its_name(make: Maker) -> None:
    old = await make.ready("a.txt", ["old"], [[1, 0, 0]])
    other = await make.ready("b.txt", ["other"], [[1, 0, 0]])
    new = await make.chunked("a.txt", ["new"])
    assert await _status(make, old) is DocumentStatus.READY
    generation = await make.generation()
    token, claimed = await _claim_chunks(make)
    async with make.database.transaction() as connection:
        replaced = await chunk_queue.store_vectors(
            connection, generation, token, [(claimed[0], [1, 0, 0])]
        )
    assert len(replaced) == 1
    assert await _status(make, old) is None
    assert await _status(make, other) is DocumentStatus.READY
    assert await _status(make, new) is DocumentStatus.READY


async def test_chunk_that_was_too_long_is_replaced_by_its_parts(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one two"])
    generation = await make.generation()
    token, claimed = await _claim_chunks(make)
    whole = claimed[0].chunk
    parts = [
        _part(whole.first_section, 0, "one"),
        _part(whole.first_section, 4, "two"),
    ]
    async with make.database.transaction() as connection:
        words = passage_words(await load_words(connection, document), parts, 10)
        await chunk_queue.replace_chunk(connection, generation, token, claimed[0], parts, words)
    _, again = await _claim_chunks(make)
    assert sorted(item.chunk.text for item in again) == ["one", "two"]
    assert {item.document_id for item in again} == {document}


async def test_failed_chunk_fails_its_document_with_the_reason(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one", "two"])
    generation = await make.generation()
    token, claimed = await _claim_chunks(make)
    async with make.database.transaction() as connection:
        await chunk_queue.fail_chunk(
            connection, generation, token, claimed[0], "bad-embedding", "no vector"
        )
        found = await rows.find_document(connection, make.project.id, document)
    assert found is not None
    assert (found.status, found.error) == (DocumentStatus.FAILED, "no vector")
    assert found.chunks_total == 1  # The one that failed, for the person who looks into it.


async def test_reparsed_document_gets_the_same_chunk_ids(make: Maker) -> None:
    document = await make.chunked("a.txt", ["one", "two"])
    _, first = await _claim_chunks(make)
    async with make.database.transaction() as connection:
        await rows.delete_document(connection, make.project.id, document)
    await make.chunked("a.txt", ["one", "two"])
    _, second = await _claim_chunks(make)
    assert {item.id for item in first} == {item.id for item in second}


async def test_sections_come_back_as_they_were_stored(make: Maker) -> None:
    sections = (
        Section("Eins.", ("Kapitel", 'mit "Komma", und \\'), 1, "i", None),
        Section("Два.", (), None, None, 7),
    )
    document = await make.pending()
    async with make.database.transaction() as connection:
        await replace_sections(connection, document, Parsed(sections).sections)
        assert await load_sections(connection, document) == list(sections)


@pytest.mark.parametrize(
    ("claim", "index"),
    [
        (_claim_unparsed, "document_queue_idx"),
        (_claim_unchunked, "document_queue_idx"),
        (_claim_chunks, "chunk_queue_idx"),
    ],
)
async def test_claims_are_served_by_their_index(
    make: Maker, claim: Callable[[Maker], Awaitable[object]], index: str
) -> None:
    await make.chunked("a.txt", ["one"])
    with sent_statements(make.database) as sent:
        await claim(make)
    updates = [each for each in sent if "SKIP LOCKED" in each[0]]
    async with make.database.transaction() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_sort = off"))
        plans = [await plan_of(connection, update) for update in updates]
    assert plans
    for plan in plans:
        # Found by the index and in its order: neither filtered out of it nor sorted.
        assert re.search(rf"Index Scan using {index} .*\n\s+Index Cond: ", plan), plan
        assert "Sort" not in plan, plan


async def test_closed_database_is_reported_as_unavailable(database: Database) -> None:
    with pytest.raises(DatabaseUnavailable):
        async with database.transaction() as connection:
            await connection.execute(
                text("SELECT pg_terminate_backend(pg_backend_pid()), :x"), {"x": str(uuid4())}
            )


def _part(section: int, start: int, content: str) -> Chunk:
    return Chunk(
        position=0,
        start=start,
        end=start + len(content),
        first_section=section,
        last_section=section,
        text=content,
        heading="",
        tokens=1,
    )


async def test_document_that_was_cut_meanwhile_keeps_its_vectors(make: Maker) -> None:
    document = await make.ready("a.txt", ["one"], [[1, 0, 0]])
    generation = await make.generation()
    async with make.database.transaction() as connection:
        # A claim that saw the document as it was before that.
        token = uuid4()
        await connection.execute(text("UPDATE document SET lease_token = :token"), {"token": token})
        late = ClaimedDocument(document, make.project.id, "a.txt", MediaType.TEXT, "key", 0, token)
        await document_queue.store_chunks(connection, late, generation, [], [])
        await document_queue.fail_chunking(connection, late, generation, "no-text", "too late")
        kept = await connection.scalar(text("SELECT count(*) FROM embedding"))
    assert kept == 1
    assert await _status(make, document) is DocumentStatus.READY


async def test_small_document_that_comes_later_waits_for_no_large_one(make: Maker) -> None:
    await make.chunked("large.txt", [f"large {number}" for number in range(400)])
    small = await make.chunked("small.txt", ["small"])
    _, claimed = await _claim_chunks(make, limit=100)
    assert small in {item.document_id for item in claimed}


async def test_document_that_is_indexed_anew_is_taken_from_its_claim(
    database: Database, make: Maker
) -> None:
    document = await make.chunked("a.txt", ["one two", "three"])
    generation = await make.generation()
    async with database.transaction() as connection:
        token, claimed = await chunk_queue.claim_chunks(connection, generation.id, lease(), 10)
        assert await requeue.requeue_document(connection, make.project.id, document)
    vectors = [(chunk, [1.0, 0.0, 0.0]) for chunk in claimed]
    async with database.transaction() as connection:
        await chunk_queue.store_vectors(connection, generation, token, vectors)
        found = await rows.find_document(connection, make.project.id, document)
    assert found is not None
    assert found.status == "pending"


async def test_document_that_is_being_parsed_is_left_to_its_parser(
    database: Database, make: Maker
) -> None:
    document = await make.pending()
    async with database.transaction() as connection:
        claimed = await document_queue.claim_unparsed(connection, lease())
        assert claimed is not None
        assert await requeue.requeue_document(connection, make.project.id, document)
        assert await document_queue.lock_claim(connection, claimed)


async def test_passage_without_its_words_cannot_be_ready(make: Maker) -> None:
    await make.chunked("a.txt", ["one"])
    with pytest.raises(IntegrityError, match="chunk_words_check"):
        async with make.database.transaction() as connection:
            await connection.execute(text("UPDATE chunk SET status = 'ready', lexemes = NULL"))


async def test_draft_is_no_document_found_by_its_id(make: Maker) -> None:
    document = await make.ready("a.txt", ["one"], [[1, 0, 0]])
    project = make.project.id
    async with make.database.transaction() as connection:
        assert await requeue.requeue_document(connection, project, document)
        draft = await connection.scalar(text("SELECT id FROM document WHERE draft_of IS NOT NULL"))
        assert await rows.find_document(connection, project, draft) is None
        assert await rows.find_file(connection, project, draft) is None
        assert not await requeue.requeue_document(connection, project, draft)
        assert await rows.delete_document(connection, project, draft) is None
        assert await rows.find_file(connection, project, document) is not None
