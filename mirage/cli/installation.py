"""Which installation a command looks at that works with database and store themselves."""

import os
from pathlib import Path
from typing import Annotated

import typer

from mirage.cli.output import stderr_console
from mirage.errors import ConfigError
from mirage.settings import Settings, load_settings

Data = Annotated[
    Path | None,
    typer.Option(help="Folder of the `mirage up` to look at.", show_default="the user's own"),
]


def installed_settings(data: Path | None) -> Settings:
    """Return the settings of the environment, else those of the `mirage up` that runs.

    Raises ConfigError when `data` names a folder on which none runs.
    """
    from mirage import embedded

    if data is None and any(name.startswith("MIRAGE_DATABASE_") for name in os.environ):
        return load_settings()
    folder = data or embedded.default_folder()
    running = embedded.running_settings(folder)
    if running is not None:
        stderr_console.print(
            f"This is the `mirage up` on {folder}, with the model that this shell names."
        )
        return running
    if data is not None:
        raise ConfigError(f"--data: no `mirage up` runs on {folder}")
    stderr_console.print(
        f"No `mirage up` runs on {folder} (--data) and no MIRAGE_DATABASE_… is set: defaults."
    )
    return load_settings()
