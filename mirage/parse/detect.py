"""What a file is: its name and its first bytes must agree."""

import re
import unicodedata
import zipfile
import zlib
from pathlib import PurePath

from mirage.errors import EmptyFile, UnsupportedMediaType, WrongExtension
from mirage.model import MediaType
from mirage.parse.characters.decoding import holds_text

HEAD_BYTES = 4096
"""How much of a file `detect` wants to see."""

EXTENSIONS: dict[str, MediaType] = {
    ".pdf": MediaType.PDF,
    ".epub": MediaType.EPUB,
    ".docx": MediaType.DOCX,
    ".html": MediaType.HTML,
    ".htm": MediaType.HTML,
    ".xhtml": MediaType.HTML,
    ".md": MediaType.MARKDOWN,
    ".markdown": MediaType.MARKDOWN,
    ".txt": MediaType.TEXT,
    ".text": MediaType.TEXT,
}
_TEXTUAL = (MediaType.HTML, MediaType.MARKDOWN, MediaType.TEXT)
_NAMES = {
    MediaType.PDF: "a PDF",
    MediaType.EPUB: "an EPUB",
    MediaType.DOCX: "a Word document",
    MediaType.HTML: "an HTML page",
    MediaType.MARKDOWN: "Markdown",
    MediaType.TEXT: "plain text",
}
_SOME_ZIP = "a ZIP archive"
_SOME_OFFICE = "an Office document"
_OLD_OFFICE = "an old Office document"
_ZIP = b"PK\x03\x04"
_EPUB = b"mimetypeapplication/epub+zip"
_CONTENT_TYPES = b"[Content_Types].xml"
_MAX_CONTENT_TYPES = 64 * 1024  # Unpacked; large documents have some 5,000 bytes.
_OPEN_DOCUMENT = b"mimetypeapplication/vnd.oasis"
# What the table of content types says, and which folders there are where it is out of sight.
_OFFICE: tuple[tuple[bytes, bytes, MediaType | str], ...] = (
    (b"wordprocessingml.document.main", b"word/", MediaType.DOCX),
    (b"spreadsheetml.sheet.main", b"xl/", "an Excel workbook"),
    (b"presentationml.presentation.main", b"ppt/", "a PowerPoint presentation"),
)
_PDF = b"%PDF-"
_PDF_WITHIN = 1024  # Readers accept the header anywhere in the first 1,024 bytes.
_SIGNATURES = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"AT&TFORM", "a DjVu document"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript document"),
    (b"\xd0\xcf\x11\xe0", _OLD_OFFICE),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
# Tools write the entries in any order, and an Office file under a password is one of the old kind:
# the parser sees all of the file, and decides.
_FOR_THE_PARSER: dict[MediaType, tuple[MediaType | str, ...]] = {
    MediaType.EPUB: (_SOME_ZIP,),
    MediaType.DOCX: (_SOME_ZIP, _SOME_OFFICE, _OLD_OFFICE),
}
_HTML = re.compile(rb"\s*(<!doctype html|<html[\s>])", re.IGNORECASE)
_SHOWN_CHARACTERS = 60


def detect(name: str, head: bytes) -> MediaType:
    """The type that the name's extension and the content agree on.

    `head` is the first `HEAD_BYTES` of the file. Raises EmptyFile, WrongExtension when the two
    differ, and UnsupportedMediaType when neither is of any use.
    """
    if not head:
        raise EmptyFile(f"{shown(name)} is empty.")
    named = EXTENSIONS.get(PurePath(name).suffix.lower())
    held = _held(head)
    textual = held in (MediaType.TEXT, MediaType.HTML)  # Markdown may begin with HTML.
    if named is not None and (named is held or (named in _TEXTUAL and textual)):
        return named
    if named is MediaType.PDF and _PDF in head[:_PDF_WITHIN]:
        return named
    if named is not None and held in _FOR_THE_PARSER.get(named, ()):
        return named
    what = _NAMES[held] if isinstance(held, MediaType) else held
    if named is not None:
        raise WrongExtension(f"{shown(name)} is named like {_NAMES[named]}, but it holds {what}.")
    if isinstance(held, MediaType) and held is not MediaType.TEXT:
        raise WrongExtension(f"{shown(name)} holds {what}, but its name does not say so.")
    if held == _OLD_OFFICE:
        raise UnsupportedMediaType(
            f"{shown(name)} cannot be read: it holds {what}; save it as .docx or as PDF."
        )
    raise UnsupportedMediaType(
        f"{shown(name)} cannot be read: accepted are {', '.join(EXTENSIONS)}; it holds {what}."
    )


def extension_of(head: bytes) -> str:
    """Return the extension that a file without a name should have; empty when nothing tells.

    Markdown cannot be told from plain text. What an archive holds is for its parser to say.
    """
    held = _held(head)
    if held in (_SOME_OFFICE, _OLD_OFFICE):
        held = MediaType.DOCX
    elif held == _SOME_ZIP:
        held = MediaType.EPUB
    return next((ending for ending, kind in EXTENSIONS.items() if kind is held), "")


def require_type(name: str, media_type: MediaType) -> None:
    """Raises WrongExtension when a document of that type cannot have the name."""
    fitting = [extension for extension, named in EXTENSIONS.items() if named is media_type]
    if PurePath(name).suffix.lower() not in fitting:
        raise WrongExtension(
            f"{shown(name)} must end in {' or '.join(fitting)}, because the document is"
            f" {_NAMES[media_type]}."
        )


def shown(name: str) -> str:
    """A name from outside, fit for a sentence: short, without control and direction marks."""
    visible = "".join("�" if unicodedata.category(c)[0] == "C" else c for c in name)
    if len(visible) > _SHOWN_CHARACTERS:
        visible = f"{visible[: _SHOWN_CHARACTERS - 20]}…{visible[-19:]}"
    return f"“{visible}”"


def _held(head: bytes) -> MediaType | str:
    """What the content is: a type of ours (TEXT for any text), or the name of something else."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PDF):
        return MediaType.PDF
    if head.startswith(_ZIP):
        return _held_by_zip(head)
    for signature, what in _SIGNATURES:
        if head.startswith(signature):
            return what
    if _HTML.match(head):
        return MediaType.HTML
    if holds_text(head):
        return MediaType.TEXT
    return MediaType.PDF if _PDF in head[:_PDF_WITHIN] else "binary data"


def _held_by_zip(head: bytes) -> MediaType | str:
    if head[30:].startswith(_EPUB):
        return MediaType.EPUB
    if _OPEN_DOCUMENT in head:
        return "an OpenDocument file"
    types = _content_types(head)
    for content_type, folder, held in _OFFICE:
        if content_type in types or (not types and folder in head):
            return held
    return _SOME_OFFICE if _CONTENT_TYPES in head else _SOME_ZIP


def _content_types(head: bytes) -> bytes:
    """The beginning of an Office document's table of content types, if it is the first entry."""
    if not head.startswith(_CONTENT_TYPES, 30):
        return b""
    begin = 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    if int.from_bytes(head[8:10], "little") != zipfile.ZIP_DEFLATED:
        return head[begin:]
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(head[begin:], _MAX_CONTENT_TYPES)
    except zlib.error:
        return b""
