"""Opens one page of a PDF as a reader sees it, and draws it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.errors import Damaged, Encrypted

MAX_HEIGHT = 4200
"""Most rows of pixels in a picture: three times the larger width, for receipts and banners."""
_QUALITY = 80  # guess: letters of 6 points are sharp, and a page of text takes 100 KB
_FASTEST = 0  # A better search for the smallest file takes twice the time for a fifth less.
_PASSWORD_ERRORS = (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)


@contextmanager
def open_sheet(path: Path, page_number: int) -> Iterator[tuple[pdfium.PdfDocument, pdfium.PdfPage]]:
    """Open a page, from 1, with the values of form fields. Raises Encrypted and Damaged."""
    try:
        with pdfium.PdfDocument(path) as document:
            if not 1 <= page_number <= len(document):
                raise Damaged(f"The PDF has no page {page_number}.")
            if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
                document.init_forms()
            page = document[page_number - 1]
            pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
            page.close()
            page = document[page_number - 1]
            try:
                yield document, page
            finally:
                page.close()
    except pdfium.PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise Encrypted("The PDF is encrypted and opens only with a password.") from error
        raise Damaged(f"The page cannot be shown: {str(error).rstrip('.')}.") from error


def draw_sheet(path: Path, page_number: int, width: int) -> bytes:
    """Return a picture of a page as WebP, `width` pixels wide or narrower if it is very high.

    Raises what `open_sheet` raises.
    """
    with open_sheet(path, page_number) as (_, page):
        points, high = page.get_size()
        if points <= 0 or high <= 0:
            raise Damaged("The page has no size.")
        scale = min(width / points, MAX_HEIGHT / high)
        picture = page.render(scale=scale).to_pil().convert("RGB")
    # A page that is a hair's breadth over the limit is rounded up.
    picture.thumbnail((width, MAX_HEIGHT))
    encoded = io.BytesIO()
    picture.save(encoded, "WEBP", quality=_QUALITY, method=_FASTEST)
    return encoded.getvalue()
