"""Small documents next to large ones: what is embedded before they are ready."""

from uuid import UUID

import pytest

from mirage.db import documents as rows
from mirage.documents import ingest_file
from mirage.index import Indexer
from mirage.model import DocumentStatus, Project
from mirage.projects import create_project
from tests.index.conftest import Bench

_BOOK_CHUNKS = 120
_SMALL_CHUNKS = 4


def _content(word: str, chunks: int) -> str:
    """A text whose paragraphs become one chunk each."""
    return "\n\n".join(f"{word} {number} " + "lamp " * 13 for number in range(chunks))


@pytest.fixture
def slow(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Indexer:
    """An indexer whose embedder is so slow that a claim has one chunk."""
    monkeypatch.setattr("mirage.index.chunk_embedder._CLAIM_SECONDS", 0.0)
    monkeypatch.setattr("mirage.index.chunk_embedder._FIRST_CLAIM", 1)
    return bench.indexer(size=16, overlap=0)


async def _begin(bench: Bench, indexer: Indexer, *, chunks: int = _BOOK_CHUNKS) -> UUID:
    """Embed the beginning of a book, as if that had taken ten minutes."""
    book = await bench.add("book.txt", _content("book", chunks))
    assert await indexer.parse_next()
    for _ in range(10):
        assert await indexer.embed_next()
    await bench.execute("UPDATE chunk SET turn = turn - interval '10 minutes'")
    return book


async def _add_to(bench: Bench, project: Project, name: str, content: str) -> UUID:
    incoming = bench.store.incoming(2**20)
    incoming.write(content.encode())
    return (await ingest_file(bench.database, bench.store, project, name, incoming)).document.id


async def _embedded_until_ready(
    bench: Bench, indexer: Indexer, project: Project, document: UUID
) -> int:
    """How many chunks of others were embedded before the document was ready."""
    before = len(bench.embedder.embedded)
    while await indexer.parse_next():
        pass
    own = 0
    while True:
        async with bench.database.transaction() as connection:
            found = await rows.find_document(connection, project.id, document)
        assert found is not None
        if found.status is DocumentStatus.READY:
            return len(bench.embedder.embedded) - before - own
        assert await indexer.embed_next()
        own = found.chunks_total


async def test_small_document_gets_every_second_place(bench: Bench, slow: Indexer) -> None:
    await _begin(bench, slow)
    small = await bench.add("small.txt", _content("small", _SMALL_CHUNKS))
    others = await _embedded_until_ready(bench, slow, bench.project, small)
    assert others <= _SMALL_CHUNKS + 3  # Two claims of the book were under way, or first.


async def test_book_that_comes_later_does_not_hold_up_a_small_document(
    bench: Bench, slow: Indexer
) -> None:
    await _begin(bench, slow)
    small = await bench.add("small.txt", _content("small", _SMALL_CHUNKS))
    await bench.add("second.txt", _content("second", _BOOK_CHUNKS))
    others = await _embedded_until_ready(bench, slow, bench.project, small)
    assert others <= 2 * _SMALL_CHUNKS + 3


async def test_small_documents_do_not_hold_up_the_book(bench: Bench, slow: Indexer) -> None:
    book = await _begin(bench, slow, chunks=20)
    for number in range(60):
        await bench.add(f"{number}.txt", _content(f"small {number}", 1))
        assert await slow.parse_next()
        assert await slow.embed_next()
    found = await bench.find(book)
    assert found.chunks_ready > 10 + 5


async def test_project_with_many_documents_does_not_hold_up_another(
    bench: Bench, slow: Indexer
) -> None:
    for number in range(30):
        await bench.add(f"{number}.txt", _content(f"many {number}", 2))
    while await slow.parse_next():
        pass
    for _ in range(5):
        assert await slow.embed_next()
    other = await create_project(bench.database, "other")
    small = await _add_to(bench, other, "small.txt", _content("small", _SMALL_CHUNKS))
    assert await _embedded_until_ready(bench, slow, other, small) <= _SMALL_CHUNKS + 3


async def test_project_gets_nothing_for_the_time_before_it_came(
    bench: Bench, slow: Indexer
) -> None:
    await _begin(bench, slow)
    other = await create_project(bench.database, "other")
    await _add_to(bench, other, "book.txt", _content("other", _BOOK_CHUNKS))
    assert await slow.parse_next()
    before = len(bench.embedder.embedded)
    while len(bench.embedder.embedded) < before + 20:
        assert await slow.embed_next()
    of_other = sum("other" in text for text in bench.embedder.embedded)
    assert 8 <= of_other <= 12


async def test_document_says_how_many_passages_come_first(bench: Bench, slow: Indexer) -> None:
    book = await _begin(bench, slow)
    assert (await bench.find(book)).waiting_for is None
    small = await bench.add("small.txt", _content("small", _SMALL_CHUNKS))
    assert await slow.parse_next()
    assert await slow.embed_next()
    found = await bench.find(small)
    assert (found.status, found.waiting_for) == (
        DocumentStatus.EMBEDDING,
        f"behind {_SMALL_CHUNKS + 1} passages of other documents",
    )
    await bench.settle(slow, small)
    assert (await bench.find(small)).waiting_for is None


async def test_document_behind_very_many_passages_does_not_count_them_all(
    bench: Bench, slow: Indexer, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = await _begin(bench, slow)
    other = await bench.add("other.txt", _content("other", 2))
    assert await slow.parse_next()
    assert await slow.embed_next()
    await bench.execute(
        f"UPDATE chunk SET turn = turn + interval '1 hour' WHERE document_id = '{other}'"
    )
    await bench.execute(
        "INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset,"
        " first_section, last_section, heading, text, tokens, turn)"
        " SELECT gen_random_uuid(), generation_id, document_id, 10000 + n, 10001 + n, 0, 0, '',"
        f" 'x', 1, turn FROM chunk, generate_series(1, 1000) n WHERE document_id = '{book}'"
        " AND start_offset = 0"
    )
    assert (await bench.find(other)).waiting_for == (
        "behind 1,000 or more passages of other documents"
    )
