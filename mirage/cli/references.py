"""Resolves references on the command line: a name, or an id in any spelling."""

from collections.abc import Mapping
from typing import Any

from mirage.cli.client import Client
from mirage.cli.waiting import list_all
from mirage.errors import DocumentNotFound, KeyNotFound
from mirage.names import name_variants, parse_id


def newest_document(client: Client, project: str, reference: str) -> Any:
    """Return the document with that id, or the newest version with that name.

    Raises DocumentNotFound.
    """
    return find_documents(client, project, [reference])[0][-1]


def find_documents(client: Client, project: str, references: list[str]) -> list[list[Any]]:
    """Return, per reference, the document with that id or all versions of that name, newest last.

    Raises DocumentNotFound.
    """
    by_id: dict[str, list[Any]] = {}
    by_name: dict[str, list[Any]] = {}
    for document in list_all(client, project):
        by_id[document["id"]] = [document]
        by_name.setdefault(document["name"], []).append(document)
    found = [_meant(by_id, by_name, reference) for reference in references]
    if None in found:
        missing = references[found.index(None)]
        raise DocumentNotFound(f"project {project!r} has no document {missing!r}")
    return found


def find_keys(client: Client, references: list[str]) -> list[Any]:
    """Return the key per reference (id or name). Raises KeyNotFound."""
    keys = client.get("/keys")["keys"]
    by_id = {key["id"]: key for key in keys}
    by_name = {key["name"]: key for key in keys}
    found = [_meant(by_id, by_name, reference) for reference in references]
    if None in found:
        raise KeyNotFound(f"key {references[found.index(None)]!r} does not exist")
    return found


def _meant(by_id: Mapping[str, Any], by_name: Mapping[str, Any], reference: str) -> Any:
    """Return the item with that id or name, or None."""
    identity = parse_id(reference)
    if identity is not None and str(identity) in by_id:
        return by_id[str(identity)]
    return next((by_name[name] for name in name_variants(reference) if name in by_name), None)
