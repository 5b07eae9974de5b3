"""Results go to stdout, talk goes to stderr."""

import json
import sys
from typing import Annotated, Any

import typer
from rich.console import Console

from mirage.errors import MirageError

# Off a terminal nothing is folded: another program reads it.
_WIDE = None if sys.stdout.isatty() else 200
out = Console(highlight=False, width=_WIDE)
talk = Console(stderr=True, highlight=False)

Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def print_json(value: Any) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def complain(error: MirageError) -> None:
    """The error and its remedy, a sentence each."""
    talk.print(f"[bold red]error:[/] {_escape(str(error))}", soft_wrap=True)
    talk.print(_escape(error.remedy()), style="dim", soft_wrap=True)


def printable(text: str) -> str:
    """With bytes that are no UTF-8, as file names may hold, written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _escape(text: str) -> str:
    return text.replace("[", "\\[")
