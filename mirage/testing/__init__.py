"""What tests need and users may: an embedder without weight, a parser without a process, and makers
of documents."""

from mirage.testing.documents import (
    make_docx,
    make_epub,
    make_form_pdf,
    make_glyph_pdf,
    make_html,
    make_pdf,
    make_picture_pdf,
    make_zip,
)
from mirage.testing.embedder import FakeEmbedder, WordTokenizer
from mirage.testing.parser import InProcessParser

__all__ = [
    "FakeEmbedder",
    "InProcessParser",
    "WordTokenizer",
    "make_docx",
    "make_epub",
    "make_form_pdf",
    "make_glyph_pdf",
    "make_html",
    "make_pdf",
    "make_picture_pdf",
    "make_zip",
]
