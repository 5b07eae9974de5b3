"""Small documents of many kinds read as a person reads their pages.

An expected text begins with the title, then each section follows behind a line that holds the
page, its label and the headings. `tests/data/make_documents.py` tells how the documents were made.
"""

from pathlib import Path

import pytest

from mirage.errors import Encrypted, NoText
from mirage.model import Parsed, Section
from mirage.parse import parse
from mirage.parse.formats import type_of

FOLDER = Path(__file__).parents[2] / "data" / "documents"
EXPECTED = sorted(FOLDER.glob("*.expected"))


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.stem)
def test_document_reads_as_a_person_reads_it(expected: Path) -> None:
    assert shown(read(expected.stem)) == expected.read_text()


@pytest.mark.parametrize(
    ("name", "error"), [("user-password.pdf", Encrypted), ("scanned.pdf", NoText)]
)
def test_document_without_readable_text_is_refused(name: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        read(name)


def test_every_document_is_small_and_looked_at() -> None:
    documents = {path.name for path in FOLDER.iterdir() if path.suffix != ".expected"}
    refused = {"user-password.pdf", "scanned.pdf"}
    assert documents == {path.stem for path in EXPECTED} | refused
    assert max((FOLDER / name).stat().st_size for name in documents) < 10_000


def read(name: str) -> Parsed:
    path = FOLDER / name
    media_type = type_of(name)
    assert media_type is not None
    return parse(path, media_type)


def shown(parsed: Parsed) -> str:
    notes = "".join(f"warning: {warning}\n" for warning in parsed.warnings)
    sections = "".join(f"\n{head(section)}\n{section.text}\n" for section in parsed.sections)
    return f"title: {parsed.title}\npages: {parsed.page_count}\n{notes}{sections}"


def head(section: Section) -> str:
    page = f"page {section.page_number} ({section.page_label})" if section.page_number else ""
    return f"--- {page} {' > '.join(section.heading_path)}".replace("  ", " ").rstrip()
