import os
from itertools import pairwise
from pathlib import Path

import pytest

from mirage.errors import Damaged, Encrypted, Unreadable
from mirage.model import MediaType, Section
from mirage.parse import parse
from mirage.parse.pdf.alignment import align, letters
from mirage.parse.pdf.places import find_places
from mirage.parse.pdf.sheet import MAX_HEIGHT, draw_sheet
from mirage.testing import make_pdf

LIBRARY = Path(os.environ.get("MIRAGE_TEST_DATA", "")) / "library" / "pdf"


def laid(text: str, page: str) -> str:
    """The letters of a text, with a dot for each that is not laid on the page."""
    wanted = letters(zip(text, range(len(text)), strict=True))
    there = letters(zip(page, range(len(page)), strict=True))
    places = align(wanted, there)
    assert all(wanted[at][0] == there[place][0] for at, place in places.items())
    assert len(set(places.values())) == len(places)
    return "".join(letter if at in places else "." for at, (letter, _) in enumerate(wanted))


@pytest.mark.parametrize(
    ("text", "page", "expected"),
    [
        ("The keeper lit the lamp", "The keeper\r\nlit the lamp", "Thekeeperlitthelamp"),
        ("a light\u00adhouse keeper", "a light-\r\nhouse keeper", "alighthousekeeper"),
        ("First page text here", "Lamps 12 First page text here", "Firstpagetexthere"),
        ("Some words here, see q z j", "Some words here", "Somewordshere......."),
        ("Left column words. Right one here", "Right one here Left column words.",
         "LeftcolumnwordsRightonehere"),
        ("Größe of the lamp é", "Gro\u0308ße of the lamp e\u0301", "Großeofthelampe"),
        # Cells of a table between two longer ones.
        ("Pump pressure 7 bar 12 Maximum height", "Pump pressure\r\n7 bar\r\n12\r\nMaximum height",
         "Pumppressure7bar12Maximumheight"),
        # Neither words nor letters of another text are taken for these.
        ("too short", "words of another page that has short words", "........"),
        ("The lamp was lit, and q", "The lamp was lit: and then unique", "Thelampwaslit.and."),
        ("12", "12", "12"),
    ],
)  # fmt: skip
def test_letters_are_laid_on_equal_ones(text: str, page: str, expected: str) -> None:
    assert laid(text, page) == expected


def test_equal_lines_are_taken_in_their_order() -> None:
    line = "the same words again"
    wanted = letters((character, at) for at, character in enumerate(f"{line} one {line} two"))
    there = letters((character, at) for at, character in enumerate(f"{line}\n one\n{line}\n two"))
    laid_on = align(wanted, there)
    order = [laid_on[at] for at in sorted(laid_on)]
    assert all(before < after for before, after in pairwise(order))


def whole(sections: tuple[Section, ...], number: int) -> str:
    return "\n\n".join(section.text for section in sections if section.page_number == number)


def test_boxes_are_around_the_letters_of_the_span_alone(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf", [[("Lamps burn oil.", 100, 700), ("Ships sail.", 100, 600)]]
    )
    text = whole(parse(path, MediaType.PDF).sections, 1)
    at = text.index("Ships")
    places = find_places(path, 1, text, (at, at + 5))
    (box,) = places.boxes
    assert places.share == 1.0
    left, top, right, bottom = box
    assert left == pytest.approx(100, abs=1)
    assert top < places.height - 600 < bottom
    assert bottom - top < 25
    both = find_places(path, 1, text, (0, len(text)))
    assert len(both.boxes) == 2
    assert both.boxes[1][2] > right  # `sail.` follows.


def test_page_of_another_text_has_no_boxes(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Lamps burn oil."]])
    places = find_places(path, 1, "Nothing of this is on that page at all", (0, 38))
    assert places.boxes == ()
    assert places.share is not None
    assert places.share < 0.5


def test_page_without_a_span_has_its_size_and_label(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["One"], ["Two"]], labels={0: "ROMAN_LOWER"})
    places = find_places(path, 2, "", (0, 0))
    assert (places.boxes, places.share, places.label) == ((), None, "ii")
    assert places.width == pytest.approx(595, abs=1)


def test_picture_is_as_wide_as_asked_and_bounded_in_height(tmp_path: Path) -> None:
    from PIL import Image

    path = make_pdf(tmp_path / "a.pdf", [["One"]])
    (tmp_path / "a.webp").write_bytes(draw_sheet(path, 1, 900))
    with Image.open(tmp_path / "a.webp") as picture:
        assert (picture.format, picture.width) == ("WEBP", 900)
        assert min(picture.convert("L").tobytes()) < 100  # Letters are drawn.
    from reportlab.pdfgen.canvas import Canvas

    high = Canvas(str(tmp_path / "high.pdf"), pagesize=(100, 20_000))
    high.drawString(10, 10, "High")
    high.save()
    (tmp_path / "b.webp").write_bytes(draw_sheet(tmp_path / "high.pdf", 1, 1400))
    with Image.open(tmp_path / "b.webp") as picture:
        assert picture.height == MAX_HEIGHT


def test_what_cannot_be_shown_is_a_verdict(tmp_path: Path) -> None:
    locked = make_pdf(tmp_path / "e.pdf", [["secret"]], password="pw")
    with pytest.raises(Encrypted):
        draw_sheet(locked, 1, 900)
    path = make_pdf(tmp_path / "a.pdf", [["One"]])
    with pytest.raises(Damaged, match="has no page 2"):
        draw_sheet(path, 2, 900)
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 nonsense")
    with pytest.raises(Damaged):
        find_places(tmp_path / "x.pdf", 1, "", (0, 0))


@pytest.mark.skipif(not LIBRARY.is_dir(), reason="needs MIRAGE_TEST_DATA")
@pytest.mark.parametrize(
    "name", ["tracemonkey.pdf", "multicolumn.pdf", "rotation.pdf", "habibi.pdf"]
)
def test_nearly_all_letters_of_real_pages_are_found(name: str) -> None:
    try:
        parsed = parse(LIBRARY / name, MediaType.PDF)
    except Unreadable as error:  # pragma: no cover
        pytest.fail(str(error))
    wanted = found = 0.0
    for number in {section.page_number for section in parsed.sections}:
        assert number is not None
        text = whole(parsed.sections, number)
        places = find_places(LIBRARY / name, number, text, (0, len(text)))
        count = len(letters((character, 0) for character in text))
        wanted += count
        found += count * (places.share or 0)
        for left, top, right, bottom in places.boxes:
            assert -2 <= left < right <= places.width + 2
            assert -2 <= top < bottom <= places.height + 2
    assert found / wanted >= 0.999
