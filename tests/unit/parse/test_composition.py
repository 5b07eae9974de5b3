"""Every parser's text is in NFC."""

import unicodedata
from pathlib import Path

import pytest

from mirage.model import MediaType
from mirage.parse import parse
from mirage.parse.composition import compose


def test_text_headings_and_title_are_composed(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(unicodedata.normalize("NFD", "# Büro\n\nDie Wärmepumpe, é und й."))
    parsed = parse(path, MediaType.MARKDOWN)
    for text in (parsed.title or "", parsed.sections[0].text, *parsed.sections[0].heading_path):
        assert text
        assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("length", [31, 200_000])
def test_flood_of_marks_stays_as_it_is(length: int) -> None:
    marks = "\u0301\u0323" * (length // 2 + 1)
    assert compose(f"e\u0301 a{marks} e\u0301") == f"é a{marks} é"
