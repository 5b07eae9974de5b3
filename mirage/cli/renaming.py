"""Says how a document gets the name of the file that was added."""

import shlex
from pathlib import Path

from mirage.model import MediaType
from mirage.names import document_name_from_form
from mirage.parse.formats import EXTENSIONS


def rename_hint(project: str, name: str, there: str) -> str | None:
    """Return what to say when the bytes of a file are there as a document of another name."""
    if document_name_from_form(name) == document_name_from_form(there):
        return None
    said = f"{name} has the same content as {there}, which is there already"
    if _kind(name) is not _kind(there):
        return said
    command = shlex.join(["mirage", "documents", "rename", "-p", project, "--", there, name])
    return f"{said}; to rename that one: {command}"


def _kind(name: str) -> MediaType | None:
    return EXTENSIONS.get(Path(name).suffix.lower())
