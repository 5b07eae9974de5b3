"""Everything that the program has is documented, and the pages are those of this code."""

import subprocess
import sys
from pathlib import Path

import pytest

from reference.commands import all_commands
from reference.errors import all_errors
from reference.pages import DOCS, PAGES
from reference.routes import description
from reference.settings import variable
from reference.table import takes
from schema.config import groups

ROOT = DOCS.parent


def test_no_page_is_stale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "reference", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pages_are_the_same_whatever_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    page = DOCS / "cli.md"
    before = PAGES[page]()
    for name, value in {"COLUMNS": "40", "FORCE_COLOR": "1", "MIRAGE_API_KEY": "secret"}.items():
        monkeypatch.setenv(name, value)
    assert PAGES[page]() == before


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text()
    names = [variable(group, name) for group, kind in groups() for name in kind.model_fields]
    missing = [name for name in names if page.count(f"| `{name}` |") != 1]
    assert missing == [], "run `python -m reference write`"


def test_every_route_is_documented() -> None:
    page = (DOCS / "api.md").read_text()
    missing = [
        f"{method.upper()} {path}"
        for path, item in description()["paths"].items()
        for method in item
        if f"`{method.upper()} {path}`" not in page
    ]
    assert missing == [], "run `python -m reference write`"


def test_every_command_is_documented() -> None:
    titles = [line.lstrip("# ") for line in (DOCS / "cli.md").read_text().splitlines()]
    missing = [path for path in all_commands() if " ".join(("mirage", *path)) not in titles]
    assert missing == [], "run `python -m reference write`"


def test_every_error_is_documented_under_a_code_of_its_own() -> None:
    page = (DOCS / "errors.md").read_text()
    codes = [error.code for error in all_errors()]
    assert sorted(codes) == sorted(set(codes))
    missing = [code for code in codes if page.count(f"| `{code}` |") != 1]
    assert missing == [], "run `python -m reference write`"


@pytest.mark.parametrize("page", sorted(PAGES), ids=lambda page: page.stem)
def test_page_is_linked_from_the_readme(page: Path) -> None:
    assert f"](docs/{page.name})" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize(
    ("schema", "shown"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 65535}, "integer 1 to 65,535"),
        ({"type": "integer", "minimum": 1.0}, "integer from 1"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 300}, "number over 0, up to 300"),
        ({"type": "string", "minLength": 1, "maxLength": 9}, "text of 1 to 9 characters"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "text or null"),
        ({"enum": ["a", "b"], "type": "string"}, "`a`, `b`"),
        ({"type": "array", "items": {"$ref": "#/x/Key"}}, "list of [Key](#key)"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "map to number"),
        ({"type": "string", "format": "date-time"}, "date and time"),
    ],
)
def test_schema_is_told_in_words(schema: dict[str, object], shown: str) -> None:
    assert takes(schema) == shown
