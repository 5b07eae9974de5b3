"""A store in a bucket does what one in a folder does."""

import asyncio
import hashlib
import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from mirage.errors import EmptyFile, StorageUnavailable, UploadTooLarge
from mirage.files import UNREADABLE, IncomingFile, sidecar
from mirage.files.s3.bucket import BucketStore
from mirage.files.s3.incoming import PART_BYTES
from tests.s3.server import S3Server, serving

DAY = date(2001, 1, 1)
LARGE = os.urandom(3 * PART_BYTES + 5)


async def put(store: BucketStore, content: bytes = b"some bytes", key: str | None = None) -> str:
    """Store a file in pieces, as they arrive."""
    incoming = store.incoming(len(content), key)
    for start in range(0, len(content), 2**20):
        incoming.write(content[start : start + 2**20])
    assert incoming.sha256 == hashlib.sha256(content).digest()
    return await incoming.commit()


def send(incoming: IncomingFile, mebibytes: int) -> None:
    """Send zeros, as they arrive."""
    for _ in range(mebibytes):
        incoming.write(b"\0" * 2**20)


def note_of(name: str) -> sidecar.Sidecar:
    """A note that says this name."""
    return sidecar.make(name, "shelf", uuid4(), b"\0" * 32, datetime.now(UTC))


@pytest.mark.parametrize("content", [b"x", LARGE], ids=["small", "of four parts"])
async def test_file_comes_back_whole_and_in_pieces(
    s3: S3Server, bucket: str, store: BucketStore, content: bytes
) -> None:
    key = await put(store, content)
    assert (s3.parts(bucket), list(store.list_keys())) == ([], [key])
    opened = store.open(key)
    assert opened.stat.st_size == len(content)
    with opened.content as file:
        assert file.read(len(content) + 1) == content
        file.seek(len(content) // 2)
        assert file.read(7) == content[len(content) // 2 :][:7]
        file.seek(-1, os.SEEK_END)
        assert (file.read(), file.read()) == (content[-1:], b"")


async def test_file_is_under_prefix_and_shard(folder: Path, store: BucketStore) -> None:
    key = await put(store)
    assert (folder / "team/mirage" / key[:2] / key).read_bytes() == b"some bytes"


async def test_copy_is_a_file_until_it_is_closed(store: BucketStore) -> None:
    copy = store.fetch(await put(store, LARGE))
    assert copy.path.read_bytes() == LARGE
    copy.close()
    assert not copy.path.exists()


@pytest.mark.parametrize("sent", [PART_BYTES // 2, 3 * PART_BYTES])
def test_aborted_upload_leaves_neither_object_nor_parts(
    s3: S3Server, bucket: str, store: BucketStore, sent: int
) -> None:
    incoming = store.incoming(2**40)
    send(incoming, sent // 2**20)
    assert bool(s3.parts(bucket)) == (sent > PART_BYTES)
    incoming.abort()
    incoming.abort()
    assert (s3.parts(bucket), list(store.list_keys())) == ([], [])


def test_upload_that_s3_leaves_alone_ends_with_a_reason(tmp_path: Path, s3: S3Server) -> None:
    with serving(tmp_path) as server:
        server.make_bucket("originals")
        incoming = BucketStore(server.settings("originals")).incoming(2**40)
        send(incoming, 9)
    with pytest.raises(StorageUnavailable, match="cannot be used"):
        send(incoming, 100)
    incoming.abort()


def test_upload_over_the_limit_is_refused_while_it_arrives(store: BucketStore) -> None:
    incoming = store.incoming(10)
    with pytest.raises(UploadTooLarge):
        incoming.write(b"eleven byte")
    incoming.abort()


async def test_empty_file_is_refused(store: BucketStore) -> None:
    with pytest.raises(EmptyFile):
        await store.incoming(10).commit()
    assert list(store.list_keys()) == []


async def test_object_that_somebody_emptied_is_not_held(folder: Path, store: BucketStore) -> None:
    key = await put(store)
    (folder / "team/mirage" / key[:2] / key).write_bytes(b"")
    assert (store.exists(key), store.holds(key, 10)) == (True, False)
    with store.open(key).content as file:
        assert file.read() == b""


async def test_size_tells_a_whole_file(store: BucketStore) -> None:
    key = await put(store, b"12345")
    assert [store.holds(key, size) for size in (4, 5, 6)] == [False, True, False]
    assert (store.exists(key), store.exists("0" * 32)) == (True, False)
    for take in (store.open, store.fetch):
        with pytest.raises(FileNotFoundError):
            take("0" * 32)


def test_second_owner_does_not_replace_the_first_unless_told(store: BucketStore) -> None:
    first, second = uuid4(), uuid4()
    assert store.owner() is None
    assert store.claim(first) == first
    assert store.claim(second) == first
    assert store.claim(second, replace=True) == second == store.owner()


async def test_of_many_claims_at_once_one_wins(s3: S3Server, bucket: str) -> None:
    stores = [BucketStore(s3.settings(bucket)) for _ in range(4)]
    won = await asyncio.gather(*(asyncio.to_thread(one.claim, uuid4()) for one in stores))
    assert len(set(won)) == 1


@pytest.mark.parametrize("content", [b"\0\0", b"[" * 4096, b'{"database": 1}'])
def test_damaged_owner_is_no_owner_that_a_database_has(
    folder: Path, store: BucketStore, content: bytes
) -> None:
    (folder / "team/mirage").mkdir(parents=True)
    (folder / "team/mirage/store.json").write_bytes(content)
    assert store.owner() == UNREADABLE


async def test_note_is_read_back_and_a_damaged_one_is_none(
    folder: Path, store: BucketStore
) -> None:
    key = await put(store)
    assert store.read_note(key) is None
    store.write_note(key, note := note_of("a.txt"))
    assert store.read_note(key) == note
    (folder / "team/mirage" / key[:2] / f"{key}.json").write_bytes(b"{" * 100_000)
    assert store.read_note(key) is None


async def test_note_of_a_renamed_document_is_outdated(s3: S3Server, bucket: str) -> None:
    store = BucketStore(s3.settings(bucket))
    key = await put(store)
    assert not store.has_note(key, "a.txt", "shelf")
    store.write_note(key, note_of("a.txt"))
    # Another process has to read it, this one knows it.
    for reader in (store, BucketStore(s3.settings(bucket))):
        assert reader.has_note(key, "a.txt", "shelf")
        assert not reader.has_note(key, "b.txt", "shelf")
        assert not reader.has_note(key, "a.txt", "another")


async def test_other_objects_are_no_originals(folder: Path, store: BucketStore) -> None:
    key = await put(store)
    top = folder / "team/mirage"
    for name in ("ab/cd" + "0" * 30, "ab/notes", "README", f"x/{key}", "orphans/x/" + "0" * 32):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"x")
    (folder / "team/mirages").mkdir()
    assert list(store.list_keys()) == [key]
    assert list(store.orphans()) == []


async def test_young_files_are_left_out_on_request(store: BucketStore) -> None:
    key = await put(store)
    assert list(store.list_keys(older_than_seconds=3600)) == []
    assert list(store.list_keys(older_than_seconds=-60)) == [key]


async def test_more_files_than_a_page_are_listed(folder: Path, store: BucketStore) -> None:
    await put(store)
    shard = folder / "team/mirage/ab"
    shard.mkdir(exist_ok=True)
    keys = {f"ab{number:030x}" for number in range(1100)}
    for key in keys:
        (shard / key).write_bytes(b"x")
    assert keys < set(store.list_keys())


async def test_file_is_set_aside_with_its_note_and_restored(store: BucketStore) -> None:
    key = await put(store)
    store.write_note(key, note := note_of("a.txt"))
    assert store.set_aside(key, DAY)
    assert not store.set_aside(key, DAY)
    (orphan,) = store.orphans()
    assert (orphan.key, orphan.day, orphan.size_bytes) == (key, DAY, 10)
    assert store.read_note(key, DAY) == note
    with store.open(key, DAY).content as file:
        assert file.read() == b"some bytes"
    assert list(store.list_keys()) == []
    store.restore(orphan)
    store.restore(orphan)  # As if another process had been faster.
    assert (list(store.list_keys()), list(store.orphans())) == ([key], [])
    assert store.read_note(key) == note


async def test_orphan_is_deleted_with_its_note(folder: Path, store: BucketStore) -> None:
    key = await put(store)
    store.write_note(key, note_of("a.txt"))
    store.set_aside(key, DAY)
    (orphan,) = store.orphans()
    store.delete_orphan(orphan)
    store.remove_empty_days()
    assert [path for path in folder.rglob("*") if path.is_file() and key in path.name] == []


async def test_deleted_file_is_gone_with_its_note(store: BucketStore) -> None:
    kept, gone = await put(store), await put(store)
    store.write_note(gone, note_of("a.txt"))
    await store.delete([gone, "0" * 32])
    assert (list(store.list_keys()), store.read_note(gone)) == ([kept], None)


async def test_file_that_vanishes_while_it_is_read_ends_the_reading(store: BucketStore) -> None:
    key = await put(store, LARGE)
    opened = store.open(key)
    await store.delete([key])
    with opened.content as file, pytest.raises(StorageUnavailable, match="has vanished"):
        file.read()


def test_probe_leaves_nothing(folder: Path, store: BucketStore) -> None:
    store.probe()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_probes_of_killed_processes_are_swept(folder: Path, store: BucketStore) -> None:
    old, young = (folder / "team/mirage/incoming" / name for name in ("probe-1", "probe-2"))
    old.parent.mkdir(parents=True)
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (0, 0))
    assert store.remove_stale_uploads(3600) == 1
    assert (old.exists(), young.exists()) == (False, True)


async def test_prefixes_share_a_bucket(s3: S3Server, bucket: str) -> None:
    one, other = (BucketStore(s3.settings(bucket, prefix=name)) for name in ("a", "ab"))
    key = await put(one)
    assert one.claim(owner := uuid4()) == owner
    assert (list(one.list_keys()), list(other.list_keys()), other.owner()) == ([key], [], None)
    assert json.loads((s3.root / "buckets" / bucket / "a/store.json").read_bytes()) == {
        "database": str(owner)
    }
