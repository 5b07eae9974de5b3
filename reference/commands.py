"""Renders the `--help` text of every command of `mirage.cli.app`."""

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.testing import CliRunner

from mirage.cli import app

# Width of the `--help` texts, on any terminal.
_COLUMNS = "100"
_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def render() -> str:
    """Return one section per command, one level deeper for commands of a group."""
    return "\n".join(_section(path) for path in all_commands())


def all_commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield every command and every group of commands, as the words to type."""
    yield path
    commands: dict[str, Any] = getattr(group or typer.main.get_command(app), "commands", {})
    for name, command in commands.items():
        yield from all_commands(command, (*path, name))


def _section(path: tuple[str, ...]) -> str:
    title = " ".join(("mirage", *path))
    return f"{'#' * max(len(path) + 1, 2)} {title}\n\n```text\n{_help(path)}\n```\n"


def _help(path: tuple[str, ...]) -> str:
    ran = CliRunner().invoke(
        app, [*path, "--help"], prog_name="mirage", env={"COLUMNS": _COLUMNS, "NO_COLOR": "1"}
    )
    if ran.exit_code:
        raise RuntimeError(f"mirage {' '.join(path)} --help ended with {ran.exit_code}")
    lines = _ANSI.sub("", ran.output).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")
