"""Hands the model settings of a running `mirage up` to commands on the same folder."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mirage.settings import PREFIX, Settings

_GROUPS = ("embedding", "ollama", "openai", "chunk")


@contextmanager
def left_environment(folder: Path) -> Iterator[None]:
    """Keep the model settings of this process in the folder while the block runs, without secrets.

    Only the owner can read the file. Without space it is not written.
    """
    path = _path(folder)
    path.unlink(missing_ok=True)
    with suppress(OSError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            json.dump({name: os.environ[name] for name in _names() & set(os.environ)}, stream)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def borrowed_environment(folder: Path) -> Iterator[None]:
    """Replace the model settings of this process by those kept in the folder, if there are any."""
    try:
        kept = json.loads(_path(folder).read_text())
    except (OSError, ValueError):  # Another user's, or none.
        kept = None
    if not isinstance(kept, dict):
        yield
        return
    before = dict(os.environ)
    try:
        for name in _names():
            os.environ.pop(name, None)
        os.environ.update({name: str(kept[name]) for name in _names() & set(kept)})
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _names() -> set[str]:
    """Return the variables of the model's settings that are no secrets."""
    return {
        f"{PREFIX}{group}_{name}".upper()
        for group in _GROUPS
        for name, field in type(Settings.model_fields[group].default).model_fields.items()
        if not (isinstance(extra := field.json_schema_extra, dict) and extra.get("secret"))
    }


def _path(folder: Path) -> Path:
    return folder / "environment.json"
