"""Reads what people typed upon a PDF page: text boxes, stamps, notes and comments."""

import ctypes
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.characters.cleaning import one_line

_TYPED = (pdfium_c.FPDF_ANNOT_FREETEXT, pdfium_c.FPDF_ANNOT_STAMP, pdfium_c.FPDF_ANNOT_WATERMARK)
_COMMENTS = (
    pdfium_c.FPDF_ANNOT_LINE,
    pdfium_c.FPDF_ANNOT_SQUARE,
    pdfium_c.FPDF_ANNOT_CIRCLE,
    pdfium_c.FPDF_ANNOT_POLYGON,
    pdfium_c.FPDF_ANNOT_POLYLINE,
    pdfium_c.FPDF_ANNOT_HIGHLIGHT,
    pdfium_c.FPDF_ANNOT_UNDERLINE,
    pdfium_c.FPDF_ANNOT_SQUIGGLY,
    pdfium_c.FPDF_ANNOT_STRIKEOUT,
    pdfium_c.FPDF_ANNOT_CARET,
    pdfium_c.FPDF_ANNOT_INK,
    pdfium_c.FPDF_ANNOT_STAMP,
)
_NOT_SHOWN = pdfium_c.FPDF_ANNOT_FLAG_HIDDEN | pdfium_c.FPDF_ANNOT_FLAG_NOVIEW
# Operators that draw text, or another object that may hold some.
_DRAWS_TEXT = re.compile(r"(?<![\w/])(T[jJ]|Do|['\"])(?!\w)")
_UTF16_UNIT = 2


@dataclass(slots=True)
class Annotations:
    """What the annotations of a page hold.

    `drawn`: some draw text, which is part of the page once it is flattened. `lines`: the text of
    the others. `files`: names of attached files.
    """

    drawn: bool = False
    lines: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def read_annotations(page: pdfium.PdfPage) -> Annotations:
    """Return what the annotations of a page hold; the values of a form's fields are not part."""
    found = Annotations()
    for annotation, kind in _shown(page):
        contents = one_line(_string(pdfium_c.FPDFAnnot_GetStringValue, annotation, b"Contents"))
        if kind == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
            found.files.append(_file_name(annotation) or contents)
        if kind in _TYPED and _draws_text(annotation):
            found.drawn = True
        elif contents and kind == pdfium_c.FPDF_ANNOT_FREETEXT:
            found.lines.append(contents)
        elif contents and kind == pdfium_c.FPDF_ANNOT_TEXT:
            found.lines.append(f"[Note: {contents}]")
        elif contents and kind in _COMMENTS:
            found.lines.append(f"[Comment: {contents}]")
    return found


def _shown(page: pdfium.PdfPage) -> Iterator[tuple[Any, int]]:
    for index in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            if not pdfium_c.FPDFAnnot_GetFlags(annotation) & _NOT_SHOWN:
                yield annotation, pdfium_c.FPDFAnnot_GetSubtype(annotation)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(annotation)


def _draws_text(annotation: Any) -> bool:
    normal = pdfium_c.FPDF_ANNOT_APPEARANCEMODE_NORMAL
    return bool(_DRAWS_TEXT.search(_string(pdfium_c.FPDFAnnot_GetAP, annotation, normal)))


def _file_name(annotation: Any) -> str:
    attachment = pdfium_c.FPDFAnnot_GetFileAttachment(annotation)
    return one_line(_string(pdfium_c.FPDFAttachment_GetName, attachment)) if attachment else ""


def _string(function: Callable[..., int], *arguments: Any) -> str:
    """Return the text that a function of pdfium writes as UTF-16."""
    length = function(*arguments, None, 0)
    if length <= _UTF16_UNIT:
        return ""
    buffer = (ctypes.c_ushort * (length // _UTF16_UNIT))()
    function(*arguments, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\0")
