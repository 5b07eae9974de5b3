"""Upload, list, get, delete; and everything that must not get in."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from mirage.cli.client import ApiRefused, connect
from mirage.db import Database
from mirage.db.projects import delete_project
from mirage.errors import ModelMissing
from mirage.files import VolumeStore
from mirage.testing import FakeEmbedder, make_epub, make_pdf, make_zip
from tests.api.conftest import KEY, Index, until_somebody_waits, upload

MARKDOWN = b"# Lamps\n\nThe keeper lit the lamp.\n\n## Oil\n\nWhale oil burned best.\n"


def stored_files(store: VolumeStore) -> list[Path]:
    return [store.path(key) for key in store.list_keys()]


async def test_upload_is_durable_before_it_is_acknowledged(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore
) -> None:
    answer = await upload(client, shelf, "lamps.md", MARKDOWN)
    assert answer.status_code == 202
    body = answer.json()
    assert (body["name"], body["status"], body["size_bytes"]) == ("lamps.md", "pending", 66)
    assert [path.read_bytes() for path in stored_files(store)] == [MARKDOWN]
    listed = (await client.get(f"{shelf}/documents")).json()
    assert [document["id"] for document in listed["documents"]] == [body["id"]]


async def test_uploaded_document_becomes_ready_with_progress(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    await index()
    found = (await client.get(f"{shelf}/documents/{document['id']}")).json()
    assert found["status"] == "ready"
    assert found["chunks_ready"] == found["chunks_total"] > 0
    assert found["title"] == "Lamps"


async def test_same_bytes_again_are_the_same_document(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore
) -> None:
    first = await upload(client, shelf, "lamps.md", MARKDOWN)
    second = await upload(client, shelf, "other.md", MARKDOWN)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json()
    assert len(stored_files(store)) == 1


async def test_concurrent_uploads_of_the_same_bytes_make_one_document(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore
) -> None:
    answers = await asyncio.gather(*(upload(client, shelf, "a.md", MARKDOWN) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 202]
    assert len(stored_files(store)) == 1


async def test_new_bytes_under_a_name_replace_the_old_ones_once_they_are_ready(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index
) -> None:
    await upload(client, shelf, "lamps.md", MARKDOWN)
    await index()
    new = await upload(client, shelf, "lamps.md", b"# Lamps\n\nElectric light came later.\n")
    assert new.status_code == 202
    search = {"query": "whale oil", "mode": "lexical"}
    before = (await client.post(f"{shelf}/search", json=search)).json()
    assert "Whale oil" in before["passages"][0]["text"]
    await index()
    after = (await client.post(f"{shelf}/search", json=search)).json()
    assert after["passages"] == []
    listed = (await client.get(f"{shelf}/documents")).json()["documents"]
    assert [document["id"] for document in listed] == [new.json()["id"]]
    assert len(stored_files(store)) == 1


async def test_deleted_document_is_gone_with_its_file(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    await index()
    path = f"{shelf}/documents/{document['id']}"
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404
    assert (await client.delete(path)).status_code == 404
    found = await client.post(f"{shelf}/search", json={"query": "the keeper lit the lamp"})
    assert found.json()["passages"] == []
    assert stored_files(store) == []


async def test_list_pages_through_all_documents_once(client: httpx.AsyncClient, shelf: str) -> None:
    for number in range(5):
        await upload(client, shelf, f"{number}.txt", f"text {number}".encode())
    names, cursor = [], None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get(f"{shelf}/documents", params=parameters)).json()
        names += [document["name"] for document in page["documents"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert names == [f"{number}.txt" for number in range(5)]


async def test_document_says_what_it_waits_for(
    client: httpx.AsyncClient, shelf: str, index: Index, embedder: FakeEmbedder
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    embedder.failure = ModelMissing("the model tiny is not there")
    await index()
    path = f"{shelf}/documents/{document['id']}"
    waiting = (await client.get(path)).json()
    assert waiting["status"] == "embedding"
    assert waiting["waiting_for"].startswith("the model tiny is not there. Pull the model")
    embedder.failure = None
    await index()
    ready = (await client.get(path)).json()
    assert (ready["status"], ready["waiting_for"]) == ("ready", None)


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("../../etc/passwd.txt", b"text", 422, "invalid-name"),
        ("/etc/passwd.txt", b"text", 422, "invalid-name"),
        ("a\\..\\b.txt", b"text", 422, "invalid-name"),
        ("x" * 300 + ".txt", b"text", 422, "invalid-name"),
        ("a\u202etxt.exe.txt", b"text", 422, "invalid-name"),
        ("empty.txt", b"", 422, "empty-file"),
        ("a.exe", b"MZ\x90\x00", 415, "unsupported-media-type"),
        ("noextension", b"text", 415, "unsupported-media-type"),
        ("a.pdf", b"\x89PNG\r\n\x1a\n0000", 415, "wrong-extension"),
        ("a.txt", b"%PDF-1.7\n", 415, "wrong-extension"),
        ("a.md", bytes(range(256)) * 16, 415, "wrong-extension"),
        ("big.txt", b"x" * 1_000_001, 413, "upload-too-large"),
    ],
)
async def test_bad_file_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient,
    shelf: str,
    store: VolumeStore,
    name: str,
    content: bytes,
    status: int,
    code: str,
) -> None:
    answer = await upload(client, shelf, name, content)
    body = answer.json()
    assert (answer.status_code, body["type"]) == (status, f"urn:mirage:problem:{code}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["detail"]
    assert body["remedy"]
    assert stored_files(store) == []
    assert (await client.get(f"{shelf}/documents")).json()["documents"] == []


async def test_upload_that_says_it_is_too_large_is_refused_unread(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore
) -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        for part in (b"--x\r\n", b"more\r\n"):
            read.append(part)
            yield part

    answer = await client.post(
        f"{shelf}/documents",
        content=body(),
        headers={
            "Content-Type": "multipart/form-data; boundary=x",
            "Content-Length": str(1_000_000 + 40_000),
        },
    )
    assert (answer.status_code, read) == (413, [])
    assert answer.json()["detail"] == "the file is larger than 1,000,000 bytes"
    assert stored_files(store) == []


async def test_command_line_is_told_that_its_file_is_too_large(
    shelf: str, address: str, tmp_path: Path
) -> None:
    file = tmp_path / "big.txt"
    file.write_bytes(b"x" * 20_000_000)  # More than the buffers between the two can hold.
    path = shelf.removeprefix("/api/v1") + "/documents"
    with connect(address, KEY) as client, pytest.raises(ApiRefused) as refused:
        await asyncio.to_thread(client.upload, path, file, "big.txt")
    assert str(refused.value) == "the file is larger than 1,000,000 bytes"


async def test_upload_without_a_length_is_counted(client: httpx.AsyncClient, shelf: str) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for _ in range(3):
            yield b"x" * 500_000

    answer = await client.post(
        f"{shelf}/documents",
        content=body(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413
    assert answer.json()["detail"] == "the file is larger than 1,000,000 bytes"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\r\n" * 30_000, b""),
        (b"", b"\r\n" * 30_000),
        (b"", b"x" * 60_000),
    ],
)
async def test_what_surrounds_the_file_is_bounded(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, before: bytes, after: bytes
) -> None:
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        for part in (before, form, b"lamp", b"\r\n--x--", after, after, after):
            sent += len(part)
            yield part

    answer = await client.post(
        f"{shelf}/documents",
        content=body(),
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert (answer.status_code, sent < 70_000) == (422, True)
    assert answer.json()["type"] == "urn:mirage:problem:invalid-request"
    assert stored_files(store) == []


async def test_file_at_the_limit_is_taken(client: httpx.AsyncClient, shelf: str) -> None:
    assert (await upload(client, shelf, "big.txt", b"x" * 1_000_000)).status_code == 202


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"text", "text/plain", "wrong-content-type"),
        (b"", "multipart/form-data", "wrong-content-type"),
        (b"x", "multipart/form-data; boundary=" + "x" * 5000, "invalid-request"),
        (b"nonsense", "multipart/form-data; boundary=x", "invalid-request"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", "invalid-request"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf',
            "multipart/form-data; boundary=x",
            "invalid-request",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="fle"; filename="a"\r\n\r\nx\r\n--x--',
            "multipart/form-data; boundary=x",
            "unknown-field",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
            "invalid-name",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a\x00.txt"'
            b"\r\n\r\nx\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            "invalid-name",
        ),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff\xfe.txt"'
            b"\r\n\r\nx\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            "invalid-name",
        ),
        (
            (
                b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"'
                b"\r\n\r\nx\r\n"
            ) * 2 + b"--x--\r\n",
            "multipart/form-data; boundary=x",
            "invalid-request",
        ),
        (
            b"--x\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\nx\r\n--x--\r\n",
            "multipart/form-data; boundary=x",
            "invalid-request",
        ),
    ],
)  # fmt: skip
async def test_bad_body_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient,
    shelf: str,
    store: VolumeStore,
    body: bytes,
    content_type: str,
    code: str,
) -> None:
    answer = await client.post(
        f"{shelf}/documents", content=body, headers={"Content-Type": content_type}
    )
    assert 400 <= answer.status_code < 500
    assert answer.json()["type"] == f"urn:mirage:problem:{code}"
    assert stored_files(store) == []


async def test_unreadable_files_fail_with_a_sentence_each(
    client: httpx.AsyncClient, shelf: str, index: Index, tmp_path: Path
) -> None:
    files = {
        "encrypted.pdf": make_pdf(tmp_path / "e.pdf", [["secret"]], password="pw").read_bytes(),
        "damaged.pdf": b"%PDF-1.7\nthis is not a PDF at all\n%%EOF",
        "climbing.epub": make_zip(
            tmp_path / "c.epub",
            {
                "mimetype": "application/epub+zip",
                "META-INF/container.xml": (
                    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
                    '<rootfiles><rootfile full-path="../../../etc/passwd"/></rootfiles></container>'
                ),
            },
        ).read_bytes(),
        "whole.epub": make_epub(tmp_path / "w.epub", {"a.xhtml": "<p>Fine.</p>"}).read_bytes(),
    }
    for name, content in files.items():
        assert (await upload(client, shelf, name, content)).status_code == 202
    await index()
    listed = (await client.get(f"{shelf}/documents")).json()["documents"]
    verdicts = {document["name"]: (document["status"], document["error"]) for document in listed}
    assert verdicts.pop("whole.epub") == ("ready", None)
    assert {status for status, _ in verdicts.values()} == {"failed"}
    assert "password" in verdicts["encrypted.pdf"][1]
    assert len({error for _, error in verdicts.values()}) == 3


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ("lamps.md", 'attachment; filename="lamps.md"'),
        ("part 1/лампы.md", "attachment; filename*=utf-8''%D0%BB%D0%B0%D0%BC%D0%BF%D1%8B.md"),
        ("a;b=c.md", "attachment; filename*=utf-8''a%3Bb%3Dc.md"),
    ],
)
async def test_file_is_downloaded_as_it_was_sent(
    client: httpx.AsyncClient, shelf: str, name: str, disposition: str
) -> None:
    document = (await upload(client, shelf, name, MARKDOWN)).json()
    answer = await client.get(f"{shelf}/documents/{document['id']}/file")
    assert (answer.status_code, answer.content) == (200, MARKDOWN)
    assert answer.headers["content-type"] == "text/markdown"
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"q%22.md", 'q".md'),
        (rb"q\".md", 'q".md'),
        (b"100%25 a%2Fb.md", "100%25 a%2Fb.md"),
        ("cafe\u0301.md".encode(), "caf\u00e9.md"),
        (b"a%0D%0Ab.md", None),
    ],
)
async def test_name_is_the_one_that_browsers_and_curl_mean(
    client: httpx.AsyncClient, shelf: str, sent: bytes, name: str | None
) -> None:
    disposition = b'Content-Disposition: form-data; name="file"; filename="' + sent + b'"'
    answer = await client.post(
        f"{shelf}/documents",
        content=b"--x\r\n" + disposition + b"\r\n\r\ntext\r\n--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.json().get("name") == name


# Each part is another, so that no compression makes it short enough for a B-tree.
_PARTS = "/".join(sha256(bytes([number])).hexdigest() for number in range(62))


@pytest.mark.parametrize(
    "name",
    [
        f"{_PARTS}/{'x' * 63}.md",
        f"{_PARTS}/x{'д' * 31}.md",
        "/".join([*['"' * 239] * 17, '"' * 13]) + ".md",
    ],
)
async def test_name_may_be_as_long_as_a_path(
    client: httpx.AsyncClient, shelf: str, index: Index, name: str
) -> None:
    assert len(name.encode()) == 4096
    sent = await upload(client, shelf, name, MARKDOWN)
    assert sent.status_code == 202
    assert sent.json()["name"] == name
    await index()
    search = {"query": "whale oil", "mode": "lexical", "filters": {"documents": [name]}}
    found = (await client.post(f"{shelf}/search", json=search)).json()["passages"]
    assert {passage["document"]["name"] for passage in found} == {name}
    assert (await upload(client, shelf, f"x{name}", b"# Other\n")).status_code == 422


@pytest.mark.parametrize(("method", "action"), [("GET", "file"), ("POST", "reindex")])
async def test_file_that_is_not_there_is_said_in_a_sentence(
    client: httpx.AsyncClient,
    shelf: str,
    store: VolumeStore,
    index: Index,
    method: str,
    action: str,
) -> None:
    answer = await client.request(method, f"{shelf}/documents/{UUID(int=0)}/{action}")
    assert (answer.status_code, answer.json()["type"]) == (
        404,
        "urn:mirage:problem:document-not-found",
    )
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    await index()
    stored_files(store)[0].unlink()
    path = f"{shelf}/documents/{document['id']}"
    lost = await client.request(method, f"{path}/{action}")
    assert (lost.status_code, lost.json()["type"]) == (
        503,
        "urn:mirage:problem:original-missing",
    )
    assert (await client.get(path)).json()["status"] == "ready"


async def test_ready_document_is_indexed_anew_from_its_file(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index
) -> None:
    document = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    await index()
    # What a better parser would do: another text of the same document.
    stored_files(store)[0].write_bytes(b"# Lamps\n\nTallow candles came first.\n")
    path = f"{shelf}/documents/{document['id']}"
    queued = await client.post(f"{path}/reindex")
    assert (queued.status_code, queued.json()["status"]) == (202, "pending")
    await index()
    assert (await client.get(path)).json()["status"] == "ready"
    for query, found in (("tallow", 1), ("whale", 0)):
        answer = await client.post(f"{shelf}/search", json={"query": query, "mode": "lexical"})
        assert len(answer.json()["passages"]) == found
    assert len(stored_files(store)) == 1


async def test_failed_document_is_indexed_anew_from_its_file(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index, tmp_path: Path
) -> None:
    document = (await upload(client, shelf, "a.pdf", b"%PDF-1.7\nnot a PDF\n%%EOF")).json()
    await index()
    path = f"{shelf}/documents/{document['id']}"
    assert (await client.get(path)).json()["status"] == "failed"
    whole = make_pdf(tmp_path / "a.pdf", [["The keeper lit the lamp."]]).read_bytes()
    stored_files(store)[0].write_bytes(whole)
    queued = (await client.post(f"{path}/reindex")).json()
    assert (queued["status"], queued["error"]) == ("pending", None)
    await index()
    assert (await client.get(path)).json()["status"] == "ready"


async def test_failed_document_is_queued_again_by_the_same_bytes(
    client: httpx.AsyncClient, shelf: str, index: Index
) -> None:
    await upload(client, shelf, "damaged.pdf", b"%PDF-1.7\nnot a PDF\n%%EOF")
    await index()
    again = await upload(client, shelf, "damaged.pdf", b"%PDF-1.7\nnot a PDF\n%%EOF")
    assert (again.status_code, again.json()["status"]) == (202, "pending")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:00"])
async def test_cursor_from_beyond_the_calendar_is_refused(
    client: httpx.AsyncClient, shelf: str, moment: str
) -> None:
    cursor = base64.urlsafe_b64encode(f"{moment} {UUID(int=0)}".encode()).decode()
    answer = await client.get(f"{shelf}/documents", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:mirage:problem:invalid-request",
    )


async def test_full_disk_is_said_in_a_sentence(client: httpx.AsyncClient, shelf: str) -> None:
    # /dev/full takes no byte, whoever writes; the folder for incoming files cannot.
    app = client._transport.app  # type: ignore[attr-defined]
    app.state.parts = replace(app.state.parts, store=VolumeStore(Path("/dev/full")))
    answer = await upload(client, shelf, "a.txt", b"text")
    assert (answer.status_code, answer.json()["type"]) == (
        503,
        "urn:mirage:problem:storage-unavailable",
    )


async def test_upload_into_a_project_that_is_being_deleted_is_refused(
    client: httpx.AsyncClient, shelf: str, database: Database, store: VolumeStore
) -> None:
    project = UUID((await client.get(shelf)).json()["id"])
    async with database.transaction() as connection:
        await delete_project(connection, project)
        sent = asyncio.create_task(upload(client, shelf, "a.txt", b"text"))
        await until_somebody_waits(database)
    answer = await sent
    assert (answer.status_code, answer.json()["type"]) == (
        404,
        "urn:mirage:problem:project-not-found",
    )
    assert stored_files(store) == []


async def test_bytes_sent_again_replace_what_was_sent_since(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index
) -> None:
    await upload(client, shelf, "lamps.md", MARKDOWN)
    await index()
    await upload(client, shelf, "lamps.md", b"a version that was a mistake")
    again = await upload(client, shelf, "lamps.md", MARKDOWN)
    assert again.status_code == 200
    await index()
    listed = (await client.get(f"{shelf}/documents")).json()["documents"]
    assert [document["id"] for document in listed] == [again.json()["id"]]
    assert [path.read_bytes() for path in stored_files(store)] == [MARKDOWN]


async def test_failed_document_is_queued_again_with_the_file_sent_now(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, index: Index
) -> None:
    await upload(client, shelf, "damaged.pdf", b"%PDF-1.7\nnot a PDF\n%%EOF")
    await index()
    for path in stored_files(store):
        path.unlink()
    again = await upload(client, shelf, "other.pdf", b"%PDF-1.7\nnot a PDF\n%%EOF")
    assert (again.status_code, again.json()["name"]) == (202, "other.pdf")
    assert len(stored_files(store)) == 1
