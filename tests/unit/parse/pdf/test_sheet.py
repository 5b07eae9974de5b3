"""Pictures of pages: print is exact and small, photos and colours stay what they are."""

import io
from pathlib import Path

from PIL import Image, ImageChops
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from mirage.parse.pdf.sheet import draw_sheet

PRINT = "The keeper lit the lamp at dusk and put it out when the sun had risen."
GREYS = list(range(0, 256, 17))


def draw(path: Path, colour: str = "black", photo: Image.Image | None = None) -> Image.Image:
    """The picture of a page of print in a colour, with a photo over all of it."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    if photo is not None:
        canvas.drawImage(ImageReader(photo), 0, 0, 595, 842)
    canvas.setFillColor(colour)
    for line in range(60):
        canvas.drawString(60, 800 - 12 * line, PRINT)
    canvas.save()
    return Image.open(io.BytesIO(draw_sheet(path, 1, 900)))


def test_print_is_exact(tmp_path: Path) -> None:
    picture = draw(tmp_path / "a.pdf").convert("L")
    assert [grey for grey, count in enumerate(picture.histogram()) if count] == GREYS


def test_coloured_print_keeps_its_colour(tmp_path: Path) -> None:
    red, _, blue = draw(tmp_path / "a.pdf", "blue").convert("RGB").split()
    assert sum(ImageChops.subtract(blue, red).histogram()[100:])


def test_photo_keeps_its_greys(tmp_path: Path) -> None:
    photo = Image.linear_gradient("L").convert("RGB")
    picture = draw(tmp_path / "a.pdf", photo=photo).convert("L")
    assert sum(count > 100 for count in picture.histogram()) > 100


def test_full_page_of_print_is_half_as_large(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    draw(path)
    exact = draw_sheet(path, 1, 1400)
    blurred = io.BytesIO()
    Image.open(io.BytesIO(exact)).save(blurred, "WEBP", quality=80, method=0)
    assert len(exact) < 0.6 * len(blurred.getvalue())
