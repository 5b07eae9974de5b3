"""Waits until documents are searchable, with a progress bar."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mirage.cli.client import ApiRefused, Client, project_path
from mirage.cli.output import stderr_console
from mirage.errors import DocumentNotFound

_POLL_SECONDS = 0.5
_OPEN = ("pending", "parsing", "embedding")
_FEW = 5
_SAY_EVERY_SECONDS = 15.0
"""How often progress is written where there is no terminal to draw a bar on."""
_PAGE = 1000


def wait_for(client: Client, project: str, added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Poll until each document is `ready` or `failed`; drop those replaced in the meantime."""
    latest = {document["id"]: document for document in added}
    said: str | None = None
    due = time.monotonic() + _SAY_EVERY_SECONDS
    with progress_bar() as progress:
        task = progress.add_task("indexing", total=len(latest))
        while open_ids := {key for key, value in latest.items() if not _settled(value)}:
            began = time.monotonic()
            for key, document in _look_at(client, project, open_ids):
                if document is None:
                    gone = latest.pop(key)
                    stderr_console.print(f"replaced or deleted in the meantime: {gone['name']}")
                else:
                    latest[key] = document
            waiting = next((d["waiting_for"] for d in latest.values() if d["waiting_for"]), None)
            if waiting != said and waiting:
                stderr_console.print(f"waiting: {waiting}")
            said = waiting
            progress.update(task, completed=sum(_fraction(value) for value in latest.values()))
            if progress.disable and time.monotonic() >= due:
                due = time.monotonic() + _SAY_EVERY_SECONDS
                stderr_console.print(describe_progress(list(latest.values())))
            if not all(_settled(value) for value in latest.values()):
                # Polling must take little CPU time from indexing.
                time.sleep(max(_POLL_SECONDS, 4 * (time.monotonic() - began)))
        progress.update(task, completed=len(latest))
    return list(latest.values())


def list_all(
    client: Client,
    project: str,
    statuses: Sequence[str] = (),
    *,
    folder: str | None = None,
    find: str | None = None,
) -> Iterator[Any]:
    """Yield documents of a project in order of arrival: all, or those that the filters allow."""
    cursor = None
    while True:
        page = client.get(
            project_path(project, "documents"),
            status=statuses,
            folder=folder,
            find=find,
            cursor=cursor,
            limit=_PAGE,
        )
        yield from page["documents"]
        if (cursor := page["next_cursor"]) is None:
            return


def progress_bar() -> Progress:
    """Return a progress bar, which only shows on a terminal."""
    return Progress(
        TextColumn("{task.description:>9}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=stderr_console,
        disable=not stderr_console.is_terminal,
    )


def _look_at(client: Client, project: str, ids: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield id and current state of each document, None for a deleted one.

    If there are many, list the unfinished ones and request only the others one by one.
    """
    listed: set[str] = set()
    for status in _OPEN if len(ids) > _FEW else ():
        for document in list_all(client, project, [status]):
            key = document["id"]
            if key in ids and key not in listed:
                listed.add(key)
                yield key, document
    for key in ids - listed:
        try:
            yield key, client.get(project_path(project, "documents", key))
        except ApiRefused as refusal:
            if refusal.problem != DocumentNotFound.code:
                raise
            yield key, None


def describe_progress(documents: list[dict[str, Any]]) -> str:
    """Return `indexed 3 of 10 documents; 412 of 900 passages embedded`."""
    settled = sum(map(_settled, documents))
    embedded = sum(document["chunks_ready"] for document in documents)
    passages = sum(document["chunks_total"] for document in documents)
    of_passages = f"; {embedded:,} of {passages:,} passages embedded" if passages else ""
    return f"indexed {settled:,} of {len(documents):,} documents{of_passages}"


def _settled(document: dict[str, Any]) -> bool:
    return document["status"] not in _OPEN


def _fraction(document: dict[str, Any]) -> float:
    if _settled(document):
        return 1.0
    return float(document["chunks_ready"] / max(document["chunks_total"], 1))
