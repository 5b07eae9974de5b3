"""What tests need and users may: an embedder without weight, and makers of documents."""

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

__all__ = [
    "FakeEmbedder",
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
