"""Tells how to rename a document after adding the same file under another name."""

import shlex

from mirage.names import document_name_from_form
from mirage.parse.formats import type_of


def rename_hint(project: str, name: str, there: str) -> str | None:
    """Return a hint if the content of a file is stored under another name, or None."""
    if document_name_from_form(name) == document_name_from_form(there):
        return None
    said = f"{name} has the same content as the existing document {there}"
    if type_of(name) is not type_of(there):
        return said
    command = shlex.join(["mirage", "documents", "rename", "-p", project, "--", there, name])
    return f"{said}; to rename that document: {command}"
