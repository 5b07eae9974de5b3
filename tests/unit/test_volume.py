"""Files on their way in, on a volume that is full."""

import os
from pathlib import Path

import pytest

from mirage.errors import StorageUnavailable
from mirage.files import VolumeStore


@pytest.fixture
def store(tmp_path: Path) -> VolumeStore:
    """An empty store of originals."""
    store = VolumeStore(tmp_path)
    store.prepare()
    return store


async def test_file_that_cannot_be_made_is_refused_in_a_sentence(store: VolumeStore) -> None:
    (store.root / "incoming").rmdir()
    with pytest.raises(StorageUnavailable, match="cannot be stored: No such file"):
        store.incoming(10)


async def test_abort_leaves_nothing_when_the_disk_is_full(store: VolumeStore) -> None:
    incoming = store.incoming(1000)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, incoming._file.fileno())
    os.close(full)
    incoming.write(b"buffered")
    with pytest.raises(StorageUnavailable, match="No space left"):
        await incoming.commit()
    incoming.abort()
    assert list((store.root / "incoming").iterdir()) == []
