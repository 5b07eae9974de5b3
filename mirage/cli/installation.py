"""Chooses the installation for commands that use database and store directly."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mirage.cli.output import stderr_console
from mirage.errors import ConfigError

if TYPE_CHECKING:
    from mirage.settings import Settings

Data = Annotated[
    Path | None,
    typer.Option(help="Data folder of a running `mirage up`.", show_default="in the user's data"),
]


class NothingRuns(ConfigError):
    """Start `mirage up`, or name the folder of the running one with `--data`."""

    code = "nothing-runs"


def installed_settings(data: Path | None) -> "Settings":
    """Return the settings of the environment, or of the running `mirage up`.

    Raises NothingRuns if the environment names no database and no `mirage up` runs.
    """
    from mirage import embedded
    from mirage.settings import load_settings

    if data is None and any(name.startswith("MIRAGE_DATABASE_") for name in os.environ):
        return load_settings()
    folder = data or embedded.default_folder()
    running = embedded.running_settings(folder)
    if running is None:
        raise NothingRuns(f"no `mirage up` runs on {folder}")
    stderr_console.print(f"Using the `mirage up` on {folder}.")
    return running
