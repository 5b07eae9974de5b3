"""`mirage documents list`, `text` and `outline`."""

import re
import sys
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from mirage.cli.client import ApiKey, Client, Project, Url, connect, project_path
from mirage.cli.output import Json, end_of_pipe, print_json, print_table, stdout_console
from mirage.cli.references import newest_document
from mirage.cli.waiting import list_all
from mirage.model import DocumentStatus

Document = Annotated[str, typer.Argument(help="Name or id of the document.")]

_SPAN = re.compile(r"(\d{1,9})-(\d{1,9})")


def list_documents(
    project: Project,
    status: Annotated[
        list[DocumentStatus] | None,
        typer.Option(help="List only documents in this status; repeatable."),
    ] = None,
    folder: Annotated[
        str | None, typer.Option(help="List only names that begin so, such as pumps/.")
    ] = None,
    find: Annotated[
        str | None, typer.Option(help="List only names that contain this, in any case.")
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List the documents of a project."""
    with connect(url, api_key) as client:
        statuses = [item.value for item in status or []]
        found = list(list_all(client, project, statuses, folder=folder, find=find))
    if as_json:
        print_json(found)
        return
    rows = (
        (
            document["name"],
            document["status"],
            f"{document['chunks_ready']}/{document['chunks_total']}",
            str(document["page_count"] or ""),
            document["language"] or "",
            document["id"],
        )
        for document in found
    )
    print_table(("name", "status", "passages", "pages", "language", "id"), rows)


def print_text(
    document: Document,
    project: Project,
    page: Annotated[int | None, typer.Option(min=1, help="Print only this page.")] = None,
    span: Annotated[
        str | None, typer.Option(help="Print only these characters, such as 58210-58265.")
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Print the text of a document, as searches see it."""
    if page is not None and span is not None:
        raise typer.BadParameter("give --page or --span, not both", param_hint="--span")
    wanted: dict[str, Any] = {"page": page}
    if span is not None:
        wanted = {"start": _span(span)[0], "end": _span(span)[1]}
    with connect(url, api_key) as client:
        found = newest_document(client, project, document)
        path = project_path(project, "documents", found["id"], "text")
        parts = _parts(client, path, wanted, whole=page is None)
        if as_json:
            print_json(_joined(list(parts)))
            return
        for part in parts:
            _write(part["text"])
        _write("\n")


def print_outline(
    document: Document,
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Print the headings of a document, with their pages or lines."""
    with connect(url, api_key) as client:
        found = newest_document(client, project, document)
        path = project_path(project, "documents", found["id"], "outline")
        headings: list[Any] = []
        start: int | None = 0
        while start is not None:
            answer = client.get(path, start=start)
            headings += answer["headings"]
            start = answer["next_start"]
    if as_json:
        print_json(headings)
        return
    for heading in headings:
        indented = "  " * (heading["level"] - 1) + heading["title"]
        stdout_console.print(f"{indented}{_place(heading)}", soft_wrap=True)


def _parts(
    client: Client, path: str, wanted: dict[str, Any], *, whole: bool
) -> Iterator[dict[str, Any]]:
    """Yield one text after the other, because an answer has a bounded length."""
    while True:
        part = client.get(path, **wanted)
        yield part
        end = min(part["characters"], wanted.get("end", part["characters"]))
        if not whole or part["end"] >= end:
            return
        wanted = {**wanted, "start": part["end"]}


def _joined(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return texts that follow each other as one; a section may have several of its parts."""
    return {
        **parts[0],
        "end": parts[-1]["end"],
        "text": "".join(part["text"] for part in parts),
        "parts": [item for part in parts for item in part["parts"]],
    }


def _span(given: str) -> tuple[int, int]:
    if not (found := _SPAN.fullmatch(given)) or int(found[1]) >= int(found[2]):
        raise typer.BadParameter(
            f"{given!r} is not a span such as 58210-58265", param_hint="--span"
        )
    return int(found[1]), int(found[2])


def _place(heading: dict[str, Any]) -> str:
    if heading["page_number"] is not None:
        label = heading["page_label"]
        other = f" ({label})" if label not in (None, str(heading["page_number"])) else ""
        return f"  page {heading['page_number']}{other}"
    return f"  line {heading['line']}" if heading["line"] is not None else ""


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        end_of_pipe()
