"""Reads libpq's connection service file, from which `service=name` takes its parameters."""

import os
from configparser import ConfigParser
from configparser import Error as MalformedFile
from pathlib import Path

from mirage.errors import ConfigError

_FILE = "~/.pg_service.conf"


def read_service(name: str) -> dict[str, str]:
    """Return the parameters of a service.

    The file is the one of PGSERVICEFILE, else `~/.pg_service.conf`. Raises ConfigError when it
    cannot be read or has no such service.
    """
    path = Path(os.environ.get("PGSERVICEFILE") or os.path.expanduser(_FILE))  # noqa: PTH111
    parser = ConfigParser(
        interpolation=None, delimiters=("=",), comment_prefixes=("#",), default_section=""
    )
    try:
        with path.open(encoding="utf-8") as file:
            parser.read_file(file)
    except OSError as error:
        raise ConfigError(
            f"MIRAGE_DATABASE_URL: the parameter service needs {path}, which cannot be read:"
            f" {error.strerror}"
        ) from error
    except (MalformedFile, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not a service file of libpq") from error
    if not parser.has_section(name):
        raise ConfigError(
            f"MIRAGE_DATABASE_URL: the parameter service names a service that {path} does not have"
        )
    return dict(parser[name])
