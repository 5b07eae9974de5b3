from pathlib import Path

import pytest

from mirage.errors import NoText
from mirage.model import MediaType, Parsed, Section
from mirage.parse import parse
from mirage.testing import make_odp


def frame(text: str, kind: str = "") -> str:
    return (
        f'<draw:frame presentation:class="{kind}"><draw:text-box><text:p>{text}</text:p>'
        "</draw:text-box></draw:frame>"
    )


def read(folder: Path, *slides: str) -> Parsed:
    return parse(make_odp(folder / "a.odp", slides), MediaType.ODP)


def test_slide_is_a_page_with_its_notes_apart(tmp_path: Path) -> None:
    notes = f"<presentation:notes>{frame('7', 'page-number')}{frame('Ask first.', 'notes')}"
    notes += "</presentation:notes>"
    group = "<draw:g><draw:rect><text:p>in a group</text:p></draw:rect></draw:g>"
    parsed = read(
        tmp_path,
        frame("AB-1234") + frame("Pumps", "title") + notes,
        group + frame("3", "page-number"),
    )
    assert parsed.sections == (
        Section("Pumps\n\nAB-1234", ("Pumps",), page_number=1),
        Section("Ask first.", ("Pumps", "Notes"), page_number=1),
        Section("in a group", page_number=2),
    )
    assert (parsed.title, parsed.page_count) == ("Pumps", 2)


def test_tables_and_comments_are_read(tmp_path: Path) -> None:
    cells = "".join(
        f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("AB-1", "42")
    )
    table = f"<draw:frame><table:table><table:table-row>{cells}</table:table-row></table:table>"
    comment = "<office:annotation><dc:creator>Ann</dc:creator><text:p>Right?</text:p>"
    parsed = read(tmp_path, f"{table}<draw:image/></draw:frame>{comment}</office:annotation>")
    assert [(section.text, section.heading_path) for section in parsed.sections] == [
        ("AB-1\t42", ()),
        ("Ann: Right?", ("Comments",)),
    ]


def test_slides_of_pictures_alone_are_named(tmp_path: Path) -> None:
    picture = "<draw:frame><draw:image/></draw:frame>"
    assert read(tmp_path, picture, frame("text")).warnings == (
        "Slide 1 shows only pictures, no text.",
    )
    with pytest.raises(NoText, match="The presentation contains no text"):
        read(tmp_path, picture)
