import pytest

from mirage.errors import EmptyFile, UnsupportedMediaType, WrongExtension
from mirage.model import MediaType
from mirage.parse import detect

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 20 + b"notes.doc"
EPUB = b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/epub+zipPK\x03\x04"
DOCX = b"PK\x03\x04" + b"\x00" * 26 + b"[Content_Types].xml"


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("report.pdf", PDF, MediaType.PDF),
        ("REPORT.PDF", PDF, MediaType.PDF),
        ("mail.pdf", b"Content-Type: application/pdf\r\n\r\n" + PDF, MediaType.PDF),
        ("book.epub", EPUB, MediaType.EPUB),
        ("book.epub", ZIP, MediaType.EPUB),
        ("notes.md", b"# Notes\n", MediaType.MARKDOWN),
        ("notes.Markdown", b"<html>a page</html>", MediaType.MARKDOWN),
        ("notes.txt", "Привет".encode("cp1251"), MediaType.TEXT),
        ("notes.text", "Привет, мир".encode("utf-16"), MediaType.TEXT),
        ("notes.txt", "a plain line".encode("utf-16-le"), MediaType.TEXT),
        ("notes.txt", b"The header reads %PDF-1.7 there.", MediaType.TEXT),
    ],
)
def test_detect_accepts_what_name_and_content_agree_on(
    name: str, head: bytes, media_type: MediaType
) -> None:
    assert detect(name, head) is media_type


@pytest.mark.parametrize(
    ("name", "head", "sentence"),
    [
        ("report.pdf", PNG, "“report.pdf” is named like a PDF, but it holds a PNG image."),
        ("report.pdf", ZIP, "“report.pdf” is named like a PDF, but it holds a ZIP archive."),
        ("report.pdf", EPUB, "“report.pdf” is named like a PDF, but it holds an EPUB."),
        ("report.pdf", b"Hello\n", "“report.pdf” is named like a PDF, but it holds plain text."),
        (
            "report.pdf",
            b"<!DOCTYPE html><p>Sign in",
            "“report.pdf” is named like a PDF, but it holds an HTML page.",
        ),
        ("book.epub", PDF, "“book.epub” is named like an EPUB, but it holds a PDF."),
        ("book.epub", DOCX, "“book.epub” is named like an EPUB, but it holds an Office document."),
        ("notes.txt", PDF, "“notes.txt” is named like plain text, but it holds a PDF."),
        ("notes.md", PNG, "“notes.md” is named like Markdown, but it holds a PNG image."),
        (
            "notes.txt",
            bytes(range(256)) * 4,
            "“notes.txt” is named like plain text, but it holds binary data.",
        ),
        ("scan.bin", PDF, "“scan.bin” holds a PDF, but its name does not say so."),
    ],
)
def test_detect_refuses_a_name_that_differs_from_the_content(
    name: str, head: bytes, sentence: str
) -> None:
    with pytest.raises(WrongExtension) as caught:
        detect(name, head)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("name", ["letter.docx", "letter", ".pdf", "letter.pdf.exe"])
def test_detect_refuses_other_names_and_lists_what_is_accepted(name: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        detect(name, DOCX)
    assert ".pdf, .epub, .md, .markdown, .txt, .text" in str(caught.value)
    assert "an Office document" in str(caught.value)


def test_detect_refuses_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        detect("notes.txt", b"")


def test_detect_shows_a_hostile_name_short_and_harmless() -> None:
    with pytest.raises(WrongExtension) as caught:
        detect("x" * 300 + "\u202egnp.\x00\n.pdf", PNG)
    sentence = str(caught.value)
    assert len(sentence) < 130
    assert not any(character in sentence for character in "\u202e\x00\n")
