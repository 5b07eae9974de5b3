"""Resolves references on the command line: a name, or an id in any spelling."""

from collections.abc import Iterable, Mapping
from typing import Any

from mirage.cli.client import Client
from mirage.cli.waiting import list_all
from mirage.close_names import suggestion
from mirage.errors import DocumentNotFound, KeyNotFound
from mirage.names import matching_names, name_variants, parse_id

_READY = "ready"


def newest_document(client: Client, project: str, reference: str) -> Any:
    """Return the document with that id, or the newest version with that name.

    Raises DocumentNotFound.
    """
    return find_documents(client, project, [reference])[0][-1]


def find_documents(
    client: Client, project: str, references: list[str], *, folders: bool = False
) -> list[list[Any]]:
    """Return, per reference, the document with that id or all versions of that name, newest last.

    With `folders`, a reference may also be a folder (`pumps/`) or a pattern with `*` and `?`, which
    means all documents in it. Raises DocumentNotFound.
    """
    by_id: dict[str, list[Any]] = {}
    by_name: dict[str, list[Any]] = {}
    for document in list_all(client, project):
        by_id[document["id"]] = [document]
        by_name.setdefault(document["name"], []).append(document)
    found = [_meant(by_id, by_name, reference) for reference in references]
    if folders:
        found = [
            meant
            or [version for name in matching_names(by_name, reference) for version in by_name[name]]
            for meant, reference in zip(found, references, strict=True)
        ]
    for reference, meant in zip(references, found, strict=True):
        if not meant:
            raise DocumentNotFound(_missing(project, reference, by_name))
    return found


def explain_nothing_found(client: Client, project: str, references: list[str]) -> list[str]:
    """Return one sentence per reference of a search that names no searchable document.

    A reference is a name, an id, a folder (`pumps/`) or a pattern with `*` and `?`.
    """
    statuses: dict[str, str] = {}
    for document in list_all(client, project):
        for key in (document["id"], document["name"]):
            if statuses.get(key) != _READY:  # A name may have several versions.
                statuses[key] = document["status"]
    sentences = []
    for reference in references:
        met = {statuses[key] for key in matching_names(statuses, reference)}
        if not met:
            sentences.append(_missing(project, reference, statuses))
        elif _READY not in met:
            sentences.append(f"{reference} is not searchable: {', '.join(sorted(met))}")
    return sentences


def _missing(project: str, reference: str, names: Iterable[str]) -> str:
    similar = suggestion(reference, (name for name in names if parse_id(name) is None))
    return f"project {project!r} has no document {reference!r}{similar}"


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
