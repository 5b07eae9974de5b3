"""Opens one page of a PDF as a reader sees it, and draws it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image, ImageChops

from mirage.errors import Damaged, Encrypted

MAX_HEIGHT = 4200
"""Most rows of pixels in a picture: three times the larger width, for receipts and banners."""
_QUALITY = 80  # guess: letters of 6 points are sharp, and a page of text takes 100 KB
_FASTEST = 0  # A better search for the smallest file takes twice the time for a fifth less.
# Black print: 16 greys, exact, take half the bytes (a page of two columns 184 KB, not 402), and the
# edges of letters stay sharp. A photo has other greys, and little that is white.
_GREYS = [round(value / 17) * 17 for value in range(256)]
_WHITE = 248
_MOSTLY = 0.5  # A full page of print is white by 80 %, a scan of grey paper by none.
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
    if _is_print(picture):
        greys = picture.convert("L").point(_GREYS).convert("RGB")
        greys.save(encoded, "WEBP", lossless=True, quality=25, method=1)
    else:
        picture.save(encoded, "WEBP", quality=_QUALITY, method=_FASTEST)
    return encoded.getvalue()


def _is_print(picture: Image.Image) -> bool:
    """Return whether a picture is black on white; then exact pixels take less than blurred ones."""
    red, green, blue = picture.split()
    if any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
        return False
    white = sum(green.histogram()[_WHITE:])
    return white >= _MOSTLY * picture.width * picture.height
