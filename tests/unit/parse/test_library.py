"""What real documents must give: facts that a person read in them."""

import os
from functools import cache
from pathlib import Path

import pytest

from mirage.errors import Encrypted, NoText
from mirage.model import MediaType, Parsed, Section
from mirage.parse import EXTENSIONS, HEAD_BYTES, detect, parse

DATA = os.environ.get("MIRAGE_TEST_DATA", "")
LIBRARY = Path(DATA) / "library"

pytestmark = pytest.mark.skipif(not DATA, reason="MIRAGE_TEST_DATA names no folder of documents")


@cache
def read(name: str) -> Parsed:
    path = next(LIBRARY.rglob(name))
    return parse(path, EXTENSIONS[path.suffix])


def where(name: str, words: str) -> list[Section]:
    return [section for section in read(name).sections if words in section.text]


def test_every_document_is_of_the_type_that_its_name_says() -> None:
    paths = [path for path in LIBRARY.rglob("*.*") if path.is_file()]
    assert len(paths) > 100
    for path in paths:
        with path.open("rb") as file:
            assert detect(path.name, file.read(HEAD_BYTES)) is EXTENSIONS[path.suffix]


def test_every_text_is_clean_and_every_section_holds_some() -> None:
    refused = ("bug1001080.pdf", "imagemagick-lzw.pdf", "libreoffice-writer-password.pdf")
    for path in LIBRARY.rglob("*.*"):
        if path.name in refused:
            continue
        for section in read(path.name).sections:
            assert section.text.strip()
            assert not any(ord(c) < 0x20 and c not in "\n\t" for c in section.text)
            section.text.encode()


@pytest.mark.parametrize(
    ("name", "error", "sentence"),
    [
        (
            "libreoffice-writer-password.pdf",
            Encrypted,
            "The PDF is encrypted and opens only with a password.",
        ),
        ("imagemagick-lzw.pdf", NoText, "The PDF contains only pictures, no text."),
        (
            "bug1001080.pdf",
            NoText,
            "The letters of page 1 cannot be read: "
            "the file does not say which characters its fonts draw.",
        ),
    ],
)
def test_verdicts(name: str, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error) as caught:
        parse(next(LIBRARY.rglob(name)), MediaType.PDF)
    assert str(caught.value) == sentence


def test_book_has_labels_paths_and_no_running_header() -> None:
    name = "GeoTopo-komprimiert.pdf"
    parsed = read(name)
    assert (parsed.title, parsed.page_count) == ("Geometrie und Topologie", 117)
    (metric,) = where(name, "heißt Metrik, wenn gilt")
    assert metric.heading_path == ("1 Topologische Grundbegriffe", "1.2 Metrische Räume")
    assert (metric.page_number, metric.page_label) == (10, "7")
    assert metric.text.startswith("1.2 Metrische Räume\n\nDefinition 8\n\nSei X eine Menge.")
    (preface,) = where(name, "Wintersemester 2013/2014")
    assert (preface.page_number, preface.page_label) == (2, "ii")
    assert "für 10 Euro" in preface.text
    assert "Schwarz-Weiß" in preface.text
    assert "Übungsaufgaben und Lösungen" in preface.text
    assert "Widerspruchsbeweisen" in preface.text
    assert "Die Kugeloberfläche S² lässt sich" in preface.text
    assert where(name, "7 1.2. METRISCHE RÄUME") == []


def test_columns_are_read_one_after_the_other() -> None:
    (page,) = where("tracemonkey.pdf", "de facto standard for client-side web programming")
    assert page.page_number == 1
    left = page.text.index("Keywords JavaScript, just-in-time compilation, trace trees.")
    right = page.text.index("We present a trace-based compilation technique for dynamic languages")
    assert left < right
    assert "difficult to compile than statically typed ones" in page.text
    assert "naïve" in read("tracemonkey.pdf").sections[1].text
    (first,) = where("multicolumn.pdf", "placerat ac, adipiscing vitae, felis.")
    assert first.text.endswith("Quisque egestas wisi eget nunc. Nam feugiat")
    assert where("multicolumn.pdf", "Austria\t8.9\t83,879\tVienna\tGerman\nBelgium\t11.5\t30,689")


def test_mistitled_outline_loses_no_text() -> None:
    right, wrong = read("pdflatex-outline.pdf"), read("mistitled_outlines_example.pdf")
    texts = [section.text for section in wrong.sections]
    assert texts == [section.text for section in right.sections]
    paths = [section.heading_path for section in wrong.sections]
    assert paths[:4] == [(), ("First",), ("First", "Second"), ("First", "Third")]
    assert right.sections[1].heading_path == ("Foo",)
    assert texts[1].startswith("1 Foo\n\nHello, here is some text without a meaning.")


def test_arabic_comes_in_logical_order() -> None:
    (page,) = read("habibi.pdf").sections
    assert page.text.endswith("habibi حَبيبي")
    assert page.text.startswith("حَبيبي")


def test_pages_in_fonts_without_letters_are_named() -> None:
    parsed = read("TAMReview.pdf")
    assert parsed.warnings == (
        "The letters of pages 2–22 cannot be read: "
        "the file does not say which characters its fonts draw.",
    )
    assert where("TAMReview.pdf", "User acceptance of technology has been an important field")


def test_turned_page_is_read_like_any_other() -> None:
    assert [section.text for section in read("rotation.pdf").sections] == [
        "This is my first page with normal layout. This is the second line on the page.",
        "This is my second page. It will have a landscape layout. Second line here.",
    ]


def test_novel_follows_its_spine() -> None:
    chapters = [section.heading_path[0] for section in read("moby-dick.epub").sections]
    first = chapters.index("Chapter 1. Loomings.")
    assert chapters[first : first + 3] == [
        "Chapter 1. Loomings.",
        "Chapter 2. The Carpet-Bag.",
        "Chapter 3. The Spouter-Inn.",
    ]
    last = chapters.index("Epilogue")
    assert chapters[last - 1] == "Chapter 135. The Chase.—Third Day."
    (loomings,) = where("moby-dick.epub", "Call me Ishmael.")
    assert loomings.heading_path == ("Chapter 1. Loomings.",)


def test_poem_keeps_its_lines_and_notes_their_chapter() -> None:
    (poem,) = where("wasteland.epub", "Lilacs out of the dead land, mixing\nMemory and desire")
    assert poem.heading_path == ("I. THE BURIAL OF THE DEAD",)
    assert read("wasteland.epub").sections[-1].heading_path == (
        'NOTES ON "THE WASTE LAND"',
        "V. WHAT THE THUNDER SAID",
    )


def test_japanese_keeps_words_whole_and_readings_beside_them() -> None:
    (chapter,) = where("kusamakura-preview.epub", "山路(やまみち)を登りながら、こう考えた。")
    assert chapter.heading_path == ("一",)
    assert read("kusamakura-preview.epub").title == "草枕"


def test_arabic_book_has_its_titles() -> None:
    paths = [section.heading_path for section in read("regime-anticancer-arabic.epub").sections]
    assert ("Commencer la lecture", "السرطان: مرض جينيّ", "جينات متضرّرة") in paths
    (life,) = where("regime-anticancer-arabic.epub", "من أين تأتي الحياة؟\n\nحسنًا!")
    assert life.heading_path == ("Commencer la lecture", "من أين تأتي الحياة؟")


def test_textbook_has_formulas_and_deep_paths() -> None:
    name = "linear-algebra.epub"
    (section,) = where(name, "Subsection AA: An Application")
    assert section.heading_path == (
        "Part I. Part C Core",
        "Chapter 1. Chapter SLE Systems of Linear Equations",
        "Section WILA What is Linear Algebra?",
        "Subsection AA: An Application",
    )
    assert where(name, "T:ℂ⁵→ℂ³")


def test_markdown_book_has_lines() -> None:
    (section,) = where("ch04-01-what-is-ownership.md", "## Memory and Allocation")
    assert section.heading_path == ("What Is Ownership?", "Memory and Allocation")
    source = next(LIBRARY.rglob("ch04-01-what-is-ownership.md")).read_text().split("\n")
    assert section.line is not None
    assert source[section.line - 1] == section.text.split("\n")[0]
