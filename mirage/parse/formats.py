"""The document formats, one row per format: all that the program knows of a format stands here.

A new format is a module with `parse(path) -> Parsed`, a row, a member of `MediaType`, and a test.
Detection, the remedies and help texts that list formats, and the sandbox read this table. It names
the parsers' modules instead of importing them, because only the child that parses needs their
libraries.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mirage.model import MediaType
from mirage.parse import signatures
from mirage.parse.signatures import OLD_OFFICE, SOME_OFFICE, SOME_ZIP


def _never(head: bytes) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Format:
    """A document format.

    `name` is how sentences call one document of it. `endings` are those of its file names, the
    usual one first. `parser` is a module with `parse(path) -> Parsed`, which raises `Unreadable`.
    `is_begun_by` tells from the first bytes that a file is of this format, whatever its name.
    Two weaker signs count only if the name has an ending of the format, and the parser decides:
    `may_be_begun_by`, and other content (another format or a name of `signatures`) that the first
    bytes `look_like`.
    """

    media_type: MediaType
    name: str
    endings: tuple[str, ...]
    parser: str
    is_begun_by: Callable[[bytes], bool]
    may_be_begun_by: Callable[[bytes], bool] = _never
    look_like: tuple[MediaType | str, ...] = ()


# In the order in which their signatures are tried, which is also the order of every list.
FORMATS = (
    Format(
        MediaType.PDF,
        "a PDF",
        (".pdf",),
        "mirage.parse.pdf",
        signatures.begins_pdf,
        may_be_begun_by=signatures.has_pdf_header,
    ),
    Format(
        MediaType.EPUB,
        "an EPUB",
        (".epub",),
        "mirage.parse.epub",
        signatures.is_epub,
        # Tools write the entries of an archive in any order.
        look_like=(SOME_ZIP,),
    ),
    Format(
        MediaType.DOCX,
        "a Word document",
        (".docx",),
        "mirage.parse.docx",
        signatures.is_word,
        # An Office document that a password protects is one of the old kind.
        look_like=(SOME_ZIP, SOME_OFFICE, OLD_OFFICE),
    ),
    Format(
        MediaType.HTML,
        "an HTML page",
        (".html", ".htm", ".xhtml"),
        "mirage.parse.html",
        signatures.is_html,
        look_like=(MediaType.TEXT,),
    ),
    Format(
        MediaType.MARKDOWN,
        "Markdown",
        (".md", ".markdown"),
        "mirage.parse.markdown",
        _never,  # It cannot be told from plain text.
        look_like=(MediaType.TEXT, MediaType.HTML),
    ),
    Format(
        MediaType.TEXT,
        "plain text",
        (".txt", ".text"),
        "mirage.parse.text",
        signatures.is_text,
        look_like=(MediaType.HTML,),
    ),
)

BY_TYPE: dict[MediaType, Format] = {row.media_type: row for row in FORMATS}

EXTENSIONS: dict[str, MediaType] = {
    ending: row.media_type for row in FORMATS for ending in row.endings
}
"""The media type that each file ending stands for; endings are in lower case, with their dot."""


def any_document() -> str:
    """Return all formats as a choice, each with its usual ending, for a sentence."""
    choices = [f"{row.name} ({row.endings[0]})" for row in FORMATS]
    return f"{', '.join(choices[:-1])} or {choices[-1]}"


def all_endings() -> str:
    """Return all file endings, for a sentence."""
    return ", ".join(EXTENSIONS)
