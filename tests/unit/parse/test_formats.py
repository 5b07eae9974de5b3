import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import mirage
from mirage.cli.documents import NothingToAdd
from mirage.model import MediaType
from mirage.parse.detect import UnsupportedMediaType, extension_of
from mirage.parse.formats import EXTENSIONS, FORMATS, Format, ending_of, type_of

LIBRARIES = ("gcld3", "lxml", "markdown_it", "pypdfium2")
"""What the parsers bring, and a process that only detects types must not."""


@pytest.fixture(params=FORMATS, ids=lambda row: row.media_type.name)
def row(request: pytest.FixtureRequest) -> Format:
    found: Format = request.param
    return found


def test_each_media_type_has_one_row() -> None:
    assert [row.media_type for row in FORMATS] == list(MediaType)


def test_no_two_formats_share_an_ending() -> None:
    assert len(EXTENSIONS) == sum(len((*row.endings, *row.further_endings)) for row in FORMATS)


def test_endings_are_written_as_they_are_compared(row: Format) -> None:
    assert all(
        ending.startswith(".") and ending == ending.lower()
        for ending in (*row.endings, *row.further_endings)
    )


@pytest.mark.parametrize(
    ("name", "ending", "media_type"),
    [
        ("a.PDF", ".PDF", MediaType.PDF),
        ("a.fb2.Zip", ".fb2.Zip", MediaType.FB2),
        ("a/b.c/d.zip", ".zip", None),
        ("a.pdf.zip", ".zip", None),
        (".fb2", "", None),
        ("a", "", None),
    ],
)
def test_ending_may_be_two(name: str, ending: str, media_type: MediaType | None) -> None:
    assert ending_of(name) == ending
    assert type_of(name) is media_type


def test_parser_is_a_module_that_parses(row: Format) -> None:
    assert callable(import_module(row.parser).parse)


def test_remedies_name_each_format(row: Format) -> None:
    for error in (UnsupportedMediaType, NothingToAdd):
        assert f"{row.name} ({row.endings[0]})" in error("x").remedy()


def test_remedy_is_a_sentence() -> None:
    assert UnsupportedMediaType("x").remedy() == (
        "Send a PDF (.pdf), an EPUB (.epub), a Word document (.docx), an FB2 book (.fb2), an Excel"
        " workbook (.xlsx), an OpenDocument spreadsheet (.ods), an OpenDocument text (.odt), a"
        " PowerPoint presentation (.pptx), an OpenDocument presentation (.odp), an RTF document"
        " (.rtf), a CSV table (.csv), a mail (.eml), an HTML page (.html), Markdown (.md), a"
        " Jupyter notebook (.ipynb) or plain text (.txt), in a file whose name has that ending."
    )


@pytest.mark.parametrize(
    ("head", "ending"),
    [
        (b"%PDF-1.7\n", ".pdf"),
        (b"\0" * 100 + b"%PDF-1.7\n", ".pdf"),
        (b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/epub+zip", ".epub"),
        (b"PK\x03\x04" + b"\0" * 26 + b"notes.doc", ".epub"),
        (b"PK\x03\x04" + b"\0" * 26 + b"word/styles.xml", ".docx"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", ".docx"),
        (b"\xd0\xcf\x11\xe0", ".docx"),
        (b"PK\x03\x04" + b"\0" * 26 + b"xl/styles.xml", ".xlsx"),
        (b"<FictionBook ", ".fb2"),
        (b"<!DOCTYPE html>", ".html"),
        (b"# Notes\n", ".txt"),
        (b"\x89PNG\r\n\x1a\n", ""),
        (b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.word/", ""),
    ],
)
def test_ending_follows_from_the_content(head: bytes, ending: str) -> None:
    assert extension_of(head) == ending


@pytest.mark.slow
def test_detecting_a_type_imports_no_parser() -> None:
    program = (
        "import sys; import mirage.api.app, mirage.parse\n"
        "mirage.parse.detect('a.txt', 'Größe'.encode('latin-1'))\n"
        "print(*sys.modules)"
    )
    environment = {"PYTHONPATH": str(Path(mirage.__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "mirage.parse.formats" in loaded
    assert [name for name in loaded if name.split(".")[0] in LIBRARIES] == []
    assert [row.parser for row in FORMATS if row.parser in loaded] == []
