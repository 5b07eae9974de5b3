"""Names that people choose."""

from uuid import UUID

import pytest

from mirage.errors import InvalidName
from mirage.names import (
    check_document_name,
    check_key_name,
    check_project_name,
    parse_id,
    to_nfc,
)


@pytest.mark.parametrize(
    "name",
    [
        "a.pdf",
        "Война и мир.epub",
        "book/ch01.md",
        "a b (2).txt",
        "п" * 127,
        "x" * 255,
        "/".join(["д" * 120] * 17),
    ],
)
def test_document_name_is_accepted(name: str) -> None:
    check_document_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "../a.pdf", "a/../b.pdf", "/etc/passwd", "a//b", "a\\b.pdf", "a\x00.pdf", "a\n.pdf",
     "x" * 256, "é" * 128, "a/" + "x" * 256, "/".join(["д" * 120] * 17) + "x",
     "a\u202efdp.exe", "..", ".", "a/ /b", "\ud800.txt",
     "a\u200e.md", "a\u200f.md", "a\u061c.md", "\u3164", "\u200b/\u200b"],
)  # fmt: skip
def test_document_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_document_name(name)


@pytest.mark.parametrize("name", ["test", "Полка 1", "a.b", "-", "📚", "می‌خواهم", "क्षि"])
def test_project_name_is_accepted(name: str) -> None:
    check_project_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "a\\b", " a", "a ", "..", ".", "a\x00", "x" * 101,
     "683526e2-508f-5d0d-ad00-000000000000", "683526e2508f5d0dad00000000000000",
     "683526e250-8f5d0dad00000000000000", "{683526e2508f5d0dad00000000000000",
     "683526E2508F5D0DAD00000000000000", "\u200b", "a\u200f", "\u3164", "\u2800", "\u0301",
     "\U000e0041"],
)  # fmt: skip
def test_project_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_project_name(name)


@pytest.mark.parametrize("name", ["", " a", "a\n", "a\u200b", "\u3164", "x" * 101])
def test_key_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_key_name(name)


def test_letter_and_its_mark_are_composed() -> None:
    assert to_nfc("e\u0301.md") == "\u00e9.md"


def test_long_path_is_composed_part_by_part() -> None:
    assert to_nfc("/".join(["e\u0301" * 127] * 16)) == "/".join(["\u00e9" * 127] * 16)


@pytest.mark.parametrize(("end", "composed"), [("", True), ("x", False)])
def test_part_of_400_letters_is_composed_and_no_longer_one(end: str, composed: bool) -> None:
    part = "e\u0301" * 200 + end
    assert to_nfc(f"{part}/e\u0301") == ("\u00e9" * 200 if composed else part) + "/\u00e9"


def test_name_that_is_too_long_takes_no_time() -> None:
    hostile = "a" + "\u0301\u0316" * 1_000_000
    assert to_nfc(hostile) == hostile


def test_id_is_known_in_any_spelling() -> None:
    identity = UUID("683526e2-508f-5d0d-ad00-000000000000")
    assert parse_id("{683526E2508F5D0DAD00000000000000}") == identity
    assert parse_id("683526e2") is None
