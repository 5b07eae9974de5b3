"""Which files are sent, of those that were named."""

import os
from pathlib import Path

import pytest
import typer

from mirage.cli.paths import find_files
from mirage.cli.skipped import Skipped


@pytest.fixture
def books(tmp_path: Path) -> Path:
    """A folder with documents at two depths, a file of no known kind, and links in circles."""
    folder = tmp_path / "books"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.pdf", "b.md", "c.xyz", "sub/d.pdf"):
        (folder / name).touch()
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "self.pdf").symlink_to(folder / "self.pdf")
    return folder


def _names(*paths: Path) -> list[str]:
    skipped = Skipped()
    found = [name for _, name in find_files(list(paths), skipped)]
    assert (skipped.unreadable, skipped.aside) == ([], [])
    return found


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("", ["books/a.pdf", "books/b.md", "books/sub/d.pdf"]),
        ("*.pdf", ["a.pdf"]),
        ("*", ["a.pdf", "b.md", "sub/d.pdf"]),
        ("[ab].*", ["a.pdf", "b.md"]),
        ("**/*.pdf", ["books/a.pdf", "books/sub/d.pdf"]),
        ("**", ["books/a.pdf", "books/b.md", "books/sub/d.pdf"]),
        ("*/d.pdf", ["d.pdf"]),
    ],
)
def test_folder_or_pattern_gives_its_documents(books: Path, pattern: str, names: list[str]) -> None:
    assert _names(books / pattern) == names


@pytest.mark.parametrize("pattern", ["", "**", "*"])
def test_files_of_other_formats_are_counted_by_their_ending(books: Path, pattern: str) -> None:
    for name in ("sub/E.XYZ", "sub/Makefile", ".hidden", "sub/Thumbs.db"):
        (books / name).touch()
    skipped = Skipped()
    find_files([books / pattern], skipped)
    assert skipped.describe_unsupported() == "unsupported: .xyz 2, no extension 1"


def test_only_the_most_frequent_endings_are_named() -> None:
    skipped = Skipped()
    for number in range(7):
        for _ in range(8 - number):
            skipped.add_unsupported(Path(f"a.{number}"))
    skipped.add_unsupported(Path("a.\x1b[1m"))
    skipped.add_unsupported(Path(f"a.{'long' * 9}"))
    assert skipped.describe_unsupported() == "unsupported: .0 8, .1 7, .2 6, .3 5, .4 4, other 7"


def test_file_is_sent_once_however_often_it_is_named(books: Path) -> None:
    assert _names(books / "a.pdf", books / "*.pdf", books / "[a].pdf") == ["a.pdf"]


def test_file_is_sent_once_under_whatever_names_it_is_reached(books: Path) -> None:
    (books / "link.md").symlink_to("b.md")
    assert _names(books / "sub" / ".." / "b.md", books / "link.md", books / "*.md") == ["b.md"]


@pytest.mark.parametrize(
    ("first", "second"),
    [("b.md", "b.md"), ("\u00e9.md", "e\u0301.md"), ('".md', "%22.md")],
)
def test_files_of_one_name_are_refused_before_one_replaces_the_other(
    books: Path, first: str, second: str
) -> None:
    (books / first).touch()
    (books / "sub" / second).touch()
    with pytest.raises(typer.BadParameter) as refused:
        _names(books / first, books / "sub" / second)
    assert f"'{books}/{first}' and '{books}/sub/{second}' would both get the name" in str(
        refused.value
    )


def test_file_named_by_itself_is_sent_whatever_it_is(books: Path) -> None:
    assert _names(books / "c.xyz") == ["c.xyz"]


def test_file_whose_name_looks_like_a_pattern_is_itself(books: Path) -> None:
    (books / "[b].md").touch()
    assert _names(books / "[b].md") == ["[b].md"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("*.epub", r"no supported file matches '.*/\*\.epub'"),
        ("*.xyz", "no supported file matches"),
        ("none.pdf", "'.*/none.pdf' does not exist"),
        ("a\x1b.pdf", r"'.*/a\\x1b.pdf' does not exist"),
        ("\udcff.pdf", r"'.*/\\udcff.pdf' does not exist"),
        ("[***", r"/\[\*\*\*'"),
    ],
)
def test_what_names_nothing_is_a_wrong_command_line(books: Path, name: str, message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        _names(books / name)


def test_folder_that_cannot_be_looked_into_is_told(
    books: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not by its mode, which does not keep root out.
    scan = os.scandir

    def closed(path: str) -> "os._ScandirIterator[str]":
        if os.fspath(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", closed)
    skipped = Skipped()
    found = find_files([books], skipped)
    assert [name for _, name in found] == ["books/a.pdf", "books/b.md"]
    assert [error.filename for error in skipped.unreadable] == [str(books / "sub")]
    assert skipped.aside == []


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    """A folder with two documents among what programs and systems leave there."""
    folder = tmp_path / "vault"
    for name in (
        "note.md", "sub/deep.md", ".git/readme.md", ".obsidian/theme.md", ".trash/old.md",
        "sub/node_modules/lib/README.md", "__MACOSX/._note.md", "@eaDir/note.md/thumb.txt",
        "._note.md", "~$x.docx", ".hidden.md", ".DS_Store", "Thumbs.db", "desktop.ini",
    ):  # fmt: skip
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


_ASIDE = [
    ".git", ".hidden.md", "._note.md", ".obsidian", ".trash", "@eaDir", "__MACOSX",
    "desktop.ini", "sub/node_modules", "~$x.docx",
]  # fmt: skip


def _sorted_out(folder: Path, *paths: Path) -> tuple[list[str], list[str]]:
    skipped = Skipped()
    found = [name for _, name in find_files(list(paths), skipped)]
    assert skipped.unreadable == []
    return found, sorted(path.relative_to(folder).as_posix() for path in set(skipped.aside))


@pytest.mark.parametrize("pattern", ["", "**", "**/*.*"])
def test_what_systems_leave_in_a_folder_is_passed_by(vault: Path, pattern: str) -> None:
    found, passed = _sorted_out(vault, vault / pattern)
    assert found == ["vault/note.md", "vault/sub/deep.md"]
    assert set(_ASIDE) >= set(passed) >= {".hidden.md", "._note.md", "~$x.docx"}
    if pattern == "":
        assert passed == sorted(_ASIDE)


@pytest.mark.parametrize(
    ("named", "found"),
    [
        (".obsidian", [".obsidian/theme.md"]),
        (".hidden.md", [".hidden.md"]),
        ("sub/node_modules", ["node_modules/lib/README.md"]),
        (".obsidian/*.md", ["theme.md"]),
        ("*/node_modules/**/*.md", ["vault/sub/node_modules/lib/README.md"]),
        (".h*", [".hidden.md"]),
        ("s*/../note.*", ["note.md"]),
    ],
)
def test_what_is_hidden_is_read_where_it_is_named(
    vault: Path, named: str, found: list[str]
) -> None:
    assert _sorted_out(vault, vault / named)[0] == found


@pytest.mark.parametrize(
    ("name", "content", "passed"),
    [
        ("Thumbs.db", b"\xd0\xcf\x11\xe0", True),
        (".DS_Store", b"", True),
        ("desktop.ini", b"[.ShellClassInfo]", True),
        ("~$x.docx", b"\x05keeper", True),
        ("~$x.docx", b"PK\x03\x04", False),
        ("._x.pdf", b"\x00\x05\x16\x07\x00", True),
        ("._x.pdf", b"%PDF-1.7", False),
    ],
)
def test_file_that_the_shell_named_with_all_others_is_passed_by(
    tmp_path: Path, name: str, content: bytes, passed: bool
) -> None:
    (tmp_path / name).write_bytes(content)
    expected = ([], [name]) if passed else ([name], [])
    assert _sorted_out(tmp_path, tmp_path / name) == expected
