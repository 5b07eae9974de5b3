"""What a person can do about originals that no document names."""

import asyncio
import os
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from mirage.adoption import FilesInUse, _with_key, adopt, check, prune
from mirage.db.documents import StoredFile, insert_document
from mirage.db.originals import list_originals
from mirage.documents import _add
from mirage.errors import InvalidName
from mirage.model import MediaType
from mirage.names import check_document_name
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
    note = shelf.store.read_note(key)
    assert note is not None
    digest = sha256(b"another version").hexdigest()
    shelf.store.write_note(other, note.model_copy(update={"sha256": digest}))
    await adopt(shelf.database, shelf.store, "recovered")
    assert await shelf.names() == {
        ("shelf", "a.txt"),
        ("shelf", f"a (recovered {other[:8]}).txt"),
    }


async def test_latest_of_several_versions_gets_the_name(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"the first version")
    (key,) = shelf.originals()
    note = shelf.store.read_note(key)
    assert note is not None
    versions = {shelf.drop(f"version {day}".encode()): day for day in (3, 5, 4)}
    for version, day in versions.items():
        stored_at = datetime(2030, 1, day, tzinfo=UTC)
        digest = sha256(f"version {day}".encode()).hexdigest()
        shelf.store.write_note(
            version, note.model_copy(update={"stored_at": stored_at, "sha256": digest})
        )
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
    note = shelf.store.read_note(key)
    assert note is not None
    shelf.store.write_note(copy, note)
    adopted = await adopt(shelf.database, shelf.store, "recovered")
    assert (adopted.documents, adopted.duplicates) == (0, 1)
    assert shelf.orphans() == {copy}


async def test_original_that_is_missing_is_repaired_by_a_copy(shelf: Shelf) -> None:
    document = await shelf.add("a.txt", b"the same bytes")
    (key,) = shelf.originals()
    note = shelf.store.read_note(key)
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


async def test_file_that_differs_from_its_note_is_named_and_stays(shelf: Shelf) -> None:
    await shelf.add("a.txt", b"what was uploaded")
    (key,) = shelf.originals()
    shelf.store.path(key).write_bytes(b"damaged!!!!!!!!!!")
    await shelf.forget()
    adopted = await adopt(shelf.database, shelf.store, "recovered")
    assert adopted.refused == [(key, "'a.txt' differs from the file that was uploaded")]
    assert shelf.originals() == {key}


async def test_two_who_adopt_at_once_lose_nothing(shelf: Shelf) -> None:
    for number in range(20):
        await shelf.add(f"{number}.txt")
    before = shelf.originals()
    await shelf.forget()
    done = await asyncio.gather(
        *(adopt(shelf.database, shelf.store, "recovered") for _ in range(2)), return_exceptions=True
    )
    assert [type(one) for one in done if isinstance(one, Exception)] in ([], [FilesInUse])
    assert shelf.originals() == before
    assert len(await shelf.names()) == 20


async def test_upload_whose_file_was_adopted_first_keeps_it(shelf: Shelf) -> None:
    await shelf.add("other.txt")
    content = b"on its way in"
    incoming = shelf.store.incoming(100)
    incoming.write(content)
    key = await incoming.commit()
    stored = StoredFile("a.txt", MediaType.TEXT, len(content), sha256(content).digest(), key)
    async with shelf.database.transaction() as connection:
        await insert_document(connection, shelf.project.id, stored)
        _, queued, unneeded = await _add(connection, shelf.project, stored)
    assert (queued, unneeded) == (False, [])


@pytest.mark.parametrize("project", ["", "../x", "a\x1b[31m", "a" * 5000])
async def test_project_that_nobody_could_name_is_refused_first(shelf: Shelf, project: str) -> None:
    lost = shelf.drop()
    with pytest.raises(InvalidName):
        await adopt(shelf.database, shelf.store, project)
    assert shelf.originals() == {lost}


async def test_prune_leaves_what_may_be_an_upload_under_way(shelf: Shelf) -> None:
    await shelf.add("kept.txt")
    young = shelf.drop()
    os.utime(shelf.store.path(young))
    assert await prune(shelf.database, shelf.store, delete=True) == (0, 0)
    assert young in shelf.originals()


async def test_document_that_failed_without_its_original_goes_on_when_it_is_back(
    shelf: Shelf,
) -> None:
    await shelf.add("a.txt", b"some bytes")
    (key,) = shelf.originals()
    shelf.store.set_aside(key, date(2001, 1, 1))
    async with shelf.database.transaction() as connection:
        await connection.execute(
            text("UPDATE document SET status = 'failed', error_code = 'original-missing'")
        )
    await sweep(shelf.database, shelf.store, ORPHAN_DAYS)
    async with shelf.database.transaction() as connection:
        assert await connection.scalar(text("SELECT status FROM document")) == "pending"


def test_name_next_to_one_in_use_keeps_the_bounds_of_names() -> None:
    check_document_name(_with_key("я" * 120 + ".txt", "0" * 32))
    check_document_name(_with_key("/".join(["folder" * 40] * 17) + ".md", "0" * 32))
