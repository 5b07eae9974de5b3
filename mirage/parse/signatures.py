"""Recognises files by their first bytes, without regard to their names."""

import re
import zipfile
import zlib

from mirage.parse.characters.decoding import holds_text

SOME_ZIP = "a ZIP archive"
SOME_OFFICE = "an Office document"
OLD_OFFICE = "an old Office document"

_ZIP = b"PK\x03\x04"
_EPUB = b"mimetypeapplication/epub+zip"
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis"
_OPEN_KIND = _OPEN_DOCUMENT + b".opendocument."
_CONTENT_TYPES = b"[Content_Types].xml"
_MAX_CONTENT_TYPES = 64 * 1024  # Unpacked bytes; the table of a large document takes some 5,000.
# The entry in the table of content types, and the folder that counts if the table is not visible.
_WORD = (b"wordprocessingml.document.main", b"word/")
_EXCEL = (b"spreadsheetml.sheet.main", b"xl/")
_POWERPOINT = (
    b"presentationml.presentation.main",
    b"presentationml.slideshow.main",
    b"ms-powerpoint.presentation.macroEnabled.main",
    b"ms-powerpoint.slideshow.macroEnabled.main",
)
_PDF = b"%PDF-"
_PDF_WITHIN = 1024  # Readers accept the header anywhere in the first 1,024 bytes.
_HTML = re.compile(rb"\s*(<!doctype html|<html[\s>])", re.IGNORECASE)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<")
_FB2 = re.compile(rb"<FictionBook[\s>]")
_FOREIGN = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"AT&TFORM", "a DjVu document"),
    (b"%!PS", "a PostScript document"),
    (b"\xd0\xcf\x11\xe0", OLD_OFFICE),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)


def begins_pdf(head: bytes) -> bool:
    """Return whether a PDF header is the first thing in the file."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PDF)


def has_pdf_header(head: bytes) -> bool:
    """Return whether a PDF header is where readers look for it; a text may quote one there."""
    return _PDF in head[:_PDF_WITHIN]


def is_rtf(head: bytes) -> bool:
    """Return whether the file begins as RTF; some programs leave a letter out."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{\\rt")


def is_epub(head: bytes) -> bool:
    """Return whether the archive begins as the EPUB standard asks."""
    return head.startswith(_ZIP) and head[30:].startswith(_EPUB)


def is_word(head: bytes) -> bool:
    """Return whether the archive holds the main part of a Word document."""
    if not head.startswith(_ZIP) or _OPEN_DOCUMENT in head:
        return False
    return _is_office(head, _content_types(head), *_WORD)


def is_excel(head: bytes) -> bool:
    """Return whether the archive holds the main part of an Excel workbook."""
    if not head.startswith(_ZIP) or _OPEN_DOCUMENT in head:
        return False
    return _is_office(head, _content_types(head), *_EXCEL)


def is_powerpoint(head: bytes) -> bool:
    """Return whether the archive holds the main part of a PowerPoint presentation."""
    if not head.startswith(_ZIP) or _OPEN_DOCUMENT in head:
        return False
    types = _content_types(head)
    return any(_is_office(head, types, main, b"ppt/") for main in _POWERPOINT)


def is_open_spreadsheet(head: bytes) -> bool:
    """Return whether the archive begins as an OpenDocument spreadsheet, also as a template."""
    return _is_open(head, b"spreadsheet")


def is_open_text(head: bytes) -> bool:
    """Return whether the archive begins as an OpenDocument text, also as a template."""
    return _is_open(head, b"text")


def is_open_presentation(head: bytes) -> bool:
    """Return whether the archive begins as an OpenDocument presentation, also as a template."""
    return _is_open(head, b"presentation")


def is_fb2(head: bytes) -> bool:
    """Return whether the file is a FictionBook, or an archive whose first entry is named as one."""
    if head.startswith(_ZIP):
        name = head[30 : 30 + int.from_bytes(head[26:28], "little")]
        return name.lower().endswith(b".fb2")
    plain = head.replace(b"\0", b"")  # It may be written in UTF-16.
    return _MARKUP.match(plain) is not None and _FB2.search(plain) is not None


def is_html(head: bytes) -> bool:
    """Return whether the file begins like a whole page of HTML."""
    return _HTML.match(head) is not None


def is_text(head: bytes) -> bool:
    """Return whether the file is text in some encoding, but not a known format written as text."""
    return foreign_format(head) is None and holds_text(head)


def foreign_format(head: bytes) -> str | None:
    """Return how sentences call a file of another format, by its signature; None without one."""
    if head.startswith(_ZIP):
        return _foreign_archive(head)
    return next((what for signature, what in _FOREIGN if head.startswith(signature)), None)


def _is_open(head: bytes, kind: bytes) -> bool:
    return head.startswith(_ZIP) and head[30:].startswith(_OPEN_KIND + kind)


def _foreign_archive(head: bytes) -> str:
    if _OPEN_DOCUMENT in head:
        return "an OpenDocument file"
    return SOME_OFFICE if _CONTENT_TYPES in head else SOME_ZIP


def _is_office(head: bytes, types: bytes, content_type: bytes, folder: bytes) -> bool:
    return content_type in types or (not types and folder in head)


def _content_types(head: bytes) -> bytes:
    """Return the beginning of an Office document's table of content types; empty if out of sight.

    The table is read only where it is the first entry of the archive.
    """
    if not head.startswith(_CONTENT_TYPES, 30):
        return b""
    begin = 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    if int.from_bytes(head[8:10], "little") != zipfile.ZIP_DEFLATED:
        return head[begin:]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(head[begin:], _MAX_CONTENT_TYPES)
    except zlib.error:
        return b""
