"""How the command line cites a passage."""

from typing import Any

import pytest

from mirage.cli.search import citation


def _passage(matches: list[int], *, pages: bool = False) -> dict[str, Any]:
    """A passage from 100 to 200 that has parts of three sections."""
    sections = [
        {
            "start": start,
            "heading_path": ["Valve", name],
            "page_number": page if pages else None,
            "page_label": str(page) if pages else None,
            "line": line,
        }
        for start, name, page, line in (
            (90, "Mounting", 4, 10),
            (130, "Noise", 5, 20),
            (170, "Parts", 6, 30),
        )
    ]
    return {
        "document": {"name": "a.md"},
        "start": 100,
        "matches": [{"start": at, "end": at + 3} for at in matches],
        "sections": sections,
        "page_number": 4 if pages else None,
        "page_label": "4" if pages else None,
        "last_page_number": 6 if pages else None,
        "score": 0.5,
        "similarity": None,
        "weak": False,
    }


@pytest.mark.parametrize(
    ("matches", "cited"),
    [
        ([], "line 10, Valve > Mounting"),
        ([5], "line 10, Valve > Mounting"),
        ([5, 40, 50], "line 20, Valve > Noise"),
        ([99], "line 30, Valve > Parts"),
        ([5, 40], "line 10, Valve > Mounting"),
    ],
)
def test_section_is_the_one_with_the_words_that_were_found(matches: list[int], cited: str) -> None:
    assert citation(_passage(matches)) == f"a.md, {cited}  [score 0.5000]"


def test_page_is_the_one_with_the_words_that_were_found() -> None:
    assert citation(_passage([40], pages=True)).startswith("a.md, page 5, Valve > Noise")
    assert citation(_passage([], pages=True)).startswith("a.md, pages 4-6, Valve > Mounting")
