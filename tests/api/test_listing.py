"""Lists of documents by name, folder and state, and their counts."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from mirage.testing import make_picture_pdf
from tests.api.conftest import Index, upload

NAMES = ["b.txt", "pumps/Handbook.txt", "a_1.txt", "pumps/small/ax1.txt", "100%.txt", "Pumps.txt"]


@pytest.fixture
async def documents(client: httpx.AsyncClient, shelf: str) -> str:
    """The path of a list of documents that wait."""
    for name in NAMES:
        assert (await upload(client, shelf, name, name.encode())).status_code == 202
    return f"{shelf}/documents"


async def names(client: httpx.AsyncClient, path: str, **parameters: Any) -> list[str]:
    answer = await client.get(path, params=parameters)
    assert answer.status_code == 200, answer.text
    return [document["name"] for document in answer.json()["documents"]]


async def test_list_by_name_is_paged_without_gap_or_repetition(
    client: httpx.AsyncClient, documents: str
) -> None:
    found: list[str] = []
    cursor = None
    while True:
        parameters: dict[str, Any] = {"order": "name", "limit": 4} | (
            {"cursor": cursor} if cursor else {}
        )
        page = (await client.get(documents, params=parameters)).json()
        found += [document["name"] for document in page["documents"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert found == sorted(NAMES)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"folder": "pumps/"}, ["pumps/Handbook.txt", "pumps/small/ax1.txt"]),
        ({"folder": "pumps/small/"}, ["pumps/small/ax1.txt"]),
        ({"find": "handBOOK"}, ["pumps/Handbook.txt"]),
        ({"find": "a_1"}, ["a_1.txt"]),  # `_` is no wildcard here,
        ({"find": "%"}, ["100%.txt"]),  # and neither is `%`.
        ({"find": "\\"}, []),
        ({"folder": "pumps/", "find": "small"}, ["pumps/small/ax1.txt"]),
        ({"status": "ready"}, []),
        ({"status": ["ready", "pending"], "folder": "a"}, ["a_1.txt"]),
    ],
)
async def test_list_is_restricted(
    client: httpx.AsyncClient, documents: str, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert await names(client, documents, **parameters) == expected


async def test_list_of_remarks_has_documents_with_warnings(
    client: httpx.AsyncClient, documents: str, index: Index, shelf: str, tmp_path: Path
) -> None:
    pdf = make_picture_pdf(tmp_path / "a.pdf", ["The first page.", None]).read_bytes()
    await upload(client, shelf, "scan.pdf", pdf)
    await index()
    assert await names(client, documents, remarks="true") == ["scan.pdf"]
    summary = (await client.get(f"{shelf}/summary")).json()
    assert (summary["with_remarks"], summary["statuses"]) == (1, {"ready": 7})


async def test_cursor_of_another_order_is_refused(
    client: httpx.AsyncClient, documents: str
) -> None:
    by_name = (await client.get(documents, params={"order": "name", "limit": 1})).json()
    answer = await client.get(documents, params={"cursor": by_name["next_cursor"]})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("cursor: must be a `next_cursor`")


async def test_summary_counts_documents_passages_and_folders(
    client: httpx.AsyncClient, documents: str, index: Index, shelf: str
) -> None:
    waiting = (await client.get(f"{shelf}/summary")).json()
    assert waiting == {
        "statuses": {"pending": 6},
        "with_remarks": 0,
        "size_bytes": sum(map(len, NAMES)),
        "passages_ready": 0,
        "passages_total": 0,
        "folders": [{"name": "pumps/", "documents": 2}],
    }
    await index()
    below = (await client.get(f"{shelf}/summary", params={"folder": "pumps/"})).json()
    assert below["statuses"] == {"ready": 2}
    assert (below["passages_ready"], below["passages_total"]) == (2, 2)
    assert below["folders"] == [{"name": "pumps/small/", "documents": 1}]
