"""Addresses, methods and ranges that are nearly right, and requests that meet each other."""

import asyncio
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from starlette.types import Message

from mirage.api.http.download import Download
from mirage.db import Connection, Database
from mirage.db.documents import delete_document
from mirage.documents import open_original
from mirage.files import VolumeStore
from mirage.projects import find_project
from tests.api.conftest import DEADLINE_SECONDS, KEY, until_somebody_waits, upload

TEXT = b"0123456789"


@pytest.fixture
async def file(client: httpx.AsyncClient, shelf: str) -> str:
    """The path of a stored file of ten bytes."""
    document = (await upload(client, shelf, "digits.txt", TEXT)).json()
    return f"{shelf}/documents/{document['id']}/file"


@pytest.mark.parametrize(
    ("range_", "content", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=4-400", b"456789", "bytes 4-9/10"),
        ("bytes=-400", b"0123456789", "bytes 0-9/10"),
        ("Bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=0-3, 2000-3000", b"0123", "bytes 0-3/10"),
        ("bytes=-0,,8-8", b"8", "bytes 8-8/10"),
        ("bytes=7-" + "9" * 5000, b"789", "bytes 7-9/10"),
    ],
)
async def test_range_of_a_file_is_given(
    client: httpx.AsyncClient, file: str, range_: str, content: bytes, content_range: str
) -> None:
    answer = await client.get(file, headers={"Range": range_})
    assert (answer.status_code, answer.content) == (206, content)
    assert answer.headers["content-range"] == content_range


@pytest.mark.parametrize("range_", ["bytes=10-", "bytes=-0", "bytes=2000-3000, 10-"])
async def test_range_outside_of_the_file_is_a_problem(
    client: httpx.AsyncClient, file: str, range_: str
) -> None:
    answer = await client.get(file, headers={"Range": range_})
    body = answer.json()
    assert (answer.status_code, body["type"]) == (416, "urn:mirage:problem:range-not-satisfiable")
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["detail"] == f"Range: {range_!r} is outside the file's 10 bytes"
    assert answer.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize(
    "range_",
    ["bytes=5-2", "bytes=a-b", "bytes=0-1,x", "bytes=-", "bytes=", "bytes 0-1", "x", "lines=1-2"],
)
async def test_range_that_is_none_is_ignored(
    client: httpx.AsyncClient, file: str, range_: str
) -> None:
    answer = await client.get(file, headers={"Range": range_})
    assert (answer.status_code, answer.content) == (200, TEXT)


async def test_range_of_a_head_is_ignored(client: httpx.AsyncClient, file: str) -> None:
    answer = await client.head(file, headers={"Range": "bytes=0-3"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "10"


@pytest.mark.parametrize(
    "path",
    [
        "/health",
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/docs",
        "/api/v1/projects",
        "/api/v1/projects/shelf",
        "/api/v1/projects/shelf/documents",
        "/api/v1/projects/lost",
        "/api/v1/projects/shelf/search",
        "/api/v1/keys",
        "/api/v1/generations",
        "/lost",
    ],
)
async def test_head_has_the_headers_of_its_get(
    client: httpx.AsyncClient, file: str, address: str, path: str
) -> None:
    async with httpx.AsyncClient(base_url=address, headers=client.headers) as other:
        headers = []
        for method in ("GET", "HEAD"):
            answer = await other.request(method, path)
            found = {name: value for name, value in answer.headers.items() if name != "date"}
            headers.append((answer.status_code, found))
        assert answer.content == b""
    assert headers[0] == headers[1]


async def test_head_of_a_file_reads_no_file(
    client: httpx.AsyncClient, file: str, address: str
) -> None:
    async with httpx.AsyncClient(base_url=address, headers=client.headers) as other:
        whole, head = await other.get(file), await other.head(file)
        again = await other.get(file)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "date": ""} == {**whole.headers, "date": ""}
    assert again.content == TEXT


async def test_head_of_a_stream_ends(client: httpx.AsyncClient, file: str, address: str) -> None:
    async with httpx.AsyncClient(base_url=address, headers=client.headers, timeout=9) as other:
        answer = await other.head("/api/v1/projects/shelf/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    feeds = client._transport.app.state.parts.feeds  # type: ignore[attr-defined]
    async with asyncio.timeout(DEADLINE_SECONDS):
        while feeds._streams:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [
        ("/api/v1/projects", KEY, 200),
        ("/api/v1/projects", "another", 401),
        ("/api/v1/projects/lost", KEY, 404),
        ("/api/v1/lost", KEY, 404),
        ("/health", KEY, 200),
    ],
)
async def test_answer_is_kept_by_no_cache(
    client: httpx.AsyncClient, file: str, path: str, key: str, status: int
) -> None:
    answer = await client.get(path, headers={"X-API-Key": key})
    assert (answer.status_code, answer.headers["cache-control"]) == (status, "private, no-store")


async def test_range_of_a_file_that_changed_since_is_the_whole_file(
    client: httpx.AsyncClient, file: str
) -> None:
    etag = (await client.get(file)).headers["etag"]
    same = await client.get(file, headers={"Range": "bytes=0-3", "If-Range": etag})
    other = await client.get(file, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (same.status_code, same.content) == (206, b"0123")
    assert (other.status_code, other.content) == (200, TEXT)


@pytest.mark.parametrize("path", ["/api/v1/projects/", "/health/"])
async def test_slash_at_the_end_is_a_404_that_names_the_right_path(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    assert (answer.status_code, answer.json()["type"]) == (
        404,
        "urn:mirage:problem:route-not-found",
    )
    assert answer.json()["detail"].endswith(f"remove the trailing slash: {path.rstrip('/')}")


async def test_slash_behind_what_is_no_route_promises_nothing(client: httpx.AsyncClient) -> None:
    assert "slash" not in (await client.get("/nothing/")).json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/projects", "GET, HEAD, POST"),
        ("POST", "/api/v1/projects/shelf", "DELETE, GET, HEAD, PATCH"),
        ("DELETE", "/health", "GET, HEAD"),
    ],
)
async def test_method_that_a_path_has_not_is_a_405_that_names_all_it_has(
    client: httpx.AsyncClient, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["type"]) == (
        405,
        "urn:mirage:problem:method-not-allowed",
    )
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("content", "content_type", "detail"),
    [
        (
            b'{"name": "a"}',
            "application/x-www-form-urlencoded",
            "the body must be a JSON object, with the header `Content-Type: application/json`",
        ),
        (
            b"[]",
            "application/json",
            "the body must be a JSON object, with the header `Content-Type: application/json`",
        ),
        (
            b'{"name": "a"} b',
            "application/json",
            "the body is not JSON: Extra data at character 14",
        ),
    ],
)
async def test_body_that_is_no_json_object_is_refused_with_what_it_should_be(
    client: httpx.AsyncClient, content: bytes, content_type: str, detail: str
) -> None:
    answer = await client.post(
        "/api/v1/projects", content=content, headers={"Content-Type": content_type}
    )
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


async def test_upload_that_meets_a_delete_of_the_same_bytes_ends_with_a_document(
    client: httpx.AsyncClient, shelf: str, database: Database, store: VolumeStore
) -> None:
    project = UUID((await client.get(shelf)).json()["id"])
    document = (await upload(client, shelf, "digits.txt", TEXT)).json()
    async with database.transaction() as connection:
        await delete_document(connection, project, UUID(document["id"]))
        sent = asyncio.create_task(upload(client, shelf, "digits.txt", TEXT))
        await until_somebody_waits(database)
    answer = await sent
    assert (answer.status_code, answer.json()["id"]) == (202, document["id"])
    found = await client.get(f"{shelf}/documents/{document['id']}/file")
    assert (found.status_code, found.content) == (200, TEXT)


async def test_download_goes_on_when_the_document_is_deleted_meanwhile(
    client: httpx.AsyncClient, file: str, database: Database, store: VolumeStore
) -> None:
    project = await find_project(database, "shelf")
    document = UUID(file.split("/")[-2])
    stored, content = await open_original(database, store, project, document)
    deleted = await client.delete(file.removesuffix("/file"))
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "headers": [], "asgi": {"spec_version": "2.4"}}
    await Download(content, filename=stored.name, headers={})(scope, _receive, send)
    assert deleted.status_code == 204
    assert (sent[0]["status"], sent[1]["body"]) == (200, TEXT)
    assert content.content.closed


async def test_request_that_loses_a_deadlock_is_tried_again(
    client: httpx.AsyncClient, shelf: str, database: Database
) -> None:
    sent_before = [await upload(client, shelf, name, name.encode()) for name in ("a.txt", "b.txt")]
    low, high = sorted(UUID(answer.json()["id"]) for answer in sent_before)
    async with database.transaction() as connection:
        # The loser is who notices: this one would wait for long before it looked.
        await connection.execute(text("SET LOCAL deadlock_timeout = '60s'"))
        await _lock(connection, high)
        deleted = asyncio.create_task(client.delete(shelf))  # Locks them in order.
        await until_somebody_waits(database)
        await _lock(connection, low)  # The request loses here, and begins again.
    assert (await deleted).status_code == 204
    assert (await client.get(shelf)).status_code == 404


async def _receive() -> Message:
    return {"type": "http.disconnect"}


async def _lock(connection: Connection, document: UUID) -> None:
    await connection.execute(
        text("SELECT 1 FROM document WHERE id = :id FOR UPDATE"), {"id": document}
    )
