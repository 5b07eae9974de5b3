"""API keys in addition to the one of the settings: what each may do and see."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from mirage.db import Database
from tests.api.conftest import KEY, upload

NOBODY = "00000000-0000-0000-0000-000000000000"


async def make_key(client: httpx.AsyncClient, **body: Any) -> dict[str, Any]:
    """A key with its token, made with the main key."""
    answer = await client.post("/api/v1/keys", json={"name": "k"} | body)
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def carrying(key: dict[str, Any]) -> dict[str, str]:
    """Headers of a request with the key."""
    return {"X-API-Key": key["token"]}


async def test_token_is_shown_once_and_stored_nowhere(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await make_key(client, name="website")
    token = made.pop("token")
    listed = (await client.get("/api/v1/keys")).json()
    assert listed == {"keys": [made]}
    async with database.transaction() as connection:
        row = (await connection.execute(text("SELECT to_jsonb(k) FROM api_key k"))).scalar_one()
    assert token not in str(row)
    assert token.removeprefix("mirage_") not in str(row)


async def test_key_works_in_either_header_until_it_is_revoked(client: httpx.AsyncClient) -> None:
    made = await make_key(client)
    for headers in (carrying(made), {"X-API-Key": "", "Authorization": f"Bearer {made['token']}"}):
        assert (await client.get("/api/v1/projects", headers=headers)).status_code == 200
    assert (await client.delete(f"/api/v1/keys/{made['id']}")).status_code == 204
    gone = await client.get("/api/v1/projects", headers=carrying(made))
    assert (gone.status_code, gone.json()["type"]) == (401, "urn:mirage:problem:unauthorized")
    again = await client.delete(f"/api/v1/keys/{made['id']}")
    assert (again.status_code, again.json()["type"]) == (404, "urn:mirage:problem:key-not-found")


async def test_expired_key_is_refused(client: httpx.AsyncClient, database: Database) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    made = await make_key(client, expires_at=tomorrow.isoformat())
    assert (await client.get("/api/v1/projects", headers=carrying(made))).status_code == 200
    async with database.transaction() as connection:
        await connection.execute(text("UPDATE api_key SET expires_at = now()"))
    assert (await client.get("/api/v1/projects", headers=carrying(made))).status_code == 401


@pytest.mark.parametrize(
    ("scope", "statuses"),
    [("read", [200, 200, 403, 403, 403]), ("write", [200, 200, 404, 201, 403]),
     ("admin", [200, 200, 404, 201, 200])],
)  # fmt: skip
async def test_scope_says_what_a_key_may_do(
    client: httpx.AsyncClient, shelf: str, scope: str, statuses: list[int]
) -> None:
    headers = carrying(await make_key(client, scope=scope))
    answers = [
        await client.get(f"{shelf}/documents", headers=headers),
        await client.post(
            f"{shelf}/search", json={"query": "x", "mode": "lexical"}, headers=headers
        ),
        await client.delete(f"{shelf}/documents/{NOBODY}", headers=headers),
        await client.post("/api/v1/projects", json={"name": "new"}, headers=headers),
        await client.get("/api/v1/keys", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == statuses


async def test_no_route_that_changes_something_takes_a_key_that_reads(
    client: httpx.AsyncClient, shelf: str
) -> None:
    headers = carrying(await make_key(client))
    described = (await client.get("/openapi.json")).json()["paths"]
    routes = [
        (method, path)
        for path, methods in described.items()
        for method in methods
        if method != "get" and not path.endswith("/search")
    ]
    assert ("delete", "/api/v1/projects/{project}") in routes
    for method, template in routes:
        path = re.sub(r"\{.*?\}", NOBODY, template.replace("{project}", "shelf"))
        answer = await client.request(method, path, headers=headers, json={})
        assert answer.status_code == 403, template
        assert "the scope of this key is read" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/projects/shelf"), ("PATCH", "/projects/shelf")]
)
async def test_project_is_renamed_and_deleted_by_admins_only(
    client: httpx.AsyncClient, shelf: str, method: str, path: str
) -> None:
    headers = carrying(await make_key(client, scope="write"))
    answer = await client.request(method, f"/api/v1{path}", headers=headers, json={"name": "x"})
    assert answer.status_code == 403


async def test_key_of_a_project_sees_that_project_alone(
    client: httpx.AsyncClient, shelf: str
) -> None:
    other = (await client.post("/api/v1/projects", json={"name": "other"})).json()
    headers = carrying(await make_key(client, projects=["shelf"], scope="write"))
    listed = (await client.get("/api/v1/projects", headers=headers)).json()["projects"]
    assert [project["name"] for project in listed] == ["shelf"]
    client.headers.update(headers)
    assert (await upload(client, shelf, "a.txt", b"text")).status_code == 202
    for reference in ("other", other["id"], "nothing"):
        hidden = await client.get(f"/api/v1/projects/{reference}/documents")
        assert (hidden.status_code, hidden.json()["detail"]) == (
            404,
            f"no project {reference!r} is visible to this key",
        )
    created = await client.post("/api/v1/projects", json={"name": "third"})
    assert created.status_code == 403


async def test_key_of_a_project_does_not_learn_the_names_of_others(
    client: httpx.AsyncClient, shelf: str
) -> None:
    await client.post("/api/v1/projects", json={"name": "other"})
    headers = carrying(await make_key(client, projects=["shelf"], scope="admin"))
    for name in ("other", "nothing"):
        answer = await client.patch(shelf, json={"name": name}, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:mirage:problem:forbidden")


async def test_key_of_a_project_cannot_make_itself_one_of_all(
    client: httpx.AsyncClient, shelf: str
) -> None:
    made = await make_key(client, projects=["shelf"], scope="admin")
    answer = await client.post("/api/v1/keys", json={"name": "more"}, headers=carrying(made))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:mirage:problem:forbidden")


async def test_key_does_not_see_a_project_made_anew_under_its_projects_name(
    client: httpx.AsyncClient, shelf: str
) -> None:
    headers = carrying(await make_key(client, projects=["shelf"]))
    await client.delete(shelf)
    await client.post("/api/v1/projects", json={"name": "shelf"})
    assert (await client.get(shelf, headers=headers)).status_code == 404


async def test_use_of_a_key_is_written_down_once_a_minute(
    client: httpx.AsyncClient, database: Database
) -> None:
    made = await make_key(client)
    assert made["last_used_at"] is None

    async def use() -> str | None:
        assert (await client.get("/api/v1/projects", headers=carrying(made))).status_code == 200
        used: str | None = (await client.get("/api/v1/keys")).json()["keys"][0]["last_used_at"]
        return used

    first = await use()
    assert first is not None
    assert await use() == first
    async with database.transaction() as connection:
        await connection.execute(
            text("UPDATE api_key SET last_used_at = now() - interval '61 seconds'")
        )
    assert (await use() or "") > first


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "taken"}, 409, "key-exists"),
        ({"name": ""}, 422, "invalid-name"),
        ({"name": "x" * 101}, 422, "invalid-name"),
        ({"name": "a\x00b"}, 422, "invalid-name"),
        ({"name": "a", "scope": "root"}, 422, "invalid-request"),
        ({"name": "a", "projects": []}, 422, "invalid-request"),
        ({"name": "a", "projects": ["nothing"]}, 404, "project-not-found"),
        ({"name": "a", "expires_at": "2020-01-01T00:00:00Z"}, 422, "invalid-request"),
        ({"name": "a", "expires_at": "2999-01-01T00:00:00"}, 422, "invalid-request"),
        ({"name": "a", "expires_at": "9999-12-31T23:59:59-23:00"}, 422, "invalid-request"),
        ({"name": "a", "admin": True}, 422, "unknown-field"),
    ],
)
async def test_bad_key_is_not_made(
    client: httpx.AsyncClient, body: dict[str, Any], status: int, code: str
) -> None:
    await make_key(client, name="taken")
    answer = await client.post("/api/v1/keys", json=body)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:mirage:problem:{code}")
    assert len((await client.get("/api/v1/keys")).json()["keys"]) == 1


async def test_key_of_the_settings_does_not_need_the_database(
    client: httpx.AsyncClient, database: Database
) -> None:
    async with database.transaction() as connection:
        await connection.execute(text("DROP TABLE api_key"))
    for key, status in ((KEY, 200), ("no token", 401)):
        answer = await client.get("/api/v1/projects", headers={"X-API-Key": key})
        assert answer.status_code == status
