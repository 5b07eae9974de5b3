"""When the index over vectors is made, and what becomes of one that was not finished."""

import asyncio

from sqlalchemy import text

from mirage.db import Database
from mirage.db.generations import Generation
from mirage.db.generations.vector_index import build_next, has_index, index_name
from mirage.db.search.candidates import Query
from mirage.db.search.document_frequencies import Corpus
from mirage.search.retrieval import Retrieved
from tests.db.conftest import Maker
from tests.db.searching import find, find_by_index


async def _has_index(database: Database, generation: Generation) -> bool:
    async with database.transaction() as connection:
        return await has_index(connection, generation)


async def _find(make: Maker, generation: Generation) -> Retrieved:
    query = Query(Corpus(generation, make.project.id), None, candidates=10, wanted=2)
    return await find(make.database, query, [1, 0, 0], exact_below=0)


async def test_index_is_built_once_there_are_enough_vectors(make: Maker) -> None:
    await make.ready("a.txt", ["one", "two"], [[1, 0, 0], [0, 1, 0]])
    generation = await make.generation()
    assert not await build_next(make.database, 3)
    assert not await _has_index(make.database, generation)
    assert await build_next(make.database, 2)
    assert await _has_index(make.database, generation)
    assert not await build_next(make.database, 2)


async def test_search_is_exact_until_there_is_an_index(make: Maker) -> None:
    await make.ready("a.txt", ["far", "near"], [[0, 1, 0], [1, 0.1, 0]])
    generation = await make.generation()
    before = await _find(make, generation)
    await build_next(make.database, 1)
    after = await _find(make, generation)
    assert (before.exact, after.exact) == (True, False)
    assert [passage.text for passage in after.passages] == ["near", "far"]
    assert [p.id for p in before.passages] == [p.id for p in after.passages]


async def test_statement_can_use_the_index(make: Maker) -> None:
    await make.ready("a.txt", ["one"], [[1, 0, 0]])
    generation = await make.generation()
    await build_next(make.database, 1)
    query = Query(Corpus(generation, make.project.id), None, candidates=10, wanted=1)
    found = await find_by_index(make.database, query, [1, 0, 0])
    assert [passage.text for passage in found.passages] == ["one"]
    assert found.exact is False


async def test_index_that_was_left_unfinished_is_built_anew(make: Maker) -> None:
    await make.ready("a.txt", ["one"], [[1, 0, 0]])
    generation = await make.generation()
    await build_next(make.database, 1)
    async with make.database.transaction() as connection:
        await connection.execute(
            text(
                "UPDATE pg_index SET indisvalid = false"
                f" WHERE indexrelid = '{index_name(generation)}'::regclass"
            )
        )
    assert not await _has_index(make.database, generation)
    assert await build_next(make.database, 1)
    assert await _has_index(make.database, generation)


async def test_two_indexers_build_one_index(make: Maker) -> None:
    await make.ready("a.txt", ["one"], [[1, 0, 0]])
    generation = await make.generation()
    await asyncio.gather(*(build_next(make.database, 1) for _ in range(2)), return_exceptions=True)
    while await build_next(make.database, 1):
        pass
    assert await _has_index(make.database, generation)
