"""Documents in, sections out: one module per media type, and a child process to run it in.

The modules are imported when they are needed: only the child that parses carries their libraries.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from mirage.model import MediaType, Parsed
from mirage.parse.detect import EXTENSIONS, HEAD_BYTES, detect
from mirage.parse.headings import label
from mirage.parse.sandbox import Sandbox

__all__ = ["EXTENSIONS", "HEAD_BYTES", "PARSERS", "Sandbox", "detect", "parse"]

PARSERS: dict[MediaType, str] = {
    MediaType.PDF: "mirage.parse.pdf",
    MediaType.EPUB: "mirage.parse.epub",
    MediaType.DOCX: "mirage.parse.docx",
    MediaType.HTML: "mirage.parse.html",
    MediaType.MARKDOWN: "mirage.parse.markdown",
    MediaType.TEXT: "mirage.parse.text",
}
"""Each module has `parse(path) -> Parsed`, which maps its library's errors to `Unreadable`."""

LANGUAGE = "mirage.parse.language"
"""Finds the language of what they give."""


def parse(path: Path, media_type: MediaType) -> Parsed:
    """Read a document in this very process; hostile files belong in a `Sandbox`.

    Raises a kind of `Unreadable`, whose message is a sentence for the document's owner, and
    OSError when the file is not there.
    """
    parsed: Parsed = import_module(PARSERS[media_type]).parse(path)
    language = import_module(LANGUAGE).find_language(parsed.sections, parsed.language)
    return replace(parsed, title=parsed.title and label(parsed.title), language=language)
