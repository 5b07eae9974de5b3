"""What people wrote names only what exists: commands, options, variables, routes, keys, files."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from mirage.cli import app
from mirage.settings import PREFIX
from reference.pages import DOCS, by_hand
from reference.routes import description
from reference.settings import variable
from schema.config import groups
from schema.render import json_schema

ROOT = DOCS.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "charts" / "mirage" / "README.md",
    *sorted(DOCS.glob("*.md")),
    *sorted(DOCS.glob("examples/*")),
]
GROUPS = dict(groups())
# Of the tests, and read nowhere else.
_TEST_VARIABLE = f"{PREFIX}TEST_"
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_VARIABLE = re.compile(rf"\b{PREFIX}[A-Z_]+\b")
_ROUTE = re.compile(r"(?<![\w.…])(?:https?://[\w.:-]+|\$api)?(/api/v1[\w/{}$-]*|/health[\w/]*)")
_KEY = re.compile(r"(?<![\w./-])([a-z]\w*(?:\.[a-z]\w*)+)(?![\w(/:@*-])")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
# `mirage keys create | list | revoke` names three commands.
_COMMAND = re.compile(
    r"(?:^(?:\$ )?|`|-- |&& |MIRAGE_\w+=\S+ )mirage ((?:[a-z][a-z|-]*(?: \| )?)+[^`\n|]*)",
    re.MULTILINE,
)
_FILE_ENDINGS = ("md", "pdf", "epub", "yaml", "json", "py", "example", "io", "org", "com", "log")

each_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix()
)


def _code(page: Path) -> str:
    # The remedies of errors are written by hand too, each in its class.
    text = page.read_text() if page.name == "errors.md" else by_hand(page)
    return "\n".join(_CODE.findall(text)) if page.suffix == ".md" else text


@each_page
def test_every_command_and_option_exists(page: Path) -> None:
    wrong = []
    for line in _COMMAND.findall(_code(page).replace("\\\n", " ")):
        wrong += list(_faults(line))
    assert wrong == []


@each_page
def test_every_variable_is_a_setting(page: Path) -> None:
    known = {variable(group, name) for group, kind in groups() for name in kind.model_fields}
    found = set(_VARIABLE.findall(by_hand(page)))
    unknown = {name for name in found - known if not name.startswith(_TEST_VARIABLE)}
    assert unknown == set()


@each_page
def test_every_route_exists(page: Path) -> None:
    templates = [re.sub(r"\{\w+\}", r"[^/]+", path) for path in description()["paths"]]
    # A part of an address, such as `/api/v1` alone, is fine where routes begin so.
    unknown = [
        route
        for route in _ROUTE.findall(_code(page))
        if not any(re.match(rf"{template}$", route) for template in templates)
        and not any(path.startswith(f"{route}/") for path in description()["paths"])
    ]
    assert unknown == []


@each_page
def test_every_key_is_one_of_the_chart_or_a_setting(page: Path) -> None:
    tops = set(json_schema()["properties"]) | set(GROUPS)
    unknown = [
        key
        # The group of an API, such as postgresql.cnpg.io, is no key.
        for key in _KEY.findall(re.sub("apiVersion: .*", "", _code(page)))
        if key.partition(".")[0] in tops
        and key.rpartition(".")[2] not in _FILE_ENDINGS
        and not _is_chart_key(key)
        and not _is_setting(key)
    ]
    assert unknown == []


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for path, anchor in _LINK.findall(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in _anchors(target)):
            broken.append(f"{path}#{anchor}")
    assert broken == []


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("search --project p 'a question' --limit 3", []),
        ("keys create | list | revoke", []),
        ("generations list|build", []),
        ("documents forget x", ["documents forget"]),
        ("search --depth 3", ["search --depth"]),
        ("nothing", ["nothing"]),
    ],
)
def test_faults_of_a_command_line_are_found(line: str, faults: list[str]) -> None:
    assert list(_faults(line)) == faults


def _faults(line: str) -> Iterator[str]:
    command: Any = typer.main.get_command(app)
    words = re.sub(r" \| ", "|", line).split()
    path: list[str] = []
    while words and hasattr(command, "commands"):
        *others, word = words.pop(0).rstrip(".,;:").split("|")[::-1]
        for other in (*others, word):
            if other not in command.commands:
                yield " ".join((*path, other))
                return
        path.append(word)
        command = command.commands[word]
    options = {option for parameter in command.params for option in parameter.opts}
    options |= {option for parameter in command.params for option in parameter.secondary_opts}
    for word in words:
        option = re.match(r"--?[a-z][a-z-]*", word)
        if option and option[0] not in options | {"-h", "--help"}:
            yield f"{' '.join(path)} {option[0]}"


def _is_chart_key(key: str) -> bool:
    node: dict[str, Any] = json_schema()
    for part in key.split("."):
        if "$ref" in node:
            node = json_schema()["definitions"][node["$ref"].rpartition("/")[2]]
        properties = node.get("properties", {})
        if part not in properties:
            return "properties" not in node  # What follows is the user's own, as an annotation is.
        node = properties[part]
    return True


def _is_setting(key: str) -> bool:
    group, _, field = key.partition(".")
    return group in GROUPS and field in GROUPS[group].model_fields


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
