"""What a person can do about originals that no document names."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mirage.adoption import adopt, check, prune
from mirage.db.originals import list_originals
from mirage.originals import sweep
from mirage.projects import create_project
from mirage.testing.documents import make_pdf
from tests.originals.conftest import ORPHAN_DAYS, Shelf


async def test_lost_database_is_a_reindex(shelf: Shelf) -> None:
    first = await shelf.add("folder/a.txt")
    await shelf.add("b.md")
    await shelf.forget()
    adopted = await adopt(shelf.database, shelf.store, "recovered")
    assert (adopted.documents, adopted.refused) == (2, [])
    assert await shelf.names() == {("shelf", "folder/a.txt"), ("shelf", "b.md")}
    async with shelf.database.transaction() as connection:
        ids = {item.document_id for item in await list_originals(connection)}
    assert first.id in ids, "a citation from before leads to the same document"
    assert shelf.store.owner() == await shelf.identity()
    await sweep(shelf.database, shelf.store, ORPHAN_DAYS)
    assert shelf.orphans() == set()
    assert await shelf.findings() == {}


async def test_file_without_a_note_is_named_by_its_content(tmp_path: Path, shelf: Shelf) -> None:
    make_pdf(tmp_path / "a.pdf", [["A page."]])
    text, pdf = shelf.drop(b"plain words"), shelf.drop((tmp_path / "a.pdf").read_bytes())
    unclear = shelf.drop(b"\x00\x01\x02\x03")
    adopted = await adopt(shelf.database, shelf.store, "found")
    assert await shelf.names() == {
        ("found", f"recovered-{text[:8]}.txt"),
        ("found", f"recovered-{pdf[:8]}.pdf"),
    }
    assert [key for key, _ in adopted.refused] == [unclear]
    assert shelf.store.path(unclear).exists()


async def test_adopted_version_never_takes_the_name_of_a_document(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"the version of now")
    live = shelf.originals()
    other = shelf.drop(b"another version")
    (key,) = live
    note = shelf.store.read_note(shelf.store.path(key))
    assert note is not None
    shelf.store.write_note(other, note)
    await adopt(shelf.database, shelf.store, "recovered")
    assert await shelf.names() == {
        ("shelf", "a.txt"),
        ("shelf", f"a (recovered {other[:8]}).txt"),
    }


async def test_latest_of_several_versions_gets_the_name(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"the first version")
    (key,) = shelf.originals()
    note = shelf.store.read_note(shelf.store.path(key))
    assert note is not None
    versions = {shelf.drop(f"version {day}".encode()): day for day in (3, 5, 4)}
    for version, day in versions.items():
        stored_at = datetime(2030, 1, day, tzinfo=UTC)
        shelf.store.write_note(version, note.model_copy(update={"stored_at": stored_at}))
    await shelf.forget()
    await adopt(shelf.database, shelf.store, "recovered")
    latest = next(version for version, day in versions.items() if day == 5)
    others = {key, *versions} - {latest}
    assert await shelf.names() == {
        ("shelf", "a.txt"),
        *(("shelf", f"a (recovered {other[:8]}).txt") for other in others),
    }
    async with shelf.database.transaction() as connection:
        named = {item.name: item.key for item in await list_originals(connection)}
    assert named["a.txt"] == latest


async def test_copy_of_what_is_stored_is_set_aside(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"the same bytes")
    (key,) = shelf.originals()
    copy = shelf.drop(b"the same bytes")
    note = shelf.store.read_note(shelf.store.path(key))
    assert note is not None
    shelf.store.write_note(copy, note)
    adopted = await adopt(shelf.database, shelf.store, "recovered")
    assert (adopted.documents, adopted.duplicates) == (0, 1)
    assert shelf.orphans() == {copy}


async def test_original_that_is_missing_is_repaired_by_a_copy(shelf: Shelf) -> None:
    document = await shelf.add("a.txt", b"the same bytes")
    (key,) = shelf.originals()
    note = shelf.store.read_note(shelf.store.path(key))
    shelf.store.path(key).unlink()
    copy = shelf.drop(b"the same bytes")
    assert note is not None
    shelf.store.write_note(copy, note)
    assert [item.name for item in (await check(shelf.database, shelf.store)).missing] == ["a.txt"]
    adopted = await adopt(shelf.database, shelf.store, "recovered")
    assert adopted.repaired == 1
    assert (await check(shelf.database, shelf.store)).missing == []
    assert shelf.store.holds(copy, document.size_bytes)


async def test_orphans_are_adopted_too(shelf: Shelf) -> None:
    await shelf.add("kept.txt")
    lost = shelf.drop(b"set aside before")
    await sweep(shelf.database, shelf.store, ORPHAN_DAYS)
    await adopt(shelf.database, shelf.store, "recovered")
    assert ("recovered", f"recovered-{lost[:8]}.txt") in await shelf.names()
    assert shelf.orphans() == set()


async def test_project_of_a_note_is_the_one_that_has_its_name_now(shelf: Shelf) -> None:
    await shelf.add("a.txt")
    await shelf.forget()
    other = await create_project(shelf.database, "shelf")
    assert other.id != shelf.project.id
    await adopt(shelf.database, shelf.store, "recovered")
    assert await shelf.names() == {("shelf", "a.txt")}


async def test_check_changes_nothing_and_counts(shelf: Shelf) -> None:
    await shelf.add("a.txt")
    lost = shelf.drop()
    report = await check(shelf.database, shelf.store)
    assert (report.survey.originals, report.survey.unknown) == (2, [lost])
    assert report.survey.agrees
    assert lost in shelf.originals()


@pytest.mark.parametrize(("delete", "left"), [(False, 12), (True, 0)])
async def test_prune_sets_aside_whatever_many_there_are_and_deletes_only_when_told(
    shelf: Shelf, delete: bool, left: int
) -> None:
    await shelf.add("kept.txt")
    (kept,) = shelf.originals()
    for _ in range(12):
        shelf.drop()
    moved, deleted = await prune(shelf.database, shelf.store, delete=delete)
    assert (moved, deleted) == (12, 12 - left)
    assert shelf.originals() == {kept}
    assert len(shelf.orphans()) == left
