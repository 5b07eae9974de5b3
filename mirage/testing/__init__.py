"""Helpers for tests, also for users: a fake embedder, and functions that create documents."""

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
