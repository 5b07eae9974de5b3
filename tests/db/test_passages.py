"""Search in SQL: legs, fusion, filters, citations."""

import asyncio
import math
from uuid import UUID

import pytest
from sqlalchemy import text

from mirage.db import Database
from mirage.db.generations import active_generation, ensure_generation, vector_index
from mirage.db.search import bm25_query as question_words
from mirage.db.search import document_frequencies
from mirage.db.search.candidates import Query
from mirage.db.search.document_frequencies import Corpus
from mirage.errors import ConfigError
from mirage.model import GenerationState, Passage, Project
from tests.db.conftest import Maker
from tests.db.facts import facts
from tests.db.searching import find, find_by_index

_EXACT, _INDEX = 1_000_000, 0


async def _find(
    make: Maker,
    vector: list[float] | None = None,
    words: str | None = None,
    *,
    limit: int = 10,
    threshold: float | None = None,
    exact_below: int = _EXACT,
) -> list[Passage]:
    generation = await make.generation()
    if exact_below == _INDEX:
        await vector_index.build_next(make.database, 1)
    corpus = Corpus(generation, make.project.id)
    query = Query(corpus, words, candidates=10, wanted=limit)
    if exact_below == _INDEX and vector is not None:
        return (await find_by_index(make.database, query, vector)).passages
    return (await find(make.database, query, vector, threshold, exact_below=exact_below)).passages


@pytest.mark.parametrize("exact_below", [_EXACT, _INDEX])
async def test_dense_search_orders_by_cosine(make: Maker, exact_below: int) -> None:
    await make.ready("a.txt", ["far", "near"], [[0, 1, 0], [1, 0.1, 0]])
    found = await _find(make, [1, 0, 0], exact_below=exact_below)
    assert [passage.text for passage in found] == ["near", "far"]
    assert found[0].similarity == pytest.approx(1 / math.sqrt(1.01), abs=1e-3)
    assert found[0].score == found[0].similarity


async def test_lexical_search_weighs_rare_words_more(make: Maker) -> None:
    await make.ready(
        "a.txt",
        ["the common harbour", "common harbour astrolabe", "common sextant", "common thing"],
        [[1, 0, 0]] * 4,
    )
    found = await _find(make, words="common astrolabes")
    assert found[0].text == "common harbour astrolabe"
    assert len(found) == 4
    assert found[0].similarity is None


async def test_lexical_scores_are_those_of_bm25(make: Maker) -> None:
    """By hand, with k1 = 2, b = 0.75, and passages of 10 tokens when they are full.

    Of three passages two hold `harbour` and one `sextant`. Their inverse document frequencies:
      harbour  ln(1 + (3 - 2 + 0.5) / (2 + 0.5)) = ln(1.6)       = 0.470004
      sextant  ln(1 + (3 - 1 + 0.5) / (1 + 0.5)) = ln(2.666667) = 0.980829
    What a word weighs that is n times in l tokens: n (k1 + 1) / (n + k1 (1 - b + b l / 10)).
      harbour, n = 2, l = 3   6 / (2 + 2 (0.25 + 0.75 * 0.3)) = 6 / 2.95 = 2.033898
      harbour, n = 1, l = 1   3 / (1 + 2 (0.25 + 0.75 * 0.1)) = 3 / 1.65 = 1.818182
      sextant, n = 1, l = 7   3 / (1 + 2 (0.25 + 0.75 * 0.7)) = 3 / 2.55 = 1.176471
    """
    passages = ["sextant lamp wall tower bridge canal gate", "harbour harbour lamp", "harbour"]
    for name, passage in zip("abc", passages, strict=True):
        await make.ready(f"{name}.txt", [passage], [[1, 0, 0]])
    found = await _find(make, words="harbour sextant")
    assert [passage.text for passage in found] == passages
    assert [passage.lexical_score for passage in found] == pytest.approx(
        [0.980829 * 1.176471, 0.470004 * 2.033898, 0.470004 * 1.818182], abs=1e-4
    )


async def test_lexical_search_stems_russian_and_english(make: Maker) -> None:
    await make.ready("a.txt", ["Маяки светили ярко", "lighthouses burned oil"], [[1, 0, 0]] * 2)
    russian = await _find(make, words="маяком")
    english = await _find(make, words="a lighthouse burning")
    assert [passage.text for passage in russian] == ["Маяки светили ярко"]
    assert [passage.text for passage in english] == ["lighthouses burned oil"]


@pytest.mark.parametrize(
    "words",
    ["", "...", "the", "' | !", "a & b:* \\", "'); DROP TABLE chunk; --", "\\'", "x" * 5000],
)
async def test_lexical_search_takes_any_text_for_words(make: Maker, words: str) -> None:
    await make.ready("a.txt", ["something else"], [[1, 0, 0]])
    assert await _find(make, words=words) == []


async def test_common_words_find_nothing_of_their_own_beside_a_rarer_one(
    make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(document_frequencies, "COMMON", 2)
    monkeypatch.setattr(question_words, "COMMON", 2)
    await make.ready("a.txt", ["harbour lamp", "harbour", "harbour wall"], [[1, 0, 0]] * 3)
    rare = await _find(make, words="harbour lamp")
    common = await _find(make, words="harbour")
    assert [passage.text for passage in rare] == ["harbour lamp"]
    assert len(common) == 3


async def test_hybrid_search_prefers_what_both_legs_find(make: Maker) -> None:
    await make.ready(
        "a.txt",
        ["astrolabe in words", "neither of them", "astrolabe in both"],
        [[0, 1, 0], [0.9, 0.1, 0], [1, 0, 0]],
    )
    found = await _find(make, [1, 0, 0], "astrolabe")
    assert found[0].text == "astrolabe in both"
    assert found[0].score > found[1].score > found[2].score
    assert all(passage.similarity is not None for passage in found)


async def test_threshold_is_a_cosine_also_for_passages_of_the_lexical_leg(make: Maker) -> None:
    await make.ready("a.txt", ["astrolabe far", "near"], [[0, 1, 0], [1, 0, 0]])
    found = await _find(make, [1, 0, 0], "astrolabe", threshold=0.5)
    assert [passage.text for passage in found] == ["near"]


async def test_threshold_may_be_zero(make: Maker) -> None:
    await make.ready("a.txt", ["across", "away"], [[0, 1, 0], [-1, 0, 0]])
    found = await _find(make, [1, 0, 0], "across", threshold=0.0)
    assert [passage.text for passage in found] == ["across"]


async def test_only_ready_documents_are_found(make: Maker) -> None:
    await make.ready("a.txt", ["astrolabe"], [[1, 0, 0]])
    await make.chunked("b.txt", ["astrolabe too"])
    found = await _find(make, [1, 0, 0], "astrolabe")
    assert [passage.document_name for passage in found] == ["a.txt"]


async def _surround(make: Maker) -> Query:
    """Five passages, and in another project 200 that are nearer to [1, 0, 0] than any of them.

    The index looks at 20 at first (twice the candidates), all of them foreign ones. All lie on one
    arc, because the index may not find its way from a cluster to a far point.
    """
    arc = [[math.cos(number / 200), math.sin(number / 200), 0] for number in range(205)]
    await make.ready("a.txt", [f"mine {n}" for n in range(5)], arc[200:])
    async with make.database.transaction() as connection:
        foreign = "00000000-0000-0000-0000-000000000001"
        await connection.execute(
            text("INSERT INTO project (id, name) VALUES (CAST(:id AS uuid), 'other')"),
            {"id": foreign},
        )
    other = Maker(make.database, Project(UUID(foreign), "other", make.project.created_at))
    await other.ready("b.txt", [f"theirs {number}" for number in range(200)], arc[:200])
    generation = await make.generation()
    await vector_index.build_next(make.database, 1)
    return Query(Corpus(generation, make.project.id), None, candidates=10, wanted=5)


async def test_exact_search_stays_in_its_project(make: Maker) -> None:
    query = await _surround(make)
    found = await find(make.database, query, [1, 0, 0], exact_below=_EXACT)
    assert sorted(passage.text for passage in found.passages) == [f"mine {n}" for n in range(5)]


async def test_search_by_index_goes_on_past_the_passages_of_other_projects(make: Maker) -> None:
    query = await _surround(make)
    found = await find_by_index(make.database, query, [1, 0, 0])
    assert sorted(passage.text for passage in found.passages) == [f"mine {n}" for n in range(5)]
    assert found.exact is False, "the index alone found them"


async def test_search_compares_all_where_the_index_gives_up_among_others(make: Maker) -> None:
    query = await _surround(make)
    give_up = {"hnsw.max_scan_tuples": "1"}
    found = await find_by_index(make.database, query, [1, 0, 0], give_up)
    assert sorted(passage.text for passage in found.passages) == [f"mine {n}" for n in range(5)]
    assert found.exact is True


async def test_ties_come_in_the_order_of_their_ids(make: Maker) -> None:
    await make.ready("a.txt", [f"text {n}" for n in range(6)], [[1, 0, 0]] * 6)
    found = await _find(make, [1, 0, 0], "text")
    assert [passage.id for passage in found] == sorted(passage.id for passage in found)


async def test_another_model_is_built_beside_an_index_that_holds_something(make: Maker) -> None:
    await make.chunked("a.txt", ["one"])
    other = await make.generation(facts(name="other"))
    assert other.state is GenerationState.BUILDING
    async with make.database.transaction() as connection:
        active = await active_generation(connection)
    assert active is not None
    assert active.model == "tiny"


async def test_another_model_takes_over_an_empty_index(make: Maker) -> None:
    await make.generation()
    other = await make.generation(facts(name="other", dimensions=4))
    back = await make.generation(facts())
    assert (other.model, back.model) == ("other", "tiny")


async def test_model_with_too_many_dimensions_is_refused(make: Maker) -> None:
    with pytest.raises(ConfigError, match="at most 4000 can be indexed"):
        await make.generation(facts(dimensions=4096))


async def test_concurrent_indexers_make_one_generation(database: Database) -> None:
    async def ensure() -> int:
        async with database.transaction() as connection:
            return (await ensure_generation(connection, facts(), 10, 2)).id

    assert len(set(await asyncio.gather(*(ensure() for _ in range(4))))) == 1
