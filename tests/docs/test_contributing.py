"""What CONTRIBUTING.md names is there, and so are the programs of the hooks."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text()
WORDS = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
TABLE = PAGE.partition("## Where things go")[2].partition("\n## ")[0]
ROWS = re.findall(r"^\| (?!change|-)([^|]+) \| (.+) \|$", TABLE, re.MULTILINE)


def _paths(text: str) -> list[str]:
    """What is written as code and looks like a path of the repository."""
    return [code for code in re.findall(r"`([^`\s]+)`", text) if "/" in code or "." in code]


@pytest.mark.parametrize(("change", "files"), ROWS, ids=[change for change, _ in ROWS])
def test_change_recipe_names_files_that_exist(change: str, files: str) -> None:
    paths = _paths(files)
    assert paths, change
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_table_of_changes_is_read() -> None:
    assert len(ROWS) == 20


def test_page_names_files_and_words_of_make_that_exist() -> None:
    made = {".venv", ".tools"}
    missing = {path for path in _paths(PAGE) if not (ROOT / path).exists()} - made
    assert missing == set()
    assert set(re.findall(r"`make ([a-z0-9-]+)", PAGE)) - WORDS == set()


def test_every_folder_of_tests_is_explained() -> None:
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/__init__.py")}
    assert folders - set(re.findall(r"`tests/(\w+)`", PAGE)) == set()


def test_hooks_run_programs_of_the_environment() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (source,) = config["repos"]
    assert source["repo"] == "local"
    locked = (ROOT / "requirements" / "dev.txt").read_text()
    for hook in source["hooks"]:
        program = hook["entry"].split()[0].removeprefix(".venv/bin/")
        package = {"lint-imports": "import-linter"}.get(program, program)
        assert program == "python" or f"\n{package}==" in locked
