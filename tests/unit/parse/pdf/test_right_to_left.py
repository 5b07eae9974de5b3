"""Lines in right-to-left script come in logical order, wherever the file draws their glyphs.

The letters a to f stand for Hebrew or Arabic ones, p and q for brackets. A line is drawn as it
shows, from the left.
"""

from pathlib import Path

import pytest

from mirage.model import MediaType
from mirage.parse import parse
from mirage.testing import make_glyph_pdf

HEBREW = dict(zip("abcdefpq", "אבגדהו()", strict=True))
ARABIC = {"a": "ب", "b": "ت", "c": "ث", "L": "لا", "V": "ال"}


def read(path: Path) -> str:
    return "\n".join(section.text for section in parse(path, MediaType.PDF).sections)


@pytest.mark.parametrize(
    ("drawn", "expected"),
    [
        ("fed cba", "אבג דהו"),
        ("fed 06:00 cba", "אבג 06:00 דהו"),
        ("fed 1,250.50 cba", "אבג 1,250.50 דהו"),
        ("fed 20 10 cba", "אבג 10 20 דהו"),
        ("fed 25% cba", "אבג 25% דהו"),
        ("fed AB-1234 cba", "אבג AB-1234 דהו"),
        ("fed WIN XP 2022 cba", "אבג WIN XP 2022 דהו"),
        (".fed cba", "אבג דהו."),
        (".q25 fedp cba", "אבג (דהו 25)."),
        (".p25 fedq cba", "אבג (דהו 25)."),
        ("WORD cba fed IN ENGLISH TEXT", "WORD דהו אבג IN ENGLISH TEXT"),
    ],
)
def test_words_and_what_is_within_them_are_in_logical_order(
    tmp_path: Path, drawn: str, expected: str
) -> None:
    assert read(make_glyph_pdf(tmp_path / "a.pdf", [drawn], HEBREW)) == expected


@pytest.mark.parametrize("ligature", ["L", "V"])
def test_lam_and_alef_in_one_glyph_are_lam_before_alef(tmp_path: Path, ligature: str) -> None:
    # Some files list the letters of this glyph as they show, others as they are read.
    path = make_glyph_pdf(tmp_path / "a.pdf", [f"ca{ligature}b cab"], ARABIC)
    assert read(path) == "تبث تلابث"


def test_mark_belongs_to_the_letter_below_it(tmp_path: Path) -> None:
    path = make_glyph_pdf(tmp_path / "a.pdf", ["fed cba"], {**HEBREW, "b": "בּ"})
    assert read(path) == "אבּג דהו"
