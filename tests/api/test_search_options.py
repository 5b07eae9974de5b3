"""Filters, context, the size of an answer, and explanations."""

from typing import Any

import httpx
import pytest

from mirage.testing import make_pdf
from tests.api.conftest import Index, upload

BOOK = b"""# Part one

## Oil

Whale oil burned best of all, so every winter the tenders brought forty barrels of it.

## Wicks

The wick was trimmed every second hour, and its ends were kept in a tin box by the stairs.

# Part two

## Gas

Gas came late to the island, and the barrels of oil were sold in the year after that.
"""


@pytest.fixture
async def ready(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """A project with a book, a note and a PDF of three pages, all of them about oil."""
    pages = [["The oil store."], ["Oil is heavy."], ["No more oil."]]
    pdf = make_pdf(tmp_path_factory.mktemp("pdf") / "store.pdf", pages)
    await upload(client, shelf, "book.md", BOOK)
    await upload(client, shelf, "note.txt", b"Buy oil for the lamp.\n")
    await upload(client, shelf, "store.pdf", pdf.read_bytes())
    await index()
    return shelf


async def _find(client: httpx.AsyncClient, project: str, **body: Any) -> list[dict[str, Any]]:
    answer = await client.post(f"{project}/search", json={"query": "oil", **body})
    assert answer.status_code == 200, answer.text
    passages: list[dict[str, Any]] = answer.json()["passages"]
    return passages


def _names(passages: list[dict[str, Any]]) -> set[str]:
    return {passage["document"]["name"] for passage in passages}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
async def test_filters_by_document_and_type(
    client: httpx.AsyncClient, ready: str, mode: str
) -> None:
    everything = await _find(client, ready, mode=mode)
    assert _names(everything) == {"book.md", "note.txt", "store.pdf"}
    note = next(p["document"]["id"] for p in everything if p["document"]["name"] == "note.txt")
    for documents, found in (
        (["book.md"], {"book.md"}),
        ([note], {"note.txt"}),
        ([note.upper().replace("-", "")], {"note.txt"}),
        (["x"], set()),
        (["b*"], {"book.md"}),
        (["?ote.txt", "store.*"], {"note.txt", "store.pdf"}),
        (["%", "boo_.md", "*\\"], set()),
        (["book/"], set()),
    ):
        filtered = await _find(client, ready, mode=mode, filters={"documents": documents})
        assert _names(filtered) == found
    pdf = {"media_types": ["application/pdf"]}
    assert _names(await _find(client, ready, mode=mode, filters=pdf)) == {"store.pdf"}


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
async def test_filters_by_section_and_page(
    client: httpx.AsyncClient, ready: str, mode: str
) -> None:
    part = await _find(client, ready, mode=mode, filters={"section": ["Part two"]})
    assert [passage["heading_path"][0] for passage in part] == ["Part two"]
    for section, found in (
        (["Part one", "Wicks"], True),
        (["Wicks"], True),
        (["Part two", "Gas"], True),
        (["Part one", "Gas"], False),
        (["Gas", "Part two"], False),
        (["Part"], False),
        (["Gas", "Gas"], False),
    ):
        filters = {"section": section}
        passages = await _find(client, ready, query="oil wick gas", mode=mode, filters=filters)
        assert bool(passages) is found, section
        for passage in passages:
            paths = [each["heading_path"] for each in passage["sections"]]
            assert any(section == path[-len(section) :] for path in paths)
    late = await _find(client, ready, mode=mode, filters={"first_page": 3})
    assert _names(late) == {"store.pdf"}
    assert all(passage["last_page_number"] >= 3 for passage in late)
    assert await _find(client, ready, mode=mode, filters={"first_page": 4}) == []


async def test_filters_by_date(client: httpx.AsyncClient, ready: str) -> None:
    assert await _find(client, ready, filters={"created_until": "2020-01-01T00:00:00Z"}) == []
    assert await _find(client, ready, filters={"created_from": "2020-01-01T00:00:00+02:00"}) != []


async def test_context_adds_the_text_around_within_the_top_level_section(
    client: httpx.AsyncClient, ready: str
) -> None:
    query = {"query": "whale oil tenders", "mode": "lexical", "limit": 1}
    (plain,) = await _find(client, ready, **query)
    (wide,) = await _find(client, ready, **query, context=500)
    assert plain["text"] in wide["text"]
    assert wide["text"].startswith("# Part one")
    assert wide["text"].endswith("by the stairs.")
    assert wide["end"] - wide["start"] == len(wide["text"])
    assert wide["tokens"] > plain["tokens"]
    (some,) = await _find(client, ready, **query, context=3)
    assert len(plain["text"]) <= len(some["text"]) < len(wide["text"])


async def test_passages_that_grow_into_each_other_become_one(
    client: httpx.AsyncClient, ready: str
) -> None:
    filters = {"documents": ["book.md"], "section": ["Part one"]}
    plain = await _find(client, ready, query="oil wick", filters=filters)
    wide = await _find(client, ready, query="oil wick", filters=filters, context=500)
    assert len(plain) > len(wide) == 1
    assert wide[0]["id"] == plain[0]["id"]
    assert wide[0]["text"].count("Whale oil") == 1


async def test_answer_keeps_its_size_by_leaving_out_never_by_cutting(
    client: httpx.AsyncClient, ready: str
) -> None:
    everything = await _find(client, ready)
    budget = min(passage["tokens"] for passage in everything)
    small = await _find(client, ready, max_tokens=budget)
    assert 0 < sum(passage["tokens"] for passage in small) <= budget
    texts = {passage["text"] for passage in everything}
    assert all(passage["text"] in texts for passage in small)


async def test_explanation_tells_ranks_scores_and_times(
    client: httpx.AsyncClient, ready: str
) -> None:
    body = {"query": "whale oil", "explain": True, "limit": 1}
    answer = (await client.post(f"{ready}/search", json=body)).json()
    found = answer["passages"][0]
    assert (found["explain"]["dense_rank"], found["explain"]["lexical_rank"]) == (1, 1)
    assert found["explain"]["dense_score"] == found["similarity"]
    assert found["explain"]["lexical_score"] > 0
    assert answer["explain"]["vectors"] == "exact"
    assert answer["explain"]["query_windows"] == 1
    assert set(answer["explain"]["milliseconds"]) == {"embed", "plan", "database"}
    body["mode"] = "lexical"
    lexical = (await client.post(f"{ready}/search", json=body)).json()
    assert lexical["explain"]["vectors"] is None
    assert lexical["explain"]["query_windows"] is None
    assert lexical["passages"][0]["explain"]["dense_rank"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"filters": {"document": ["a"]}},
        {"filters": {"documents": ["a\x00"]}},
        {"filters": {"first_page": 0}},
        {"filters": {"first_page": 2**40}},
        {"filters": {"created_from": "2020-01-01"}},
        {"filters": {"media_types": ["image/png"]}},
        {"context": -1},
        {"context": 1_000_000},
        {"max_tokens": 0},
        {"explain": "perhaps"},
    ],
)
async def test_bad_option_is_refused(
    client: httpx.AsyncClient, shelf: str, body: dict[str, Any]
) -> None:
    answer = await client.post(f"{shelf}/search", json={"query": "oil", **body})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("field", "moment"),
    [
        ("created_from", "9999-12-31T23:59:59-14:00"),
        ("created_until", "0001-01-01T00:00:00+14:00"),
    ],
)
async def test_date_beyond_the_calendar_is_refused(
    client: httpx.AsyncClient, ready: str, field: str, moment: str
) -> None:
    body = {"query": "oil", "filters": {field: moment}}
    answer = await client.post(f"{ready}/search", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        f"filters.{field}: is outside the range of dates",
    )


RUSSIAN = (
    "Договор вступает в силу в день его подписания обеими сторонами и действует до последней"
    " поставки масла, если ни одна из сторон не заявит о его расторжении раньше."
)


async def test_filters_by_language(client: httpx.AsyncClient, ready: str, index: Index) -> None:
    added = await upload(client, ready, "договор.txt", RUSSIAN.encode())
    await index()
    russian = {"languages": ["ru"]}
    assert _names(await _find(client, ready, query="договоры", filters=russian)) == {"договор.txt"}
    english = await _find(client, ready, query="oil", filters={"languages": ["en"]})
    assert _names(english) == {"book.md"}  # The others are too short for a language.
    assert english[0]["document"]["language"] == "en"
    document = await client.get(f"{ready}/documents/{added.json()['id']}")
    assert document.json()["language"] == "ru"


@pytest.mark.parametrize("code", ["russian", "xx", "RU", "ru-RU", ""])
async def test_unknown_language_is_refused(
    client: httpx.AsyncClient, shelf: str, code: str
) -> None:
    body = {"query": "oil", "filters": {"languages": ["en", code]}}
    answer = await client.post(f"{shelf}/search", json=body)
    assert answer.status_code == 422
    assert "must be a lower-case ISO 639-1 code, such as en, de or ru" in (answer.json()["detail"])


async def test_filter_by_folder(client: httpx.AsyncClient, ready: str, index: Index) -> None:
    await upload(client, ready, "pumps/oil.txt", b"The pump for oil.\n")
    await upload(client, ready, "pumps/old/oil.txt", b"The old pump for oil.\n")
    await index()
    for pattern in ("pumps/", "pumps*", "pum*/*il.txt"):
        found = await _find(client, ready, filters={"documents": [pattern]})
        assert _names(found) == {"pumps/oil.txt", "pumps/old/oil.txt"}
    assert _names(await _find(client, ready, filters={"documents": ["pumps/old/"]})) == {
        "pumps/old/oil.txt"
    }
    assert _names(await _find(client, ready, filters={"documents": ["oi?.txt"]})) == {
        "pumps/oil.txt",
        "pumps/old/oil.txt",
    }


async def test_matches_are_the_words_of_the_query(client: httpx.AsyncClient, ready: str) -> None:
    (note,) = await _find(client, ready, query="lamps oil", filters={"documents": ["note.txt"]})
    words = [note["text"][match["start"] : match["end"]] for match in note["matches"]]
    assert words == ["oil", "lamp"]
    dense = await _find(client, ready, mode="dense")
    assert all(passage["matches"] == [] for passage in dense)


@pytest.mark.parametrize(
    ("mode", "found", "sentence"),
    [("lexical", False, "nothing was searched"), ("hybrid", True, "searched by meaning only")],
)
async def test_question_of_stop_words_says_so(
    client: httpx.AsyncClient, ready: str, mode: str, *, found: bool, sentence: str
) -> None:
    answer = await client.post(f"{ready}/search", json={"query": "who is the", "mode": mode})
    assert answer.status_code == 200
    assert bool(answer.json()["passages"]) is found
    assert sentence in answer.json()["degraded"]


async def test_section_is_found_in_any_unicode_form(
    client: httpx.AsyncClient, ready: str, index: Index
) -> None:
    await upload(client, ready, "nfd.md", "# Bu\u0308ro\n\nOil in the office.\n".encode())
    await index()
    for section in ("Büro", "Bu\u0308ro"):
        (passage,) = await _find(client, ready, filters={"section": [section]})
        assert passage["heading_path"] == ["Büro"]


async def test_passage_names_all_its_sections(client: httpx.AsyncClient, ready: str) -> None:
    (passage, *_) = await _find(client, ready, query="wick", filters={"documents": ["book.md"]})
    paths = [section["heading_path"] for section in passage["sections"]]
    assert ["Part one", "Wicks"] in paths
    assert paths[0] == passage["heading_path"]
    starts = [section["start"] for section in passage["sections"]]
    assert starts == sorted(starts)


async def test_passage_within_a_table_has_its_header(
    client: httpx.AsyncClient, ready: str, index: Index
) -> None:
    rows = "\n".join(f"bolt{number}\tR{number}\t{number}" for number in range(150))
    await upload(client, ready, "stock.txt", f"Part\tShelf\tCount\n{rows}\n".encode())
    await index()
    filters = {"documents": ["stock.txt"]}
    (last, *_) = await _find(client, ready, query="bolt149", mode="lexical", filters=filters)
    assert last["table_header"] == "Part\tShelf\tCount"
    assert "bolt149\tR149\t149" in last["text"]
    assert last["end"] - last["start"] == len(last["text"])
    (first, *_) = await _find(client, ready, query="bolt0", mode="lexical", filters=filters)
    assert first["table_header"] is None
    assert first["text"].startswith("Part\tShelf\tCount\nbolt0")
    (wide, *_) = await _find(
        client, ready, query="bolt149", mode="lexical", filters=filters, context=2000
    )
    assert wide["table_header"] is None
    assert wide["text"].startswith("Part\tShelf")
