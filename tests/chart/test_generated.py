"""A thousand valid values files render, and a thousand with a mistake are refused by its key.

All of them are judged by the schema and the rules in Python, and a part by Helm, because a render
takes a tenth of a second: MIRAGE_TEST_GENERATED says how many of each kind.
"""

import os
from pathlib import Path

import pytest

from tests.chart.generator import Generator, refused
from tests.chart.render import refusal, render
from tests.chart.test_tools import kubeconform

SEED = 12
FILES = 1000
RENDERED = int(os.environ.get("MIRAGE_TEST_GENERATED", "20"))
PARTS = 10
"""Parts of what Helm judges, so that all cores render, and each ends long before the time limit."""


def test_valid_files_pass_the_schema() -> None:
    generator = Generator(SEED)
    assert [why for _ in range(FILES) if (why := refused(generator.valid()))] == []


def test_files_with_a_mistake_do_not() -> None:
    generator = Generator(SEED)
    accepted = [one for _ in range(FILES) if not refused((one := generator.invalid()).values)]
    assert accepted == []


@pytest.mark.parametrize("part", range(PARTS))
def test_valid_files_render_what_kubernetes_knows(tmp_path: Path, part: int) -> None:
    generator = Generator(SEED + part)
    manifest = tmp_path / "manifest.yaml"
    with manifest.open("w") as file:
        for _ in range(RENDERED // PARTS):
            release = render(values=generator.valid())
            assert len(release.objects) > 3
            file.write(release.manifest)
    kubeconform(manifest)


@pytest.mark.parametrize("part", range(PARTS))
def test_mistakes_are_refused_by_their_key(part: int) -> None:
    generator = Generator(SEED + part)
    unnamed = []
    for _ in range(RENDERED // PARTS):
        mistake = generator.invalid()
        lines = refusal(values=mistake.values)
        keys = mistake.key.split(".")
        if not any(mistake.key in line or "/".join(keys) in line for line in lines):
            unnamed.append((mistake, lines))
    assert unnamed == []
