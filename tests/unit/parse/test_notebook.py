import json
from pathlib import Path
from typing import Any

import pytest

from mirage.errors import Blank, Damaged
from mirage.model import Parsed
from mirage.parse.notebook import parse


def read(tmp_path: Path, notebook: Any) -> Parsed:
    path = tmp_path / "notebook.ipynb"
    path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook))
    return parse(path)


def test_cells_are_sections_under_the_headings_of_the_text(tmp_path: Path) -> None:
    parsed = read(
        tmp_path,
        {
            "cells": [
                {"cell_type": "markdown", "source": ["# Pumps\n", "They *run*."]},
                {
                    "cell_type": "code",
                    "source": ["# not a heading\n", "print(7)"],
                    "outputs": [
                        {"output_type": "stream", "text": ["\x1b[31m7\x1b[0m\n"]},
                        {"data": {"text/plain": "<Figure>", "image/png": "iVBORw0KGgo="}},
                        {"output_type": "error", "ename": "ValueError", "evalue": "too dry"},
                    ],
                },
                {"cell_type": "markdown", "source": "## Насосы\n\nРаботают."},
                {"cell_type": "raw", "source": "as it is"},
            ],
            "metadata": {"title": "Plant"},
        },
    )
    assert parsed.title == "Plant"
    assert [(section.heading_path, section.line) for section in parsed.sections] == [
        (("Pumps",), None),
        (("Pumps", "Насосы"), None),
    ]
    assert parsed.sections[0].text == (
        "# Pumps\nThey *run*.\n\n```\n# not a heading\nprint(7)\n```\n\n"
        "```\n7\n<Figure>\nValueError: too dry\n```"
    )
    assert parsed.sections[1].text.endswith("as it is")


def test_program_may_hold_fences(tmp_path: Path) -> None:
    parsed = read(
        tmp_path, {"cells": [{"cell_type": "code", "source": "s = '''\n```\n# x\n```\n'''"}]}
    )
    assert [section.heading_path for section in parsed.sections] == [()]


def test_version_3_is_read(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Pumps"},
        {"cell_type": "code", "input": "run()", "outputs": [{"text": "dry"}]},
    ]
    parsed = read(tmp_path, {"worksheets": [{"cells": cells}, 5]})
    assert parsed.sections[0].heading_path == ("Pumps",)
    assert "run()" in parsed.sections[0].text
    assert "dry" in parsed.sections[0].text


def test_long_results_are_shortened_and_said(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "code", "source": "a", "outputs": [{"text": "x" * size}]}
        for size in (20_000, 20_001)
    ]
    parsed = read(tmp_path, {"cells": cells})
    assert parsed.warnings == (
        "The results of cell 2 are longer than 20,000 characters; the rest of them is left out.",
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("{", Damaged),
        ("[" * 100_000, Damaged),
        ("1" * 10_000, Damaged),
        ('{"nbformat": 4}', Damaged),
        ('{"cells": 5}', Damaged),
        ('{"cells": []}', Blank),
        ('{"cells": [null, 5, {"cell_type": "code", "source": {"a": 1}, "outputs": 7}]}', Blank),
    ],
)
def test_unreadable(tmp_path: Path, content: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        read(tmp_path, content)
    assert raised.type is error
