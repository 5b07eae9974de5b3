"""The demo's library is what its texts and its maker say, and reads well."""

import runpy
from pathlib import Path

import pytest

from mirage.model import MediaType, Section
from mirage.parse import parse

DEMO = Path(__file__).parents[3] / "demo"


@pytest.mark.parametrize("name", ["lighthouses.pdf", "beekeeping.epub"])
def test_committed_file_is_what_the_maker_writes(name: str, tmp_path: Path) -> None:
    runpy.run_path(str(DEMO / "make_library.py"))["main"](tmp_path)
    same = (tmp_path / name).read_bytes() == (DEMO / "library" / name).read_bytes()
    assert same, "run `python demo/make_library.py`"


def test_library_is_small() -> None:
    sizes = {path.name: path.stat().st_size for path in (DEMO / "library").iterdir()}
    assert set(sizes) == {"lighthouses.pdf", "beekeeping.epub", "sourdough.md"}
    assert max(sizes.values()) < 60_000


def test_pdf_cites_label_and_heading() -> None:
    parsed = parse(DEMO / "library" / "lighthouses.pdf", MediaType.PDF)
    assert (parsed.title, parsed.warnings) == ("Lighthouses: A Short History", ())
    (rhythm,) = find(parsed.sections, "which is called its character")
    assert rhythm.heading_path == ("Reading a light", "Every tower has its rhythm")
    assert (rhythm.page_number, rhythm.page_label) == (5, "4")
    assert len(find(parsed.sections, "Lighthouses: A Short History")) == 1


def test_epub_cites_chapter_and_section() -> None:
    parsed = parse(DEMO / "library" / "beekeeping.epub", MediaType.EPUB)
    (winter,) = find(parsed.sections, "gather into a ball around the queen")
    assert winter.heading_path == ("The year", "Winter without sleep")


def test_markdown_cites_line_and_heading() -> None:
    parsed = parse(DEMO / "library" / "sourdough.md", MediaType.MARKDOWN)
    (flat,) = find(parsed.sections, "did not ferment long enough")
    assert flat.heading_path == ("Sourdough at Home", "When it goes wrong", "Flat and dense")
    assert flat.line == 60


def find(sections: tuple[Section, ...], words: str) -> list[Section]:
    return [section for section in sections if words in " ".join(section.text.split())]
