"""Renders every error, from the tree under `mirage.errors.MirageError`."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

import mirage
from mirage.errors import (
    ConfigError,
    InvalidInput,
    MirageError,
    Retry,
    Unavailable,
    Unreadable,
)
from reference.table import table

_RETRIED = {
    Retry.COUNTED: "a few times",
    Retry.WAIT: "until it works",
}
# Do not import these: importing a migration or `__main__` runs it.
_PROGRAMS = ("mirage.__main__", "mirage.db.migrations")
# Modules whose errors appear on the command line only.
_COMMAND_LINE = ("mirage.cli", "mirage.evaluation")


def render() -> str:
    """Return one section per kind of error."""
    found = list(all_errors())
    local = [error for error in found if error.__module__.startswith(_COMMAND_LINE)]
    rest = [error for error in found if error not in local]
    sections: dict[str, list[type[MirageError]]] = {
        "The request is wrong": [e for e in rest if issubclass(e, InvalidInput)],
        "The document cannot be read": [e for e in rest if issubclass(e, Unreadable)],
        "A service is unavailable": [e for e in rest if issubclass(e, Unavailable)],
        "The process does not start": [e for e in rest if issubclass(e, ConfigError)],
    }
    named = {error for errors in sections.values() for error in errors}
    sections["Other errors"] = [error for error in rest if error not in named]
    sections["On the command line only"] = local
    return "\n".join(f"## {title}\n\n{_table(errors)}" for title, errors in sections.items())


def all_errors() -> Iterator[type[MirageError]]:
    """Yield every error class with its own code, parents before children."""
    for module in pkgutil.walk_packages(mirage.__path__, "mirage.", onerror=_fail):
        if not module.name.startswith(_PROGRAMS):
            import_module(module.name)
    yield from _tree(MirageError)


def _tree(error: type[MirageError]) -> Iterator[type[MirageError]]:
    if "code" in vars(error) and error.__module__.startswith("mirage."):
        yield error
    for child in sorted(error.__subclasses__(), key=lambda kind: kind.code):
        yield from _tree(child)


def _table(errors: list[type[MirageError]]) -> str:
    columns = {
        "Code": [f"`{error.code}`" for error in errors],
        "Status": [str(error.status) if _reaches_clients(error) else "" for error in errors],
        "Tried again": [_RETRIED[error.retry] if _is_retried(error) else "" for error in errors],
        "What to do": [error.__doc__ or "" for error in errors],
    }
    told = {header: cells for header, cells in columns.items() if any(cells)}
    return table(list(told), zip(*told.values(), strict=True))


def _reaches_clients(error: type[MirageError]) -> bool:
    if issubclass(error, (Unreadable, ConfigError)):
        return False
    return not error.__module__.startswith(_COMMAND_LINE)


def _is_retried(error: type[MirageError]) -> bool:
    return error.retry is not Retry.FINAL and not error.__module__.startswith(_COMMAND_LINE)


def _fail(name: str) -> None:
    raise ImportError(name)
