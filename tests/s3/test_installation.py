"""API, indexer and sweep over a bucket: nothing is lost, and an S3 that is away means wait."""

import io
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from mirage.api import create_app
from mirage.db import Database
from mirage.errors import OriginalsAway, StorageUnavailable
from mirage.files.s3.bucket import BucketStore
from mirage.files.s3.incoming import PART_BYTES
from mirage.model import DocumentStatus
from mirage.originals import sweep
from mirage.projects import create_project
from mirage.settings import load_settings
from mirage.testing import FakeEmbedder
from tests.s3.installation import Installation, make_old
from tests.s3.server import S3Server, free_port, serving

KEY = "the key"
ATTEMPTS = "SELECT attempts FROM document"
FILES = "/api/v1/projects/shelf/documents"


@pytest.fixture
async def client(installation: Installation, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API."""
    settings = load_settings(
        api={"key": SecretStr(KEY)}, documents={"path": tmp_path, "max_upload_bytes": 2**26}
    )
    app = create_app(
        settings,
        database=installation.database,
        store=installation.store,
        embedder=FakeEmbedder(),
    )
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"X-API-Key": KEY}
    ) as client:
        yield client
    await app.state.parts.pages.aclose()


async def test_document_goes_in_by_http_and_is_indexed(
    client: httpx.AsyncClient, installation: Installation
) -> None:
    sent = await client.post(FILES, files={"file": ("a.txt", b"The keeper lit the lamp.")})
    assert sent.status_code == 202, sent.text
    assert installation.store.owner() == await installation.value("SELECT id FROM identity")
    await installation.indexer.parse_next()
    await installation.indexer.embed_next()
    found = await installation.find(UUID(sent.json()["id"]))
    assert (found.status, found.error) == (DocumentStatus.READY, None)
    again = await client.post(FILES, files={"file": ("a.txt", b"The keeper lit the lamp.")})
    assert (again.status_code, again.json()["id"]) == (200, sent.json()["id"])
    assert len(list(installation.store.list_keys())) == 1
    gone = await client.delete(f"{FILES}/{found.id}")
    assert (gone.status_code, list(installation.store.list_keys())) == (204, [])


@pytest.mark.parametrize(
    ("asked", "status", "first", "last"),
    [
        (None, 200, 0, None),
        ("bytes=0-9", 206, 0, 10),
        ("bytes=9000000-9000099", 206, 9_000_000, 9_000_100),
        ("bytes=-5", 206, -5, None),
        ("bytes=99999999-", 416, 0, 0),
    ],
)
async def test_download_has_ranges(
    client: httpx.AsyncClient, asked: str | None, status: int, first: int, last: int | None
) -> None:
    content = b"".join(b"%07d\n" % number for number in range(1_300_000))
    assert len(content) > PART_BYTES
    sent = await client.post(FILES, files={"file": ("a.txt", io.BytesIO(content))})
    headers = {"Range": asked} if asked else {}
    answer = await client.get(f"{FILES}/{sent.json()['id']}/file", headers=headers)
    assert answer.status_code == status
    if status != 416:
        assert answer.content == content[first:last]
        assert answer.headers["etag"]


async def test_several_ranges_come_in_one_answer(client: httpx.AsyncClient) -> None:
    sent = await client.post(FILES, files={"file": ("a.txt", b"0123456789" * 10)})
    answer = await client.get(
        f"{FILES}/{sent.json()['id']}/file", headers={"Range": "bytes=0-1,98-99"}
    )
    assert answer.status_code == 206
    assert b"\r\n\r\n01\r\n" in answer.content
    assert b"\r\n\r\n89\r\n" in answer.content


async def test_upload_that_breaks_leaves_no_parts(
    client: httpx.AsyncClient, s3: S3Server, bucket: str, installation: Installation
) -> None:
    content = os.urandom(2 * PART_BYTES)
    sent = await client.post(FILES, files={"file": ("a.unknown", io.BytesIO(content))})
    assert sent.status_code == 415
    assert (s3.parts(bucket), list(installation.store.list_keys())) == ([], [])


async def test_lost_object_is_repaired_by_the_same_bytes(installation: Installation) -> None:
    document = await installation.add("a.txt", b"some bytes")
    (lost,) = installation.store.list_keys()
    await installation.store.delete([lost])
    await installation.indexer.parse_next()
    failed = await installation.find(document.id)
    assert (failed.status, failed.error_code) == (DocumentStatus.FAILED, "original-missing")
    assert (await installation.add("a.txt", b"some bytes")).id == document.id
    await installation.indexer.parse_next()
    await installation.indexer.embed_next()
    assert (await installation.find(document.id)).status is DocumentStatus.READY


async def test_object_without_the_store_file_waits(
    installation: Installation, folder: Path
) -> None:
    document = await installation.add("a.txt", b"some bytes")
    # As if the bucket were another, empty one.
    shutil.rmtree(folder / "team")
    with pytest.raises(StorageUnavailable):
        await installation.indexer.parse_next()
    waiting = await installation.find(document.id)
    assert (waiting.status, await installation.value(ATTEMPTS)) == (DocumentStatus.PENDING, 0)
    with pytest.raises(OriginalsAway, match="their originals are probably in another"):
        await installation.add("b.txt", b"other bytes")


async def test_sweep_sets_unknown_objects_aside_and_brings_them_back(
    installation: Installation, folder: Path
) -> None:
    document = await installation.add("a.txt", b"some bytes")
    (key,) = installation.store.list_keys()
    for name in ("3f" + "0" * 30, "3f" + "1" * 30):
        (folder / "team/mirage/3f").mkdir(exist_ok=True)
        (folder / "team/mirage/3f" / name).write_bytes(b"of no document")
    make_old(folder)
    os.utime(folder / "team/mirage/3f" / ("3f" + "1" * 30))
    await sweep(installation.database, installation.store, 14)
    assert set(installation.store.list_keys()) == {key, "3f" + "1" * 30}
    assert [orphan.key for orphan in installation.store.orphans()] == ["3f" + "0" * 30]
    note = installation.store.read_note(key)
    assert note is not None
    assert (note.name, note.sha256) == ("a.txt", document.sha256)


async def test_sweep_leaves_the_bucket_of_another_database(
    installation: Installation, folder: Path
) -> None:
    await installation.add("a.txt", b"some bytes")
    make_old(folder)
    async with installation.database.transaction() as connection:
        await connection.execute(text("DELETE FROM project"))
        await connection.execute(text("UPDATE identity SET id = gen_random_uuid()"))
    before = list(installation.store.list_keys())
    await sweep(installation.database, installation.store, 14)
    assert (list(installation.store.list_keys()), list(installation.store.orphans())) == (
        before,
        [],
    )
    assert list(await installation.findings()) == ["store-of-another-database"]


async def test_too_many_unknown_objects_are_left_to_a_person(
    installation: Installation, folder: Path
) -> None:
    await installation.add("a.txt", b"some bytes")
    (folder / "team/mirage/3f").mkdir(exist_ok=True)
    for number in range(11):
        (folder / "team/mirage/3f" / f"3f{number:030x}").write_bytes(b"of no document")
    make_old(folder)
    await sweep(installation.database, installation.store, 14)
    assert list(installation.store.orphans()) == []
    found = await installation.findings()
    assert found["unknown-originals"].startswith("11 of 12 originals in s3://")


async def test_s3_that_is_away_means_wait(database: Database, tmp_path: Path, s3: S3Server) -> None:
    port = free_port()
    with ExitStack() as running:
        server = running.enter_context(serving(tmp_path / "s3", port))
        server.make_bucket("originals")
        store = BucketStore(server.settings("originals"))
        there = Installation(database, store, await create_project(database, "shelf"))
        document = await there.add("a.txt", b"some bytes")
        running.close()
        begun = time.monotonic()
        with pytest.raises(StorageUnavailable) as caught:
            await there.indexer.parse_next()
        assert time.monotonic() - begun < 10
        await there.indexer.report(caught.value)
        waiting = await there.find(document.id)
        assert (waiting.status, await there.value(ATTEMPTS)) == (DocumentStatus.PENDING, 0)
        assert (await there.findings())["s3-away"].startswith(
            f"s3://originals cannot be used: {server.endpoint}: the connection was refused. Check"
        )
        with pytest.raises(StorageUnavailable, match="the connection was refused"):
            await there.add("b.txt", b"other bytes")
        # It comes back with what it had.
        running.enter_context(serving(tmp_path / "s3", port))
        async with database.transaction() as connection:
            await connection.execute(text("UPDATE document SET not_before = now()"))
        await there.indexer.parse_next()
        await there.indexer.embed_next()
        assert (await there.find(document.id)).status is DocumentStatus.READY
        await there.parser.aclose()


async def test_health_says_what_is_wrong_with_the_bucket(
    client: httpx.AsyncClient, folder: Path
) -> None:
    assert (await client.get("/health")).json() == {"status": "ok"}
    folder.rename(folder.with_name(f"{folder.name}-away"))
    answer = await client.post(FILES, files={"file": ("a.txt", b"The keeper lit the lamp.")})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mirage:problem:s3-bucket-missing"
    storage = (await client.get("/health")).json()["components"]["storage"]
    assert storage["state"] == "s3 bucket missing"
    assert storage["detail"].endswith("has no such bucket (NoSuchBucket)")
    assert storage["remedy"].startswith("Create the bucket")
