"""Results go to stdout, talk goes to stderr."""

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
# 128 + SIGPIPE: what a shell says of a program whose reader went away.
_BROKEN_PIPE = 141


def end_of_pipe() -> NoReturn:
    """Nobody reads the result any more, as behind `| head`: end without a word."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        # Either may be the broken one; what is still buffered must not fail at the end.
        try:
            stream.flush()
        except OSError:
            os.dup2(null, stream.fileno())
    raise SystemExit(_BROKEN_PIPE)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        end_of_pipe()


# Off a terminal nothing is folded or cut: another program reads it.
_UNFOLDED = 1_000_000


def _console(stream: TextIO, *, stderr: bool) -> Console:
    """One that shows what it is given, letter by letter: names and passages are no markup."""
    width = None if stream.isatty() else _UNFOLDED
    return _Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=width)


stdout_console = _console(sys.stdout, stderr=False)
stderr_console = _console(sys.stderr, stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def print_json(value: Any) -> None:
    """One JSON document."""
    # Where the terminal cannot write every character, JSON has its own escapes for them.
    plain = sys.stdout.encoding.lower() != "utf-8"
    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=plain, indent=2) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        end_of_pipe()


def print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A row of plain text a line; where the terminal is too narrow, cells are folded, not cut."""
    table = Table()
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    stdout_console.print(table)


def print_error(error: MirageError) -> None:
    """The error and its remedy, a sentence each."""
    stderr_console.print(Text.assemble(("error:", "bold red"), f" {error}"), soft_wrap=True)
    stderr_console.print(error.remedy(), style="dim", soft_wrap=True)


def printable(text: str) -> str:
    """With what file names may hold, bytes that are no UTF-8 and controls, written as escapes."""
    return _CONTROL.sub(
        lambda control: control[0].encode("unicode_escape").decode(),
        text.encode("utf-8", "backslashreplace").decode(),
    )
