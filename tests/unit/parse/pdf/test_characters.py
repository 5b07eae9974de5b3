"""Characters that fonts draw without saying which they are, as those of TeX do."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from mirage.errors import NoText
from mirage.model import MediaType
from mirage.parse import parse
from mirage.parse.pdf.tex_signs import signs_of, write_sign

PROSE = "plain words that tell which letters the codes of this font are "


def make_bare_pdf(path: Path, pages: Sequence[bytes], name: bytes = b"") -> Path:
    """A PDF in a font of which the file names no letter; each code is a box of the same size."""
    codes = range(1, 128)
    glyphs = b" ".join(b"/a%d 4 0 R" % code for code in codes)
    names = b" ".join(b"%d/a%d" % (code, code) for code in codes)
    widths = b" ".join([b"500"] * len(codes))
    base = b"/BaseFont/%s" % name if name else b""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>"
        % (len(pages), b" ".join(b"%d 0 R" % (5 + 2 * at) for at in range(len(pages)))),
        b"<</Type/Font/Subtype/Type3%s/FontBBox[0 0 500 700]/FontMatrix[0.001 0 0 0.001 0 0]"
        b"/FirstChar 1/LastChar 127/Widths[%s]/CharProcs<<%s>>/Resources<<>>"
        b"/Encoding<</Type/Encoding/Differences[%s]>>>>" % (base, widths, glyphs, names),
        _stream(b"500 0 0 0 500 700 d1 50 0 400 600 re f"),
    ]
    for at, text in enumerate(pages):
        resources = b"/Resources<</Font<</F1 3 0 R>>>>/MediaBox[0 0 612 792]"
        objects.append(b"<</Type/Page/Parent 2 0 R%s/Contents %d 0 R>>" % (resources, 6 + 2 * at))
        objects.append(_stream(b"BT /F1 10 Tf 14 TL 60 740 Td %s ET" % _lines(text)))
    content = b"%PDF-1.7\n"
    for number, item in enumerate(objects, 1):
        content += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    path.write_bytes(content + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
    return path


def _stream(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)


def _lines(text: bytes) -> bytes:
    """Show words far apart, because the font has no blank."""
    shown = b""
    for line in text.split(b"|"):
        words = b" ".join(b"<%s> -400" % word.hex().encode() for word in line.split(b" ") if word)
        shown += b"[%s] TJ T* " % words
    return shown


def text(path: Path) -> str:
    sections = parse(path, MediaType.PDF).sections
    return " ".join(" ".join(section.text for section in sections).split())


def paragraph(*words: bytes) -> bytes:
    return b"|".join([PROSE.encode()] * 10 + list(words))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (b"o\x0ecer", "officer"),
        (b"wa\x0fe", "waffle"),
        (b"di\x0berent", "different"),
        (b"\x0cnal", "final"),
        (b"\x0dy", "fly"),
        (b"dell\x12impresa", "dell impresa"),
    ],
)
def test_ligatures_are_letters_and_other_signs_are_blanks(
    tmp_path: Path, code: bytes, expected: str
) -> None:
    path = make_bare_pdf(tmp_path / "a.pdf", [paragraph(b"the " + code + b" end")])
    assert text(path).endswith(f"the {expected} end")


GIBBERISH = b"|".join([b"fJW5X =_tl!x y.Wy QWCs J_X'y tsWlW^Js y.sK yKfs"] * 8)


def test_font_whose_codes_are_no_letters_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoText) as caught:
        parse(make_bare_pdf(tmp_path / "a.pdf", [GIBBERISH]), MediaType.PDF)
    assert str(caught.value).startswith("The letters of page 1 cannot be read")


def test_short_page_is_judged_by_the_pages_before_it(tmp_path: Path) -> None:
    path = make_bare_pdf(tmp_path / "a.pdf", [GIBBERISH, b"yKfs QWCs"])
    with pytest.raises(NoText) as caught:
        parse(path, MediaType.PDF)
    assert str(caught.value).startswith("The letters of pages 1–2 cannot be read")


def test_font_whose_codes_are_the_letters_is_read(tmp_path: Path) -> None:
    codes = b"version 2.10.4 of AB-1234, for McDonald (USA) at 10:30; it's well-known"
    path = make_bare_pdf(tmp_path / "a.pdf", [b"|".join([codes] * 6)])
    assert text(path).startswith(codes.decode())


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("k(u)k", "‖(u)‖"),
        ("P0", "P′"),
        ("hu, vi", "⟨u, v⟩"),
        ("x 6= y", "x ≠ y"),
        ("x 7→ y", "x ↦ y"),
    ],
)
def test_signs_of_formulas_are_known_by_their_codes(drawn: str, expected: str) -> None:
    signs = signs_of("ABCDEF+CMSY10") or {}
    kept = list(drawn)
    for at, code in enumerate(drawn):
        if code in "k0hi67":
            write_sign(kept, at, signs[code])
    assert "".join(kept).replace("\0", "") == expected


def test_other_fonts_draw_letters() -> None:
    assert signs_of("ABCDEF+CMR10") is None


def make_accent_pdf(path: Path, *shown: bytes) -> Path:
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    content = b"BT /F1 12 Tf 72 700 Td " + b" ".join(shown) + b" ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 5 0 R"
        b"/Resources<</Font<</F1 4 0 R>>>>>>",
        font,
        _stream(content),
    ]
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % at for at in enumerate(objects, 1))
    path.write_bytes(b"%PDF-1.7\n" + body + b"trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
    return path


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (b"[(probl)-111(`)444(eme)] TJ", "problème"),
        (b"[(Jos)-111(\\264)444(e)] TJ", "José"),
        (b"(by G) Tj 26.5 1.2 Td (\\264) Tj -1 -1.2 Td (omez) Tj", "by Gómez"),
        (b"(a `quoted word) Tj", "a `quoted word"),
        (b"(x^y ~user) Tj", "x^y ~user"),
    ],
)
def test_accents_are_put_upon_the_letters_they_stand_over(
    tmp_path: Path, shown: bytes, expected: str
) -> None:
    assert text(make_accent_pdf(tmp_path / "a.pdf", shown)) == expected
