"""Names that people choose."""

import pytest

from mirage.errors import InvalidName
from mirage.ingest import check_document_name, check_project_name


@pytest.mark.parametrize("name", ["a.pdf", "Война и мир.epub", "book/ch01.md", "a b (2).txt"])
def test_document_name_is_accepted(name: str) -> None:
    check_document_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "../a.pdf", "a/../b.pdf", "/etc/passwd", "a//b", "a\\b.pdf", "a\x00.pdf", "a\n.pdf",
     "x" * 256, "é" * 128, "a\u202efdp.exe", "..", ".", "a/ /b", "\ud800.txt"],
)  # fmt: skip
def test_document_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_document_name(name)


@pytest.mark.parametrize("name", ["test", "Полка 1", "a.b", "-"])
def test_project_name_is_accepted(name: str) -> None:
    check_project_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "a/b", "a\\b", " a", "a ", "..", ".", "a\x00", "x" * 101,
     "683526e2-508f-5d0d-ad00-000000000000", "683526e2508f5d0dad00000000000000",
     "683526e250-8f5d0dad00000000000000", "{683526e2508f5d0dad00000000000000"],
)  # fmt: skip
def test_project_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidName):
        check_project_name(name)
