"""A document from standard input, or under a name of its own."""

import io
import sys
from pathlib import Path

import pytest
import typer

from mirage.cli.skipped import Skipped
from mirage.cli.standard_input import files_to_add


class _Input:
    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_standard_input_is_a_file_with_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", _Input(b"%PDF-1.7 text"))
    with files_to_add(["-"], "test.pdf", Skipped()) as files:
        ((file, name),) = files
        assert name == "test.pdf"
        assert file.read_bytes() == b"%PDF-1.7 text"
    assert not file.exists()


def test_one_file_may_have_another_name(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text")
    with files_to_add([str(file)], "b.txt", Skipped()) as files:
        assert files == [(file, "b.txt")]


@pytest.mark.parametrize(
    ("paths", "name", "sentence"),
    [
        (["-"], None, "standard input has no name"),
        (["-", "a.txt"], "b.txt", "cannot be added with other files"),
        (["a.txt", "b.txt"], "c.txt", "--name is for one file, but there are 2"),
    ],
)
def test_what_has_no_single_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paths: list[str], name: str, sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for one in ("a.txt", "b.txt"):
        Path(one).write_text(one)
    with (
        pytest.raises(typer.BadParameter, match=sentence),
        files_to_add(paths, name, Skipped()),
    ):
        pass
