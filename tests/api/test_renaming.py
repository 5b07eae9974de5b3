"""Renaming a document."""

import asyncio

import httpx
import pytest

from mirage.db import Database, projects
from mirage.db.renaming import rename_document
from tests.api.conftest import DEADLINE_SECONDS, Index, until_somebody_waits, upload

MARKDOWN = b"# Lamps\n\nThe keeper lit the lamp.\n\n## Oil\n\nWhale oil burned best.\n"
OTHER = b"# Lamps\n\nElectric light came later.\n"


async def _names(client: httpx.AsyncClient, shelf: str) -> list[str]:
    listed = (await client.get(f"{shelf}/documents")).json()["documents"]
    return sorted(document["name"] for document in listed)


async def test_document_is_found_under_its_new_name(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    await index()
    path = f"{shelf}/documents/{document['id']}"
    renamed = await client.patch(path, json={"name": "sub/cafe\u0301.markdown"})
    assert renamed.status_code == 200
    assert renamed.json()["name"] == "sub/caf\u00e9.markdown"
    assert (renamed.json()["id"], renamed.json()["status"]) == (document["id"], "ready")
    assert renamed.json()["updated_at"] > document["updated_at"]
    found = await client.post(f"{shelf}/search", json={"query": "whale oil", "mode": "lexical"})
    (passage,) = found.json()["passages"]
    assert passage["document"]["name"] == "sub/caf\u00e9.markdown"
    again = await client.patch(path, json={"name": "sub/caf\u00e9.markdown"})
    assert again.status_code == 200


async def test_name_of_another_document_is_refused_and_both_stay(
    client: httpx.AsyncClient, shelf: str
) -> None:
    first = (await upload(client, shelf, "a.md", MARKDOWN)).json()
    second = (await upload(client, shelf, "b.md", OTHER)).json()
    refused = await client.patch(f"{shelf}/documents/{first['id']}", json={"name": "b.md"})
    assert refused.status_code == 409
    assert refused.json()["type"].endswith(":document-exists")
    assert second["id"] in refused.json()["detail"]
    assert await _names(client, shelf) == ["a.md", "b.md"]


async def test_name_is_taken_in_its_own_project_only(client: httpx.AsyncClient, shelf: str) -> None:
    await client.post("/api/v1/projects", json={"name": "other"})
    await upload(client, "/api/v1/projects/other", "b.md", OTHER)
    document = (await upload(client, shelf, "a.md", MARKDOWN)).json()
    renamed = await client.patch(f"{shelf}/documents/{document['id']}", json={"name": "b.md"})
    assert renamed.status_code == 200
    path = f"/api/v1/projects/other/documents/{document['id']}"
    assert (await client.patch(path, json={"name": "c.md"})).status_code == 404


async def test_newer_version_goes_along_and_still_replaces_the_older(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    old = (await upload(client, shelf, "a.md", MARKDOWN)).json()
    await index()
    new = (await upload(client, shelf, "a.md", OTHER)).json()
    await client.patch(f"{shelf}/documents/{old['id']}", json={"name": "b.md"})
    assert await _names(client, shelf) == ["b.md", "b.md"]
    await index()
    listed = (await client.get(f"{shelf}/documents")).json()["documents"]
    assert [(item["id"], item["name"]) for item in listed] == [(new["id"], "b.md")]


@pytest.mark.parametrize(
    ("name", "status", "problem"),
    [
        ("a.pdf", 415, "wrong-extension"),
        ("a", 415, "wrong-extension"),
        ("../a.md", 422, "invalid-name"),
        ("", 422, "invalid-name"),
        ("a\x00.md", 422, "invalid-name"),
    ],
)
async def test_name_that_does_not_fit_is_refused(
    client: httpx.AsyncClient, shelf: str, name: str, status: int, problem: str
) -> None:
    document = (await upload(client, shelf, "a.md", MARKDOWN)).json()
    refused = await client.patch(f"{shelf}/documents/{document['id']}", json={"name": name})
    assert refused.status_code == status
    assert refused.json()["type"].endswith(f":{problem}")


async def test_upload_that_brings_the_name_meanwhile_waits_for_the_renaming(
    client: httpx.AsyncClient, shelf: str, database: Database
) -> None:
    document = (await upload(client, shelf, "a.md", MARKDOWN)).json()
    async with asyncio.timeout(DEADLINE_SECONDS):
        async with database.transaction() as connection:
            project = await projects.find_project(connection, "shelf")
            assert project is not None
            await rename_document(connection, project.id, document["id"], "b.md")
            sending = asyncio.create_task(upload(client, shelf, "b.md", OTHER))
            await until_somebody_waits(database)
            assert not sending.done()
        assert (await sending).status_code == 202
