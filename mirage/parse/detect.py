"""What a file is: its name and its first bytes must agree."""

import re
import unicodedata
from pathlib import PurePath

from mirage.errors import EmptyFile, UnsupportedMediaType, WrongExtension
from mirage.model import MediaType
from mirage.parse.encoding import holds_text

HEAD_BYTES = 4096
"""How much of a file `detect` wants to see."""

EXTENSIONS: dict[str, MediaType] = {
    ".pdf": MediaType.PDF,
    ".epub": MediaType.EPUB,
    ".md": MediaType.MARKDOWN,
    ".markdown": MediaType.MARKDOWN,
    ".txt": MediaType.TEXT,
    ".text": MediaType.TEXT,
}
_TEXTUAL = (MediaType.MARKDOWN, MediaType.TEXT)
_NAMES = {
    MediaType.PDF: "a PDF",
    MediaType.EPUB: "an EPUB",
    MediaType.MARKDOWN: "Markdown",
    MediaType.TEXT: "plain text",
}
_ZIP = b"PK\x03\x04"
_EPUB = b"mimetypeapplication/epub+zip"
_OFFICE = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"mimetypeapplication/vnd.oasis")
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
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_SOME_ZIP = "a ZIP archive"
_HTML_PAGE = "an HTML page"
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
    textual = held in (MediaType.TEXT, _HTML_PAGE)  # Markdown may be HTML from its first line on.
    if named is not None and (named is held or (named in _TEXTUAL and textual)):
        return named
    if named is MediaType.PDF and _PDF in head[:_PDF_WITHIN]:
        return named
    # Some tools put the `mimetype` entry elsewhere: the parser decides.
    if named is MediaType.EPUB and held == _SOME_ZIP:
        return named
    what = _NAMES[held] if isinstance(held, MediaType) else held
    if named is not None:
        raise WrongExtension(f"{shown(name)} is named like {_NAMES[named]}, but it holds {what}.")
    if held in (MediaType.PDF, MediaType.EPUB):
        raise WrongExtension(f"{shown(name)} holds {what}, but its name does not say so.")
    raise UnsupportedMediaType(
        f"{shown(name)} cannot be read: accepted are {', '.join(EXTENSIONS)}; it holds {what}."
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
        return _HTML_PAGE
    if holds_text(head):
        return MediaType.TEXT
    return MediaType.PDF if _PDF in head[:_PDF_WITHIN] else "binary data"


def _held_by_zip(head: bytes) -> MediaType | str:
    if head[30:].startswith(_EPUB):
        return MediaType.EPUB
    if any(mark in head for mark in _OFFICE):
        return "an Office document"
    return _SOME_ZIP
