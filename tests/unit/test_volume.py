"""Files on their way in, on a volume that is full."""

import errno
import os
from pathlib import Path
from uuid import uuid4

import pytest

from mirage.errors import StorageFull, StorageUnavailable
from mirage.files import UNREADABLE, VolumeStore


@pytest.fixture
def store(tmp_path: Path) -> VolumeStore:
    """An empty store of originals."""
    store = VolumeStore(tmp_path)
    store.prepare()
    return store


async def test_folder_of_uploads_that_is_gone_is_made_again(store: VolumeStore) -> None:
    (store.root / "incoming").rmdir()
    store.incoming(10).abort()
    store.probe()


async def test_volume_that_is_gone_is_named_and_not_made(tmp_path: Path) -> None:
    store = VolumeStore(tmp_path / "volume")
    with pytest.raises(StorageUnavailable, match=r"volume\) cannot be used: No such file"):
        store.incoming(10)
    assert not store.root.exists()


def test_upload_is_refused_while_the_volume_has_less_than_is_kept_free(tmp_path: Path) -> None:
    store = VolumeStore(tmp_path, min_free_bytes=2**60)
    store.prepare()
    with pytest.raises(StorageFull, match=f"nearly full: {tmp_path} has [0-9,]+ bytes free"):
        store.incoming(10)
    with pytest.raises(StorageFull):
        store.probe()


def test_second_owner_does_not_replace_the_first_unless_told(store: VolumeStore) -> None:
    first, second = uuid4(), uuid4()
    assert store.owner() is None
    assert store.claim(first) == first
    assert store.claim(second) == first
    assert store.owner() == first
    assert store.claim(second, replace=True) == second
    assert sorted(path.name for path in store.root.iterdir()) == ["incoming", "store.json"]


def test_second_owner_does_not_replace_the_first_without_hard_links_either(
    store: VolumeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(link: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first, second = uuid4(), uuid4()
    assert store.claim(first) == first
    assert store.claim(second) == first
    assert sorted(path.name for path in store.root.iterdir()) == ["incoming", "store.json"]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"database": 7}', b"\xff", b"[" * 5000])
def test_damaged_owner_is_no_owner_that_a_database_has(store: VolumeStore, content: bytes) -> None:
    (store.root / "store.json").write_bytes(content)
    assert store.owner() == UNREADABLE


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"name": 3}'])
def test_damaged_note_is_none(store: VolumeStore, content: bytes) -> None:
    path = store.path("0" * 32)
    path.parent.mkdir()
    path.with_name(f"{path.name}.json").write_bytes(content)
    assert store.read_note("0" * 32) is None


async def test_abort_leaves_nothing_when_the_disk_is_full(store: VolumeStore) -> None:
    incoming = store.incoming(1000)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, incoming._file.fileno())
    os.close(full)
    incoming.write(b"buffered")
    with pytest.raises(StorageUnavailable, match=rf"is full: {store.root} has [0-9,]+ bytes free"):
        await incoming.commit()
    incoming.abort()
    assert list((store.root / "incoming").iterdir()) == []


def test_owner_that_is_a_pipe_holds_nothing_up(store: VolumeStore) -> None:
    os.mkfifo(store.root / "store.json")
    assert store.owner() == UNREADABLE


def test_only_files_in_their_own_folder_are_originals(store: VolumeStore) -> None:
    (store.root / "ab").mkdir()
    (store.root / "ab" / ("ab" + "0" * 30)).mkdir()
    (store.root / "ab" / ("cd" + "0" * 30)).write_bytes(b"of another folder")
    (store.root / "ab" / ("ab" + "1" * 30)).symlink_to(store.root)
    (store.root / "ab" / ("ab" + "2" * 30)).write_bytes(b"an original")
    assert list(store.list_keys()) == ["ab" + "2" * 30]
