import zipfile
from pathlib import Path

import pytest

from mirage.errors import Damaged, Encrypted, UnsafeArchive
from mirage.parse import archive
from mirage.parse.archive import Archive, resolve
from mirage.testing import make_zip


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "a/../../b", "/etc/passwd", "..\\..\\b", "C:/b", "a\0../b"],
)
def test_archive_with_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.zip"
    entry = zipfile.ZipInfo("x" * len(name))
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(entry, b"")
    # zipfile mends hostile names when it writes them.
    path.write_bytes(path.read_bytes().replace(b"x" * len(name), name.encode()))
    with pytest.raises(UnsafeArchive, match="points outside of its folder"):
        Archive(path)


def test_read_gives_an_entry_whatever_its_unicode_form(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"cafe\u0301.xhtml": b"text"})
    with Archive(path) as opened:
        assert "caf\u00e9.xhtml" in opened
        assert opened.read("caf\u00e9.xhtml") == b"text"
        assert "other.xhtml" not in opened


def test_backslash_parts_names_as_old_programs_write_them(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"aXb.xhtml": b"text"})
    path.write_bytes(path.read_bytes().replace(b"aXb", b"a\\b"))
    with Archive(path) as opened:
        assert opened.read("a/b.xhtml") == b"text"
    assert resolve("a/b.xhtml", "..\\c.xhtml") == ("c.xhtml", "")


def test_archive_that_would_unpack_to_an_absurd_size_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("zeros", bytes(1024))
        file.getinfo("zeros").file_size = 520 * 1024 * 1024  # Goes into the directory at the end.
    with pytest.raises(UnsafeArchive, match="unpacks to a suspicious size: 0 MiB would become 520"):
        Archive(path)


def test_read_stops_at_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRY_BYTES", 1024 * 1024)
    path = make_zip(tmp_path / "a.zip", {"big": bytes(1024 * 1024 + 1), "fits": bytes(1024 * 1024)})
    with Archive(path) as opened:
        assert len(opened.read("fits")) == 1024 * 1024
        with pytest.raises(UnsafeArchive, match="'big' takes more than 1 MiB"):
            opened.read("big")


def test_reads_together_stop_at_their_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_READ_BYTES", 2500)
    path = make_zip(tmp_path / "a.zip", {name: bytes(1000) for name in "abc"})
    with Archive(path) as opened:
        opened.read("a")
        opened.read("b")
        with pytest.raises(UnsafeArchive):
            opened.read("c")


def test_archive_with_too_many_entries_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_ENTRIES", 3)
    path = make_zip(tmp_path / "a.zip", dict.fromkeys("abcd", b""))
    with pytest.raises(UnsafeArchive, match="4 entries; at most 3"):
        Archive(path)


def test_entry_that_was_changed_is_damaged(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"mimetype": b"application/epub+zip"})
    path.write_bytes(path.read_bytes().replace(b"epub", b"opub", 1))
    with Archive(path) as opened, pytest.raises(Damaged, match="'mimetype' cannot be unpacked"):
        opened.read("mimetype")


def test_entry_behind_a_password_is_encrypted(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"mimetype": b"text"})
    content = bytearray(path.read_bytes())
    content[6] |= 1  # The flag in the entry's own header, and the one in the directory.
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with Archive(path) as opened, pytest.raises(Encrypted):
        opened.read("mimetype")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"no archive at all"])
def test_what_is_no_archive_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        Archive(path)


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("b.xhtml", ("OEBPS/text/b.xhtml", "")),
        ("b.xhtml#p%201", ("OEBPS/text/b.xhtml", "p 1")),
        ("../img/%E4%B8%80.png", ("OEBPS/img/一.png", "")),
        ("../../top.xhtml", ("top.xhtml", "")),
        ("#here", ("OEBPS/text/a.xhtml", "here")),
        ("https://example.org/b.xhtml", None),
        ("//example.org/b.xhtml", None),
        ("mailto:a@example.org", None),
    ],
)
def test_resolve(reference: str, target: tuple[str, str] | None) -> None:
    assert resolve("OEBPS/text/a.xhtml", reference) == target


@pytest.mark.parametrize(
    "reference",
    [
        "../../../etc/passwd",
        "/etc/passwd",
        "%2e%2e/%2e%2e/%2e%2e/a",
        "..\\..\\..\\a",
        "C:\\a",
        "file:///a",
    ],
)
def test_resolve_refuses_what_leads_out(reference: str) -> None:
    with pytest.raises(UnsafeArchive):
        resolve("OEBPS/text/a.xhtml", reference)


def test_entry_is_read_piece_by_piece_up_to_the_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mirage.parse.archive.MAX_READ_BYTES", 1000)
    path = make_zip(tmp_path / "a.zip", {"a": b"0123456789" * 60, "b": b"x" * 600})
    with Archive(path) as archive:
        with archive.open("a") as file:
            assert (file.read(4), file.read(3)) == (b"0123", b"456")
            assert len(file.read()) == 593
        with pytest.raises(UnsafeArchive, match="suspicious size"), archive.open("b") as file:
            file.read(600)
        with pytest.raises(KeyError), archive.open("c"):
            pass


def test_entry_whose_place_is_wrong_is_damaged(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"a": b"text"})
    content = bytearray(path.read_bytes())
    place = content.index(b"PK\x01\x02") + 42  # The offset of the entry, in the directory.
    content[place : place + 4] = b"\xff\xff\xff\x0f"
    path.write_bytes(content)
    with Archive(path) as archive, pytest.raises(Damaged), archive.open("a"):
        pass
