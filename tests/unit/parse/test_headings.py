from collections.abc import Callable
from pathlib import Path

import pytest

from mirage.model import MediaType, Section, join_sections
from mirage.parse import parse
from mirage.parse.headings import (
    MAX_DEPTH,
    MAX_TITLE_CHARACTERS,
    heading_path,
    join_bare_headings,
    label,
    named_title,
)
from mirage.testing import make_docx, make_epub, make_html, make_pdf

LONG = "lamp " * 40_000


def make_markdown(path: Path) -> Path:
    path.write_text(f"# {LONG}\n\nOil.\n\n## Wick\n\nBurns.\n")
    return path


def make_word(path: Path) -> Path:
    headed = '<w:p><w:pPr><w:pStyle w:val="Heading1"/></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>'
    return make_docx(path, headed.format(LONG) + "<w:p><w:r><w:t>Oil.</w:t></w:r></w:p>")


MAKERS: dict[MediaType, Callable[[Path], Path]] = {
    MediaType.MARKDOWN: make_markdown,
    MediaType.HTML: lambda path: make_html(path, f"<h1>{LONG}</h1><p>Oil.</p>"),
    MediaType.DOCX: make_word,
    MediaType.EPUB: lambda path: make_epub(path, {"a.xhtml": f"<h1>{LONG}</h1><p>Oil.</p>"}),
}


@pytest.mark.parametrize("media_type", MAKERS)
def test_huge_heading_is_text_in_full_and_a_label_in_the_path(
    tmp_path: Path, media_type: MediaType
) -> None:
    parsed = parse(MAKERS[media_type](tmp_path / "a"), media_type)
    assert join_sections(parsed.sections).count("lamp") == 40_000
    assert "Oil." in join_sections(parsed.sections)
    paths = [section.heading_path for section in parsed.sections if section.heading_path]
    assert {path[0] for path in paths} == {("lamp " * 59).strip() + "…"}
    assert len(parsed.title or "") <= MAX_TITLE_CHARACTERS


def test_huge_titles_of_contents_are_labels(tmp_path: Path) -> None:
    book = make_epub(
        tmp_path / "a.epub", {"a.xhtml": "<p>Oil.</p>"}, contents=[(LONG, "a.xhtml")], title=LONG
    )
    pages = make_pdf(tmp_path / "a.pdf", [["Oil."]], outline=[(LONG, 0, 0, 800)], title=LONG)
    for path, media_type in ((book, MediaType.EPUB), (pages, MediaType.PDF)):
        parsed = parse(path, media_type)
        assert parsed.title == ("lamp " * 59).strip() + "…"
        assert parsed.sections[-1].heading_path == (parsed.title,)


def test_label_is_cut_within_a_word_where_there_is_no_other_place() -> None:
    assert label("a" * MAX_TITLE_CHARACTERS) == "a" * MAX_TITLE_CHARACTERS
    assert label("a" * 1000) == "a" * (MAX_TITLE_CHARACTERS - 1) + "…"


def test_heading_path_keeps_the_top_and_the_last_of_too_many_levels() -> None:
    deep = [str(level) for level in range(50)]
    assert heading_path(deep) == (*deep[: MAX_DEPTH - 1], "49")


def test_bare_heading_joins_the_section_below_it() -> None:
    sections = [
        Section("# Bread", ("Bread",), line=1),
        Section("## Flour", ("Bread", "Flour"), line=3),
        Section("### Rye\n\nDark.", ("Bread", "Flour", "Rye"), line=5),
    ]
    assert list(join_bare_headings(sections)) == [
        Section("# Bread\n\n## Flour\n\n### Rye\n\nDark.", ("Bread", "Flour", "Rye"), line=1)
    ]


def test_bare_heading_stays_when_the_next_section_is_not_below_it() -> None:
    sections = [Section("Bread", ("Bread",)), Section("Salt it.", ("Salt",))]
    assert list(join_bare_headings(sections)) == sections


def test_bare_heading_stays_on_its_own_page() -> None:
    sections = [
        Section("1 Bread", ("1 Bread",), page_number=1),
        Section("Flour.", ("1 Bread",), page_number=2),
    ]
    assert list(join_bare_headings(sections)) == sections


def test_last_bare_heading_is_kept() -> None:
    sections = [Section("Text.", ()), Section("Index", ("Index",))]
    assert list(join_bare_headings(sections)) == sections


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("(anonymous)", None),
        ("Untitled", None),
        ("untitled document", None),
        ("Без названия", None),
        ("Документ1", None),
        ("Document 12", None),
        ("", None),
        (None, None),
        ("Untitled Goose Game", "Untitled Goose Game"),
        ("The document", "The document"),
        ("Anonymous sources", "Anonymous sources"),
    ],
)
def test_title_that_only_fills_the_place_is_none(title: str | None, named: str | None) -> None:
    assert named_title(title) == named
