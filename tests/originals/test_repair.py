"""The same bytes again repair a document whose original is lost."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mirage.documents import open_original, reindex_document
from mirage.errors import OriginalMissing, OriginalsAway
from mirage.originals import require_owner
from tests.originals.conftest import Shelf


def _remove(path: Path) -> None:
    path.unlink()


def _cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [_remove, _cut_short])
async def test_same_bytes_store_a_lost_original_again(
    shelf: Shelf, harm: Callable[[Path], None]
) -> None:
    document = await shelf.add("a.txt", b"some bytes")
    (key,) = shelf.originals()
    harm(shelf.store.path(key))
    assert (await shelf.add("a.txt", b"some bytes")).id == document.id
    (repaired,) = shelf.originals()
    _, file = await open_original(shelf.database, shelf.store, shelf.project, document.id)
    with file.content as content:
        assert content.read() == b"some bytes"
    note = shelf.store.read_note(repaired)
    assert note is not None
    assert note.name == "a.txt"


async def test_same_bytes_leave_an_original_that_is_there(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"some bytes")
    before = shelf.originals()
    await shelf.add("b.txt", b"some bytes")
    assert shelf.originals() == before
    assert list((shelf.store.root / "incoming").iterdir()) == []


async def test_lost_original_is_named_where_it_is_needed(shelf: Shelf) -> None:
    document = await shelf.add("a.txt")
    shutil.rmtree(shelf.store.path(next(iter(shelf.originals()))).parent)
    for use in (open_original, reindex_document):
        with pytest.raises(OriginalMissing, match=r"'a\.txt' is missing in "):
            await use(shelf.database, shelf.store, shelf.project, document.id)


async def test_first_file_says_whose_the_store_is(shelf: Shelf) -> None:
    assert shelf.store.owner() is None
    await shelf.add("a.txt")
    assert shelf.store.owner() == await shelf.identity()


async def test_file_in_a_store_that_is_not_empty_claims_nothing(shelf: Shelf) -> None:
    shelf.drop()
    await shelf.add("a.txt")
    assert shelf.store.owner() is None


async def test_upload_into_a_volume_that_is_not_mounted_is_refused(shelf: Shelf) -> None:
    await shelf.add("a.txt")
    away = shelf.store.root.with_name("away")
    shelf.store.root.rename(away)
    shelf.store.root.mkdir()  # The folder on which the volume is mounted.
    for use in (shelf.add("b.txt"), require_owner(shelf.database, shelf.store)):
        with pytest.raises(OriginalsAway, match="is empty, but this database has documents"):
            await use
    assert shelf.store.owner() is None
    assert shelf.originals() == set()
