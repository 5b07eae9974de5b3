"""Prints results to stdout, and messages to stderr."""

import json
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, NoReturn, TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mirage.errors import MirageError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# 128 + SIGPIPE: the exit code that a shell reports after a closed pipe.
_BROKEN_PIPE = 141


def end_of_pipe() -> NoReturn:
    """Exit silently because the pipe was closed, as by `| head`."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # Either may be the closed one; flushing its buffer at exit must not fail.
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
    raise SystemExit(_BROKEN_PIPE)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        end_of_pipe()


# Without a terminal nothing is wrapped or shortened, because a program may read it.
_UNFOLDED = 1_000_000


def _console(stream: TextIO, *, stderr: bool) -> Console:
    """Return a console that prints text literally: names and passages are not markup."""
    width = None if stream.isatty() else _UNFOLDED
    return _Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=width)


stdout_console = _console(sys.stdout, stderr=False)
stderr_console = _console(sys.stderr, stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def print_json(value: Any) -> None:
    """Print one JSON document."""
    # JSON escapes the characters that the terminal's encoding lacks.
    plain = sys.stdout.encoding.lower() != "utf-8"
    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=plain, indent=2) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        end_of_pipe()


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of plain text; narrow terminals wrap cells instead of shortening them."""
    table = Table()
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    stdout_console.print(table)


def print_error(error: MirageError) -> None:
    """Print the error and its remedy, one line each."""
    stderr_console.print(Text.assemble(("error:", "bold red"), f" {error}"), soft_wrap=True)
    stderr_console.print(error.remedy(), style="dim", soft_wrap=True)


def printable(text: str) -> str:
    """Return the text with control characters and bytes that are not UTF-8 as escapes."""
    return _CONTROL.sub(
        lambda control: control[0].encode("unicode_escape").decode(),
        text.encode("utf-8", "backslashreplace").decode(),
    )
