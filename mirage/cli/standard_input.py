"""Takes a document from standard input, so that `kubectl exec -i` can bring one into a pod."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from mirage.cli.client import FileRefused
from mirage.cli.paths import Named, find_files
from mirage.cli.skipped import Skipped

STANDARD_INPUT = "-"


@contextmanager
def files_to_add(paths: list[str], name: str | None, skipped: Skipped) -> Iterator[list[Named]]:
    """Return the files of `paths`, a single one under `name` if given; `-` is standard input.

    Standard input is copied to a temporary file while the block runs. Raises BadParameter and
    FileRefused.
    """
    if STANDARD_INPUT not in paths:
        files = find_files([Path(path) for path in paths], skipped)
        if name is not None:
            if len(files) != 1:
                raise typer.BadParameter(f"--name is for one file, but there are {len(files)}.")
            files = [(files[0][0], name)]
        yield files
        return
    if len(paths) > 1:
        raise typer.BadParameter("'-' is standard input, and cannot be added with other files.")
    if name is None:
        raise typer.BadParameter("standard input has no name: give one, such as --name test.pdf.")
    with tempfile.NamedTemporaryFile() as file:
        try:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
        except OSError as error:
            raise FileRefused(f"standard input cannot be copied: {error.strerror}") from error
        yield [(Path(file.name), name)]
