"""Helpers for tests, also for users: a fake embedder, a parser in process, makers of documents."""

from mirage.testing.documents import (
    make_docx,
    make_epub,
    make_fb2,
    make_form_pdf,
    make_glyph_pdf,
    make_html,
    make_pdf,
    make_picture_pdf,
    make_xlsx,
    make_zip,
)
from mirage.testing.embedder import FakeEmbedder, WordTokenizer
from mirage.testing.opendocument import make_odp, make_ods, make_odt
from mirage.testing.parser import InProcessParser
from mirage.testing.presentations import make_pptx

__all__ = [
    "FakeEmbedder",
    "InProcessParser",
    "WordTokenizer",
    "make_docx",
    "make_epub",
    "make_fb2",
    "make_form_pdf",
    "make_glyph_pdf",
    "make_html",
    "make_odp",
    "make_ods",
    "make_odt",
    "make_pdf",
    "make_picture_pdf",
    "make_pptx",
    "make_xlsx",
    "make_zip",
]
