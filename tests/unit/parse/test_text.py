from pathlib import Path

import pytest

from mirage.errors import Blank, Damaged
from mirage.model import MediaType, Section
from mirage.parse import parse


def test_short_text_is_one_section_with_the_line_of_its_first_word(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"\r\n\r\nFirst line.\r\n\r\nThird\x00 line.\r\n")
    assert parse(path, MediaType.TEXT).sections == (Section("First line.\n\nThird line.", line=3),)


def test_long_text_is_cut_at_an_empty_line(tmp_path: Path) -> None:
    paragraphs = ["\n".join(f"{number}.{line}" for line in range(30)) for number in range(20)]
    path = tmp_path / "a.txt"
    path.write_text("\n\n".join(paragraphs))
    sections = parse(path, MediaType.TEXT).sections
    assert [section.line for section in sections] == [1, 218, 435]
    assert [section.text[:4] for section in sections] == ["0.0\n", "7.0\n", "14.0"]
    assert "\n\n".join(section.text for section in sections) == "\n\n".join(paragraphs)


def test_text_without_an_empty_line_is_cut_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n".join(f"  line {number}" for number in range(700)))
    sections = parse(path, MediaType.TEXT).sections
    assert [section.line for section in sections] == [1, 301, 601]
    assert sections[1].text.startswith("  line 300\n")


def test_page_breaks_are_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("".join(f"Page {number}.\n\f\n" + "\n" * 60 for number in range(8)))
    sections = parse(path, MediaType.TEXT).sections
    assert [section.line for section in sections] == [1, 249]
    assert "\f" not in sections[0].text


def test_empty_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(" \n\t\n\x00\n")
    with pytest.raises(Blank):
        parse(path, MediaType.TEXT)


def test_binary_data_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(Damaged) as caught:
        parse(path, MediaType.TEXT)
    assert str(caught.value) == "The file is not text: it contains binary data."
