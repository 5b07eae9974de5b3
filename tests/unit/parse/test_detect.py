import io
import zipfile

import pytest

from mirage.errors import EmptyFile
from mirage.model import MediaType
from mirage.parse.detect import UnsupportedMediaType, WrongExtension, detect

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00"
ZIP = b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 20 + b"notes.doc"
PACKED_FB2 = b"PK\x03\x04" + b"\x00" * 22 + b"\x08\x00\x00\x00book.FB2"
ODS = b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
EPUB = b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/epub+zipPK\x03\x04"
OFFICE = b"PK\x03\x04" + b"\x00" * 26 + b"[Content_Types].xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100


def office(content_type: str) -> bytes:
    """The head of an archive whose first entry is a packed table of content types."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        types = f'<Types><Override ContentType="application/vnd.{content_type}+xml"/></Types>'
        archive.writestr("[Content_Types].xml", types)
    return buffer.getvalue()


WORD = office("openxmlformats-officedocument.wordprocessingml.document.main")
POWERPOINT = office("openxmlformats-officedocument.presentationml.slideshow.main")
EXCEL = office("openxmlformats-officedocument.spreadsheetml.sheet.main")


@pytest.mark.parametrize(
    ("name", "head", "media_type"),
    [
        ("report.pdf", PDF, MediaType.PDF),
        ("REPORT.PDF", PDF, MediaType.PDF),
        ("mail.pdf", b"Content-Type: application/pdf\r\n\r\n" + PDF, MediaType.PDF),
        ("book.epub", EPUB, MediaType.EPUB),
        ("book.epub", ZIP, MediaType.EPUB),
        ("letter.docx", WORD, MediaType.DOCX),
        ("letter.docx", ZIP.replace(b"notes.doc", b"word/styles.xml"), MediaType.DOCX),
        ("letter.docx", OFFICE, MediaType.DOCX),
        ("letter.docx", ZIP, MediaType.DOCX),
        ("letter.docx", OLE, MediaType.DOCX),
        ("book.fb2", b'<?xml version="1.0"?>\n<FictionBook xmlns="x">', MediaType.FB2),
        ("book.FB2", "<FictionBook>".encode("utf-16"), MediaType.FB2),
        ("book.fb2", b"<?xml version='1.0'?><!-- long -->", MediaType.FB2),
        ("Mr. B. 1.fb2.zip", PACKED_FB2, MediaType.FB2),
        ("book.fb2.ZIP", ZIP, MediaType.FB2),
        ("book.fb2", PACKED_FB2, MediaType.FB2),
        ("notes.txt", b"It begins with <FictionBook> there.", MediaType.TEXT),
        ("order.eml", b"Received: from a\r\nSubject: Oil\r\n", MediaType.MAIL),
        ("prices.xlsx", EXCEL, MediaType.XLSX),
        ("prices.xlsx", ZIP.replace(b"notes.doc", b"xl/styles.xml"), MediaType.XLSX),
        ("prices.xlsm", OFFICE, MediaType.XLSX),
        ("prices.xlsx", OLE, MediaType.XLSX),
        ("prices.ods", ODS, MediaType.ODS),
        ("prices.ods", ZIP, MediaType.ODS),
        ("letter.odt", ODS.replace(b"spreadsheet", b"text"), MediaType.ODT),
        ("talk.odp", ODS.replace(b"spreadsheet", b"presentation"), MediaType.ODP),
        ("talk.pptx", ZIP, MediaType.PPTX),
        ("talk.ppsx", POWERPOINT, MediaType.PPTX),
        ("run.py", b"print(1)\n", MediaType.TEXT),
        ("app.log", b"2026-01-01 start\n", MediaType.TEXT),
        ("data.json", b"{}", MediaType.TEXT),
        ("Dockerfile.yaml", b"a: 1\n", MediaType.TEXT),
        ("prices.csv", b"Name;Preis\n\xd6l;1,50\n", MediaType.CSV),
        ("prices.TSV", "Имя\tЦена\n".encode("utf-16"), MediaType.CSV),
        ("page.html", b"<!DOCTYPE html><p>Hello", MediaType.HTML),
        ("page.HTM", b"<p>Hello", MediaType.HTML),
        ("page.xhtml", b'<?xml version="1.0"?><html/>', MediaType.HTML),
        ("page.html", "<p>Привет".encode("utf-16"), MediaType.HTML),
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
        (
            "book.epub",
            OFFICE,
            "“book.epub” is named like an EPUB, but it holds an Office document.",
        ),
        ("book.epub", WORD, "“book.epub” is named like an EPUB, but it holds a Word document."),
        (
            "a.docx",
            EXCEL,
            "“a.docx” is named like a Word document, but it holds an Excel workbook.",
        ),
        ("a.docx", PDF, "“a.docx” is named like a Word document, but it holds a PDF."),
        ("a.docx", b"Hello\n", "“a.docx” is named like a Word document, but it holds plain text."),
        ("page.html", PDF, "“page.html” is named like an HTML page, but it holds a PDF."),
        ("book.zip", PACKED_FB2, "“book.zip” holds an FB2 book, but its name does not say so."),
        (
            "book.xml",
            b"<FictionBook>",
            "“book.xml” holds an FB2 book, but its name does not say so.",
        ),
        ("book.fb2", EPUB, "“book.fb2” is named like an FB2 book, but it holds an EPUB."),
        ("a.xlsx", WORD, "“a.xlsx” is named like an Excel workbook, but it holds a Word document."),
        (
            "a.xlsx",
            ODS,
            "“a.xlsx” is named like an Excel workbook, but it holds an OpenDocument spreadsheet.",
        ),
        (
            "a.ods",
            ODS.replace(b"spreadsheet", b"text"),
            "“a.ods” is named like an OpenDocument spreadsheet, but it holds an OpenDocument text.",
        ),
        ("a.eml", PDF, "“a.eml” is named like a mail, but it holds a PDF."),
        ("a.csv", EXCEL, "“a.csv” is named like a CSV table, but it holds an Excel workbook."),
        ("letter", WORD, "“letter” holds a Word document, but its name does not say so."),
        ("page", b"<html>", "“page” holds an HTML page, but its name does not say so."),
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


@pytest.mark.parametrize("name", ["letter.vsdx", "letter", ".pdf", "letter.pdf.exe"])
def test_detect_refuses_other_names_and_lists_what_is_accepted(name: str) -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        detect(name, OFFICE)
    assert "accepted are .pdf, .epub, .docx, .fb2, .fb2.zip, .xlsx" in str(caught.value)
    assert ".html, .htm, .xhtml, .md, .markdown, .mdx" in str(caught.value)
    assert "an Office document" in str(caught.value)


def test_detect_says_what_to_do_with_an_old_word_document() -> None:
    with pytest.raises(UnsupportedMediaType) as caught:
        detect("letter.doc", OLE)
    assert str(caught.value) == (
        "“letter.doc” cannot be read: it holds an old Office document; save it as .docx or as PDF."
    )


def test_detect_unpacks_no_more_than_it_needs() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b" " * 10**6 + b"spreadsheetml.sheet.main")
    assert detect("a.docx", buffer.getvalue()) is MediaType.DOCX


def test_detect_refuses_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        detect("notes.txt", b"")


def test_detect_shows_a_hostile_name_short_and_harmless() -> None:
    with pytest.raises(WrongExtension) as caught:
        detect("x" * 300 + "\u202egnp.\x00\n.pdf", PNG)
    sentence = str(caught.value)
    assert len(sentence) < 130
    assert not any(character in sentence for character in "\u202e\x00\n")
