"""Documents in several languages: their stems, the filter, and what older rows keep."""

import pytest
from sqlalchemy import text

from mirage.db import Database, listing
from mirage.db.generations import active_generation
from mirage.db.migrate import migrate
from mirage.db.search import bm25_query
from mirage.db.search.candidates import Query
from mirage.db.search.document_frequencies import Corpus
from mirage.db.search.filters import Filters
from mirage.model import Passage
from mirage.words import question
from tests.db.conftest import Maker
from tests.db.revisions import migrate_to
from tests.db.searching import find

CONTRACT = "Оплата по договором установленному порядку производится в срок."
RUNS = "The pump runs dry when the tank is empty."
HOUSES = "Die Mauern des Hauses stehen auf Fels, und das Tor ist aus Eisen."
_ANYTHING = [1, 0, 0]


@pytest.fixture
async def shelf(make: Maker) -> Maker:
    """A document in Russian, in English, in German, and in a language without stems."""
    await make.ready("ru.txt", [CONTRACT], [_ANYTHING], language="ru")
    await make.ready("en.txt", [RUNS], [_ANYTHING], language="en")
    await make.ready("de.txt", [HOUSES], [_ANYTHING], language="de")
    await make.ready("uk.txt", ["Насоси стоять у підвалі."], [_ANYTHING], language="uk")
    return make


async def _find(make: Maker, words: str, *, languages: tuple[str, ...] = ()) -> list[Passage]:
    generation = await make.generation()
    corpus = Corpus(generation, make.project.id, Filters(languages=languages))
    query = Query(corpus, words, candidates=10, wanted=10)
    return (await find(make.database, query, exact_below=1000)).passages


async def _names(make: Maker, words: str, *, languages: tuple[str, ...] = ()) -> list[str]:
    return [passage.document_name for passage in await _find(make, words, languages=languages)]


@pytest.mark.parametrize("words", ["CO2", "CO₂", "1902", "lighthouse", "lighthouse³"])
async def test_raised_and_lowered_digits_hide_no_word(make: Maker, words: str) -> None:
    await make.ready("air.txt", ["The lighthouse³ measured CO₂ in 1902⁴."], [_ANYTHING])
    assert await _names(make, words) == ["air.txt"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("договоры", ["ru.txt"]),
        ("running", ["en.txt"]),
        ("Häuser", ["de.txt"]),
        ("Haus", ["de.txt"]),
        ("насоси", ["uk.txt"]),
        ("насосами", []),
        ("running договоры Häuser", ["de.txt", "en.txt", "ru.txt"]),
    ],
)
async def test_each_document_is_found_by_the_stems_of_its_language(
    shelf: Maker, words: str, names: list[str]
) -> None:
    assert sorted(await _names(shelf, words)) == names


async def test_document_without_a_language_keeps_russian_and_english_stems(make: Maker) -> None:
    await make.ready("none.txt", [CONTRACT, RUNS, HOUSES], [_ANYTHING] * 3)
    assert [p.text for p in await _find(make, "договоры")] == [CONTRACT]
    assert [p.text for p in await _find(make, "running")] == [RUNS]
    assert await _find(make, "Häuser") == []


async def test_stop_words_are_those_of_the_language(shelf: Maker) -> None:
    async with shelf.database.transaction() as connection:
        lexemes = await connection.scalar(
            text("SELECT lexemes::text FROM chunk WHERE text = :text"), {"text": HOUSES}
        )
    assert "'haus'" in lexemes
    assert "'des'" not in lexemes  # A stop word of German.


async def test_filter_by_language(shelf: Maker) -> None:
    everything = "договоры running Häuser насоси"
    await shelf.ready("none.txt", ["A pump that was running."], [_ANYTHING])
    assert await _names(shelf, everything, languages=("de",)) == ["de.txt"]
    assert sorted(await _names(shelf, everything, languages=("en", "ru"))) == ["en.txt", "ru.txt"]
    assert await _names(shelf, everything, languages=("fr",)) == []
    assert len(await _names(shelf, everything)) == 5


async def test_passage_says_the_language_of_its_document(shelf: Maker) -> None:
    (found,) = await _find(shelf, "running")
    assert found.document_language == "en"


async def test_word_is_scored_once_however_many_languages_stem_it_alike(make: Maker) -> None:
    await make.ready("a.txt", ["astrolabe", "sextant"], [_ANYTHING] * 2, language="en")
    (alone,) = await _find(make, "astrolabe")
    await make.ready("b.txt", ["x"], [_ANYTHING], language="uk")
    await make.ready("c.txt", ["y"], [_ANYTHING], language="de")
    (among_others,) = await _find(make, "astrolabe astrolabes")
    assert alone.lexical_score is not None
    assert among_others.lexical_score is not None
    # ln(1 + (N - n + 0.5) / (n + 0.5)) with n = 1 of N = 2, and then of N = 4, chunks.
    assert among_others.lexical_score / alone.lexical_score == pytest.approx(1.737, abs=0.01)


async def test_bound_counts_words_and_not_their_stems(
    shelf: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both words have three stems: English, German, and none for Ukrainian.
    monkeypatch.setattr(question, "_MOST_WORDS", 2)
    await shelf.ready("b.txt", ["relational", "conditional"], [_ANYTHING] * 2, language="en")
    found = await _find(shelf, "conditionally relationally dry")
    assert {passage.text for passage in found} == {"relational", "conditional"}


@pytest.mark.parametrize(
    "words",
    ["' | !", "a & b:* \\", "'); DROP TABLE chunk; --", "\\'", "'' '' \\\\", "x" * 5000, "ß' Ä\\"],
)
async def test_any_text_is_taken_for_words_in_every_language(shelf: Maker, words: str) -> None:
    assert await _find(shelf, words) == []


async def test_languages_of_a_project_are_found_without_reading_its_documents(
    shelf: Maker, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            text(
                "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256,"
                " file_key, language) SELECT gen_random_uuid(), :project, n::text, 'text/plain', 1,"
                " '', n::text, CASE WHEN n % 2 = 0 THEN 'en' ELSE 'it' END"
                " FROM generate_series(1, 3000) n"
            ),
            {"project": shelf.project.id},
        )
        await connection.execute(text("ANALYZE document"))
        statement = f"WITH RECURSIVE {bm25_query._spoken()} SELECT language FROM spoken"
        project = {"project": shelf.project.id}
        spoken = set(await connection.scalars(text(statement), project))
        lines = list(await connection.scalars(text(f"EXPLAIN ANALYZE {statement}"), project))
    plan = "\n".join(lines)
    assert spoken == {"de", "en", "it", "ru", "uk"}
    assert "document_language_idx" in plan
    assert "Seq Scan" not in plan
    assert "rows=1000" not in plan


async def test_documents_of_revision_2_are_found_as_before_and_have_no_language(
    empty_database: Database, database: Database
) -> None:
    await migrate_to(empty_database, "0002")
    async with empty_database.transaction() as connection:
        for statement in _REVISION_2:
            await connection.execute(text(statement), {"contract": CONTRACT})
    await migrate(empty_database)
    async with empty_database.transaction() as connection:
        project = await connection.scalar(text("SELECT id FROM project"))
        (document,) = await listing.list_documents(connection, project)
        generation = await active_generation(connection)
        assert generation is not None
    query = Query(Corpus(generation, project), "договоры", candidates=10, wanted=10)
    found = await find(empty_database, query, exact_below=10)
    assert document.language is None
    assert document.warnings == ("Read twice.",)
    assert generation.languages == ()
    assert [passage.text for passage in found.passages] == [CONTRACT]


_REVISION_2 = (
    "INSERT INTO project (id, name) VALUES (gen_random_uuid(), 'old')",
    "INSERT INTO generation (id, model, digest, dimensions, query_prompt, document_prompt,"
    " chunk_size, chunk_overlap, state) VALUES (1, 'tiny', 'd1', 3, '', '', 10, 2, 'active')",
    "CREATE TABLE embedding_1 PARTITION OF embedding FOR VALUES IN (1)",
    "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256, file_key, status,"
    " warnings) SELECT gen_random_uuid(), id, 'a.txt', 'text/plain', 1, '', 'k', 'ready',"
    " '{Read twice.}' FROM project",
    "INSERT INTO section SELECT id, 0, '{}', NULL, NULL, NULL, 0, :contract FROM document",
    "INSERT INTO cutting SELECT id, 1, NULL, NULL FROM document",
    "INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset, first_section,"
    " last_section, heading, text, tokens, status, lexemes, terms)"
    " SELECT gen_random_uuid(), 1, id, 0, 10, 0, 0, '', :contract, 8, 'ready',"
    " to_tsvector('russian', :contract), '{1:1}/268435456' FROM document",
    "INSERT INTO embedding SELECT id, 1, document_id, '[1,0,0]' FROM chunk",
)
