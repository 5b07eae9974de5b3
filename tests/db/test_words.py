"""Words that are out of date are rewritten, and found until then."""

from uuid import UUID

import pytest
from sqlalchemy import text

from mirage.db import Connection
from mirage.db.queue import words as stale_words
from mirage.db.renaming import rename_document
from mirage.db.search.candidates import Query
from mirage.db.search.document_frequencies import Corpus
from mirage.index.words_rewriter import WordsRewriter
from mirage.words import DocumentWords
from tests.db.conftest import Maker
from tests.db.searching import find

_TEXTS = ["The part AB-1234 of the pump", "the harbour", "离线模式"]

_AS_REVISION_9 = """
    WITH old AS (UPDATE chunked_document SET words_version = 0)
    UPDATE chunk SET lexemes = to_tsvector('english', text), terms = '{1:1}/268435456'
"""


async def _found(make: Maker, words: str) -> list[str]:
    generation = await make.generation()
    query = Query(Corpus(generation, make.project.id), words, candidates=10, wanted=10)
    return [p.text for p in (await find(make.database, query, exact_below=100)).passages]


async def _stored(make: Maker) -> list[tuple[str, str]]:
    async with make.database.transaction() as connection:
        rows = await connection.execute(
            text("SELECT lexemes::text, terms::text FROM chunk ORDER BY start_offset")
        )
        return [tuple(row) for row in rows.all()]


async def _stale(make: Maker) -> int:
    async with make.database.transaction() as connection:
        return await stale_words.count_stale(connection)


async def _rewrite(make: Maker) -> None:
    rewriter = WordsRewriter(make.database)
    while await rewriter.step():
        pass


@pytest.fixture
async def document(make: Maker) -> UUID:
    return await make.ready("manual.txt", _TEXTS, [[1, 0, 0]] * 3, language="en")


@pytest.mark.parametrize("batch", [2, 500])
async def test_words_of_an_older_analysis_are_rewritten(
    make: Maker, document: UUID, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stale_words, "_BATCH", batch)
    before = await _stored(make)
    assert await _stale(make) == 0
    async with make.database.transaction() as connection:
        await connection.execute(text(_AS_REVISION_9))
    assert await _stale(make) == 1
    assert await _found(make, "pumps") == _TEXTS[:1]  # Found by its old words.
    await _rewrite(make)
    assert await _stored(make) == before
    assert await _stale(make) == 0
    assert await _found(make, "离线") == _TEXTS[2:]


async def test_renamed_document_is_found_by_its_new_name(make: Maker, document: UUID) -> None:
    assert len(await _found(make, "manual")) == 3
    async with make.database.transaction() as connection:
        await rename_document(connection, make.project.id, document, "letters/astrolabe.txt")
    await _rewrite(make)
    assert await _found(make, "manual") == []
    assert len(await _found(make, "astrolabe letters")) == 3


async def test_document_that_is_renamed_while_it_is_rewritten_is_rewritten_once_more(
    make: Maker, document: UUID
) -> None:
    async with make.database.transaction() as connection:
        await connection.execute(text(_AS_REVISION_9))
    rewriter = WordsRewriter(make.database)
    await rewriter.step()
    async with make.database.transaction() as connection:
        await rename_document(connection, make.project.id, document, "astrolabe.txt")
    while await rewriter.step():
        pass
    assert len(await _found(make, "astrolabe")) == 3


async def test_document_that_cannot_be_analysed_keeps_its_words_and_stops_no_other(
    make: Maker, document: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await make.ready("other.txt", ["离线模式"], [[1, 0, 0]])
    async with make.database.transaction() as connection:
        await connection.execute(text(_AS_REVISION_9))
    load = stale_words.load_words

    async def raise_for_one(connection: Connection, of: UUID) -> DocumentWords:
        if of == document:
            raise ValueError("a text that the analysis cannot read")
        return await load(connection, of)

    monkeypatch.setattr(stale_words, "load_words", raise_for_one)
    await _rewrite(make)
    assert await _stale(make) == 1
    assert await _found(make, "pumps") == _TEXTS[:1]
    async with make.database.transaction() as connection:
        assert (await stale_words.next_stale(connection, [document])) is None
        assert (await stale_words.next_stale(connection, [other])) is not None


async def test_name_weighs_more_than_nothing_and_less_than_the_text(make: Maker) -> None:
    await make.ready("notes.txt", ["About the agreement and the street"], [[1, 0, 0]])
    await make.ready("Lease agreement Elm Street 12.txt", ["It begins in May"], [[1, 0, 0]])
    assert (await _found(make, "lease agreement"))[0] == "It begins in May"
    assert (await _found(make, "Elm Street 12"))[0] == "It begins in May"


async def test_words_around_a_passage_rank_it_but_do_not_find_it(make: Maker) -> None:
    passage = "alpha beta gamma delta epsilon astrolabe"
    nearby = "alpha beta gamma delta epsilon zeta sextant"
    await make.ready("a.txt", [passage, nearby], [[1, 0, 0]] * 2, language="en")
    await make.ready("b.txt", [passage, nearby.replace("sextant", "lantern")], [[1, 0, 0]] * 2)
    generation = await make.generation()
    query = Query(
        Corpus(generation, make.project.id), "astrolabe sextant", candidates=10, wanted=10
    )
    found = (await find(make.database, query, exact_below=100)).passages
    assert [(p.document_name, p.text) for p in found if p.text == passage] == [
        ("a.txt", passage),
        ("b.txt", passage),
    ]
    assert found[0].lexical_score is not None
    assert len(await _found(make, "sextant")) == 1


@pytest.mark.parametrize("question", ["AB-1234", "AB1234", "where is AB-1234 kept"])
async def test_whole_code_comes_before_repeats_of_its_parts(make: Maker, question: str) -> None:
    repeats = "AB 77, room 1234, AB 78, desk 1234. " * 4
    await make.ready("repeats.txt", [repeats], [[1, 0, 0]], language="en")
    await make.ready("part.txt", ["Spare part AB-1234 is in the store."], [[1, 0, 0]])
    assert (await _found(make, question))[0].startswith("Spare part")


async def test_passage_with_more_words_than_a_tsvector_takes_is_stored(make: Maker) -> None:
    words = [f"word{number}".ljust(63, "\u044f") for number in range(20_000)]
    await make.ready("a.txt", ["astrolabe " + " ".join(words)], [[1, 0, 0]])
    assert len(await _found(make, "astrolabe")) == 1
