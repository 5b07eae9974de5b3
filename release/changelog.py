"""Writes what changed in values and schema to the changelog, and reads the notes of a release."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from release.errors import Refused
from release.shell import ROOT, run
from release.source import CHART

CHANGELOG = "CHANGELOG.md"

_UNRELEASED = "Unreleased"
_TITLE = "### Values and schema"
_MIGRATIONS = "mirage/db/migrations/versions"
_COMPATIBLE = re.compile(r"INSERT INTO compatibility VALUES \((\d+), (\d+)\)")
_LONG = 60
"""Longer defaults are not shown."""


def write(before: str, after: str, folder: Path = ROOT) -> str:
    """Put the changes between two revisions into the newest section; return what was written."""
    old, new = (_values(revision, folder) for revision in (before, after))
    known = set(_files(before, folder))
    added = [path for path in _files(after, folder) if path not in known]
    migrations = [
        _migration(run("git", "show", f"{after}:{path}", folder=folder), path) for path in added
    ]
    lines = [*values_changes(old, new), *migrations] or ["- Nothing changed."]
    written = f"{_TITLE}\n\n" + "\n".join(lines) + "\n"
    path = folder / CHANGELOG
    path.write_text(_with(path.read_text(), written))
    return written


def values_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return a line per key of the values that is new, gone, or has another default."""
    before, after = dict(_leaves(old)), dict(_leaves(new))
    return [
        *(f"- New: `{key}`{_default(after[key])}." for key in after if key not in before),
        *(f"- Removed: `{key}`." for key in before if key not in after),
        *(
            f"- New default: `{key}` is {_shown(after[key])}, was {_shown(before[key])}."
            for key in after
            if key in before and after[key] != before[key]
        ),
    ]


def section(text: str, version: str) -> str:
    """Return the notes of a version; refuse a changelog without them."""
    found = re.search(
        rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## \[|\Z)", text, re.MULTILINE | re.DOTALL
    )
    if not found or not found[1].strip():
        raise Refused(f"{CHANGELOG} has no section [{version}]: write what changes for operators")
    return found[1].strip() + "\n"


def _values(revision: str, folder: Path) -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load(
        run("git", "show", f"{revision}:{CHART}/values.yaml", folder=folder)
    )
    return values


def _files(revision: str, folder: Path) -> list[str]:
    listed = run("git", "ls-tree", "--name-only", revision, f"{_MIGRATIONS}/", folder=folder)
    return [path for path in listed.splitlines() if re.search(r"/\d{4}_\w+\.py$", path)]


def _migration(text: str, path: str) -> str:
    """Return the line about a migration: its number, what it does, and which programs go on."""
    number = Path(path).name[:4]
    what = (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]
    admits = _COMPATIBLE.search(text)
    oldest = f" Programs from revision {int(admits[2]):04} on keep serving." if admits else ""
    return f"- Migration {number}: {what}{oldest}"


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return f"`{text}`" if len(text) <= _LONG else "another"


def _default(value: object) -> str:
    shown = _shown(value)
    return f" ({shown})" if shown.startswith("`") else ""


def _with(text: str, written: str) -> str:
    """Return the changelog with the part in its first section, in place of an earlier one."""
    start = re.search(rf"^## \[{_UNRELEASED}\]\n", text, re.MULTILINE)
    if not start:
        raise Refused(f"{CHANGELOG} has no section [{_UNRELEASED}]: begin one")
    end = re.compile(r"^## \[", re.MULTILINE).search(text, start.end())
    body = text[start.end() : end.start() if end else len(text)]
    body = re.sub(rf"\n{_TITLE}\n.*?(?=\n### |\Z)", "", body, flags=re.DOTALL).rstrip("\n")
    rest = text[end.start() :] if end else ""
    return f"{text[: start.end()]}{body}\n\n{written}{rest and chr(10)}{rest}"
