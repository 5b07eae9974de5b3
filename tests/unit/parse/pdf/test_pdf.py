import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from mirage.errors import Damaged, Encrypted, NoText
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_form_pdf, make_glyph_pdf, make_pdf, make_picture_pdf


def read(path: Path) -> Parsed:
    return parse(path, MediaType.PDF)


def texts(path: Path) -> list[str]:
    return [section.text for section in read(path).sections]


def test_each_page_is_a_section_with_number_and_label(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [["Preface."], ["Contents."], ["Body."]],
        title="A\tbook",
        labels={0: "ROMAN_LOWER", 2: "ARABIC"},
    )
    assert read(path) == Parsed(
        (
            Section("Preface.", (), 1, "i"),
            Section("Contents.", (), 2, "ii"),
            Section("Body.", (), 3, "1"),
        ),
        title="A book",
        page_count=3,
    )


def test_outline_gives_heading_paths_and_cuts_pages(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [
            ["Before.", ("1 Bread", 72, 700), ("Flour.", 72, 680), ("1.1 Rye", 72, 600)],
            ["Dark.", ("2 Oven", 72, 500), ("Hot.", 72, 480)],
        ],
        outline=[("1 Bread", 0, 0, 715), ("1.1 Rye", 1, 0, 615), ("2 Oven", 0, 1, 515)],
    )
    assert read(path).sections == (
        Section("Before.", (), 1),
        Section("1 Bread\n\nFlour.", ("1 Bread",), 1),
        Section("1.1 Rye", ("1 Bread", "1.1 Rye"), 1),
        Section("Dark.", ("1 Bread", "1.1 Rye"), 2),
        Section("2 Oven\n\nHot.", ("2 Oven",), 2),
    )


def test_wrong_titles_of_the_outline_lose_no_text(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [[("Bread", 72, 700), ("Flour.", 72, 680), ("Oven", 72, 600), ("Hot.", 72, 580)]],
        outline=[("Wine", 0, 0, 715), ("Cheese", 0, 0, 612), ("Nowhere", 0, 0, 20)],
    )
    assert read(path).sections == (
        Section("Bread Flour.", ("Wine",), 1),
        Section("Oven Hot.", ("Cheese",), 1),
    )


def test_titles_of_the_outline_find_their_heading_in_the_second_column(tmp_path: Path) -> None:
    left = [(f"left {number}", 72.0, 700.0 - 20 * number) for number in range(5)]
    right = [("above", 320, 700), ("Oven", 320, 660), ("hot", 320, 640)]
    path = make_pdf(tmp_path / "a.pdf", [[*left, *right]], outline=[("Oven", 0, 0, 672)])
    first, second = read(path).sections
    assert " ".join(first.text.split()) == "left 0 left 1 left 2 left 3 left 4 above"
    assert second == Section("Oven\n\nhot", ("Oven",), 1)


Sized = tuple[str, float, float]
"""Text, the height of its baseline and the size of its letters."""


def make_headed_pdf(path: Path, pages: Sequence[Sequence[Sized]], view: str) -> Path:
    """A PDF whose outline leads to the second page only, to `Oven`, with the view that is given."""
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for index, lines in enumerate(pages):
        for text, y, size in lines:
            canvas.setFont("Helvetica", size)
            canvas.drawString(72, y, text)
        if index == 1:
            canvas.bookmarkPage("oven", fit=view, top=842, left=0)
            canvas.addOutlineEntry("2 Oven", "oven")
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.parametrize("view", ["Fit", "XYZ"])
def test_heading_is_found_below_the_running_header_that_repeats_it(
    tmp_path: Path, view: str
) -> None:
    first: list[Sized] = [("Bread", 810, 9), ("Flour.", 700, 11)]
    second: list[Sized] = [("Oven", 810, 9), ("Dough.", 700, 11), ("Oven", 400, 18)]
    path = make_headed_pdf(tmp_path / "a.pdf", [first, [*second, ("Hot.", 370, 11)]], view)
    assert [(section.text, section.heading_path) for section in read(path).sections] == [
        ("Bread\n\nFlour.", ()),
        ("Oven\n\nDough.", ()),
        ("Oven\n\nHot.", ("2 Oven",)),
    ]


def test_heading_begins_with_its_number_on_a_line_of_its_own(tmp_path: Path) -> None:
    first: list[Sized] = [("Flour.", 700, 11)]
    second: list[Sized] = [("Dough.", 700, 11), ("2", 640, 18), ("Oven", 610, 18)]
    path = make_headed_pdf(tmp_path / "a.pdf", [first, [*second, ("Hot.", 570, 11)]], "XYZ")
    assert texts(path) == ["Flour.", "Dough.", "2 Oven\n\nHot."]


def test_heading_above_its_subheading_is_read_with_it(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [[("1 Bread", 72, 700), ("1.1 Rye", 72, 660), ("Dark.", 72, 640)]],
        outline=[("1 Bread", 0, 0, 712), ("1.1 Rye", 1, 0, 672)],
    )
    assert read(path).sections == (
        Section("1 Bread\n\n1.1 Rye\n\nDark.", ("1 Bread", "1.1 Rye"), 1),
    )


def test_running_headers_and_page_numbers_are_left_out(tmp_path: Path) -> None:
    pages = [
        [("The Bakers' Almanac", 72, 800), (f"Body number {word}.", 72, 400), (f"{at}", 290, 40)]
        for at, word in enumerate(["one", "two", "three", "four", "five"], 17)
    ]
    assert texts(make_pdf(tmp_path / "a.pdf", pages)) == [
        "The Bakers' Almanac\n\nBody number one.",  # Said nowhere else: kept where it comes first.
        "Body number two.",
        "Body number three.",
        "Body number four.",
        "Body number five.",
    ]


def test_lines_that_are_all_of_most_pages_and_differ_in_numbers_are_kept(tmp_path: Path) -> None:
    pages = [
        [
            ("Evening of songs", 72, 800),
            (f"Ticket {at * 7}, seat {at}", 72, 780),
            (f"{at}", 290, 40),
        ]
        for at in range(1, 6)
    ]
    assert texts(make_pdf(tmp_path / "a.pdf", pages)) == [
        "Evening of songs Ticket 7, seat 1",
        "Ticket 14, seat 2",
        "Ticket 21, seat 3",
        "Ticket 28, seat 4",
        "Ticket 35, seat 5",
    ]


def test_header_on_the_blank_pages_of_a_book_is_left_out(tmp_path: Path) -> None:
    pages = [
        [(f"Almanac, page {at}", 72, 800), *([(f"Body {word}.", 72, 400)] if word else [])]
        for at, word in enumerate(["one", "two", "", "four", ""], 1)
    ]
    assert texts(make_pdf(tmp_path / "a.pdf", pages)) == [
        "Almanac, page 1\n\nBody one.",
        "Body two.",
        "Body four.",
    ]


def test_header_that_repeats_a_title_of_the_outline_is_left_out_everywhere(tmp_path: Path) -> None:
    pages = [
        [(f"{at}   OVEN", 72, 800), (f"Body {word}.", 72, 400)]
        for at, word in enumerate(["one", "two", "three"], 1)
    ]
    path = make_pdf(tmp_path / "a.pdf", pages, outline=[("1 Oven", 0, 0, 820)])
    assert texts(path) == ["Body one.", "Body two.", "Body three."]


def test_lines_whose_numbers_are_data_are_kept(tmp_path: Path) -> None:
    pages = [
        [(f"Patient ID: {identity}", 72, 800), ("Blood.", 72, 400), (f"Dose: {at} mg", 72, 40)]
        for at, identity in enumerate([1037, 1074, 1111, 1148], 1)
    ]
    assert texts(make_pdf(tmp_path / "a.pdf", pages)) == [
        "Patient ID: 1037\n\nBlood.\n\nDose: 1 mg",
        "Patient ID: 1074\n\nBlood.\n\nDose: 2 mg",
        "Patient ID: 1111\n\nBlood.\n\nDose: 3 mg",
        "Patient ID: 1148\n\nBlood.\n\nDose: 4 mg",
    ]


def test_numbers_that_do_not_count_pages_are_kept(tmp_path: Path) -> None:
    pages = [[("Result", 72, 400), (number, 72, 50)] for number in ("12", "7", "31", "5")]
    assert texts(make_pdf(tmp_path / "a.pdf", pages)) == [
        "Result\n\n12",
        "Result\n\n7",
        "Result\n\n31",
        "Result\n\n5",
    ]


def test_lines_of_a_paragraph_are_joined_and_paragraphs_kept_apart(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [
            [
                ("Bread is made of flour and water, and of the time that they have", 72, 700),
                ("had for each other before the oven is hot enough for the two to", 72, 686),
                ("part.", 72, 672),
                ("A second paragraph begins after a wider gap and goes on for long", 72, 640),
                ("enough to be one.", 72, 626),
            ]
        ],
    )
    assert texts(path) == [
        "Bread is made of flour and water, and of the time that they have had for each other "
        "before the oven is hot enough for the two to part.\n\n"
        "A second paragraph begins after a wider gap and goes on for long enough to be one."
    ]


def test_words_divided_at_the_end_of_a_line_are_mended(tmp_path: Path) -> None:
    path = make_pdf(
        tmp_path / "a.pdf",
        [
            [
                "The fer-",
                "mentation of a well-",
                "known dough, which is well-known, from 1990-",
                "2000, by Anglo-",
                "Saxons.",
            ]
        ],
    )
    assert " ".join(texts(path)[0].split()) == (
        "The fermentation of a well-known dough, which is well-known, from 1990-2000, by "
        "Anglo-Saxons."
    )


def test_word_divided_in_a_title_is_mended_and_at_the_end_of_a_section_kept(
    tmp_path: Path,
) -> None:
    page = [("The fer-", 72, 700), ("ment", 72, 686), ("A half-", 72, 650), ("Oven", 72, 600)]
    outline = [("The ferment", 0, 0, 712), ("Oven", 0, 0, 612)]
    assert texts(make_pdf(tmp_path / "a.pdf", [page], outline=outline)) == [
        "The ferment\n\nA half-",
        "Oven",
    ]


def test_word_divided_by_a_typographic_hyphen_is_mended(tmp_path: Path) -> None:
    path = make_glyph_pdf(tmp_path / "a.pdf", ["a microH", "scopic view"], {"H": "\u2010"})
    assert texts(path) == ["a microscopic view"]


def test_lines_written_from_below_come_in_the_order_of_sight(tmp_path: Path) -> None:
    title = ("A title that is so long that it spans both of the columns of the page", 72, 780)
    left = [
        (f"left {number} of the first column", 72.0, 740 - 14.0 * number) for number in range(9)
    ]
    right = [(f"right {number} of the second", 320.0, 740 - 14.0 * number) for number in range(9)]
    page = [*reversed(right), *reversed(left), title]
    (text,) = texts(make_pdf(tmp_path / "a.pdf", [page]))
    assert text.split()[:2] == ["A", "title"]
    numbers = [word for word in text.split() if word.isdigit()]
    assert numbers == [*"012345678", *"012345678"]
    assert text.index("left 8") < text.index("right 0")


Piece = tuple[str, float, float]
"""Text, the size of its letters and by how much it is raised."""


def make_script_pdf(path: Path, *lines: Sequence[Piece]) -> Path:
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for at, line in enumerate(lines):
        x = 72.0
        for text, size, rise in line:
            canvas.setFont("Helvetica", size)
            canvas.drawString(x, 700 - 14 * at + rise, text)
            x += canvas.stringWidth(text, "Helvetica", size)
    canvas.save()
    return path


@pytest.mark.parametrize(("size", "rise"), [(7, 4), (6, 3), (8, 2.5)])
def test_raised_digits_do_not_change_the_word_or_number_before_them(
    tmp_path: Path, size: float, rise: float
) -> None:
    line = [("built in 1902", 11, 0), ("4", size, rise), (" with 10", 11, 0), ("-6", size, rise)]
    path = make_script_pdf(tmp_path / "a.pdf", [*line, (" of it", 11, 0)])
    assert texts(path) == ["built in 1902⁴ with 10⁻⁶ of it"]


def test_lowered_digits_are_plain_behind_letters(tmp_path: Path) -> None:
    line = [("CO", 11, 0), ("2", 7, -2), (" and 10", 11, 0), ("2", 7, -2), (" end", 11, 0)]
    assert texts(make_script_pdf(tmp_path / "a.pdf", line)) == ["CO2 and 10₂ end"]


def test_number_behind_a_footnote_mark_keeps_its_digits(tmp_path: Path) -> None:
    line = [("83,190", 11, 0), ("1", 6, 6), (" 8,935,112", 11, 0), (" 1/2", 11, 0)]
    assert texts(make_script_pdf(tmp_path / "a.pdf", line)) == ["83,190¹ 8,935,112 1/2"]


SIDEWAYS = ["Where the sample was drawn", "Mean values over all", "Who answered the questions"]


def make_sideways_pdf(path: Path, angle: int, rotation: int = 0, above: str = "") -> Path:
    canvas = Canvas(str(path), pagesize=(600, 600), invariant=True)
    canvas.setPageRotation(rotation)
    canvas.drawString(72, 550, above)
    canvas.translate(300, 300)
    canvas.rotate(angle)
    for at, line in enumerate(SIDEWAYS):
        canvas.drawString(-100, -20 * at, line)
    canvas.save()
    return path


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_sideways_text_is_read_line_after_line(tmp_path: Path, angle: int, rotation: int) -> None:
    (text,) = texts(make_sideways_pdf(tmp_path / "a.pdf", angle, rotation))
    assert text.split() == " ".join(SIDEWAYS).split()


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_sideways_text_stands_apart_from_the_text_of_its_page(tmp_path: Path, angle: int) -> None:
    above = "A page whose text is level for the most part, but for a table that lies sideways on it"
    (text,) = texts(make_sideways_pdf(tmp_path / "a.pdf", angle, above=above))
    level, _, sideways = text.partition("\n\n")
    assert level == above
    assert sideways.split() == " ".join(SIDEWAYS).split()


def test_text_that_was_typed_into_a_form_is_read(tmp_path: Path) -> None:
    path = make_form_pdf(tmp_path / "a.pdf", "Name of the baker:", "Ada Lovelace")
    assert texts(path) == ["Name of the baker:\n\nAda Lovelace"]


def test_right_to_left_text_comes_in_logical_order(tmp_path: Path) -> None:
    # Drawn from left to right: mim, a glyph that stands for lam and alif, sin.
    path = make_glyph_pdf(tmp_path / "a.pdf", ["MLS"], {"M": "م", "L": "لا", "S": "س"})
    assert texts(path) == ["سلام"]


def test_letters_beyond_the_basic_plane_are_whole(tmp_path: Path) -> None:
    path = make_glyph_pdf(tmp_path / "a.pdf", ["xA y"], {"A": "𝔸"})
    assert texts(path) == ["x𝔸 y"]


def test_control_characters_are_left_out(tmp_path: Path) -> None:
    path = make_glyph_pdf(tmp_path / "a.pdf", ["abc A def"], {"A": "\x07"})
    assert texts(path) == ["abc def"]


def test_pages_without_text_are_named(tmp_path: Path) -> None:
    path = make_picture_pdf(tmp_path / "a.pdf", ["One.", None, "Three.", None, None, None])
    parsed = read(path)
    assert [section.page_number for section in parsed.sections] == [1, 3]
    assert parsed.page_count == 6
    assert parsed.warnings == ("Pages 2, 4–6 contain only pictures, no text.",)


def test_empty_pages_are_no_cause_for_a_warning(tmp_path: Path) -> None:
    assert read(make_pdf(tmp_path / "a.pdf", [["One."], [], ["Three."]])).warnings == ()


def test_pdf_of_pictures_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText) as caught:
        read(make_picture_pdf(tmp_path / "a.pdf", [None, None]))
    assert str(caught.value) == "The PDF contains only pictures, no text."


def test_empty_pdf_has_no_text(tmp_path: Path) -> None:
    with pytest.raises(NoText) as caught:
        read(make_pdf(tmp_path / "a.pdf", [[]]))
    assert str(caught.value) == "The PDF contains no text."


def damage(path: Path, *pages: int) -> Path:
    """Spoil the content of some of the pages of a PDF, by their index."""
    content = bytearray(path.read_bytes())
    streams = [match.end() for match in re.finditer(rb"(?<!end)stream\r?\n", content)]
    for page in pages:
        content[streams[page] + 10 : streams[page] + 30] = b"!" * 20
    path.write_bytes(content)
    return path


def test_pages_whose_content_is_damaged_are_named(tmp_path: Path) -> None:
    path = make_picture_pdf(tmp_path / "a.pdf", ["One is whole.", "Two is not.", "Three is whole."])
    parsed = read(damage(path, 1))
    assert [section.text for section in parsed.sections] == ["One is whole.", "Three is whole."]
    assert parsed.warnings == ("Page 2 is damaged and cannot be read.",)


def test_pdf_whose_pages_are_all_damaged_is_damaged(tmp_path: Path) -> None:
    path = make_picture_pdf(tmp_path / "a.pdf", ["One is not whole.", "Two is not whole either."])
    with pytest.raises(Damaged) as caught:
        read(damage(path, 0, 1))
    assert str(caught.value) == "The PDF is damaged: Pages 1–2 are damaged and cannot be read."


def test_damaged_page_leaves_the_others(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["One."], ["Two."], ["Three."]])
    pieces = path.read_bytes().split(b"/Type /Page\n")
    path.write_bytes(b"/Type /Page\n".join(pieces[:2]) + b"/Type /Pxge\n" + pieces[2] + pieces[3])
    parsed = read(path)
    assert [section.text for section in parsed.sections] == ["One.", "Three."]
    assert parsed.warnings == ("Page 2 is damaged and cannot be read.",)


def test_pdf_behind_a_password_is_encrypted(tmp_path: Path) -> None:
    with pytest.raises(Encrypted) as caught:
        read(make_pdf(tmp_path / "a.pdf", [["Secret."]], password="open"))
    assert str(caught.value) == "The PDF is encrypted and opens only with a password."


def test_pdf_with_an_owner_password_only_is_read(tmp_path: Path) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Printable."]], owner_password="mine")
    assert texts(path) == ["Printable."]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.98])
def test_truncated_pdf_is_damaged(tmp_path: Path, share: float) -> None:
    path = make_pdf(tmp_path / "a.pdf", [[f"Page {number}."] for number in range(30)])
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(Damaged):
        read(path)


@pytest.mark.parametrize("padding", [b"\0" * 200_000, b"\r\n" * 50_000])
def test_padding_behind_the_end_is_no_part_of_the_file(tmp_path: Path, padding: bytes) -> None:
    path = make_pdf(tmp_path / "a.pdf", [["Whole."]])
    path.write_bytes(path.read_bytes() + padding)
    assert texts(path) == ["Whole."]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("untitled", None),
        ("Microsoft Word - Document1.docx", None),
        ("thesis_final.tex", None),
        ("Untitled: a life", "Untitled: a life"),
        ("Microsoft Word for beginners", "Microsoft Word for beginners"),
    ],
)
def test_placeholder_is_no_title(tmp_path: Path, title: str, expected: str | None) -> None:
    assert read(make_pdf(tmp_path / "a.pdf", [["Text."]], title=title)).title == expected


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n%%EOF\n", b"no PDF"])
def test_what_is_no_pdf_is_damaged(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(Damaged):
        read(path)
