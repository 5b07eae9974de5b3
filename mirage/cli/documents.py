"""`mirage documents`."""

import os
from collections import Counter
from collections.abc import Container
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from mirage.cli.aside import counted
from mirage.cli.client import (
    ApiKey,
    ApiRefused,
    Client,
    FileRefused,
    Url,
    connect,
    project_path,
)
from mirage.cli.output import (
    Json,
    print_error,
    print_json,
    print_table,
    printable,
    stderr_console,
    stdout_console,
)
from mirage.cli.paths import find_files
from mirage.cli.references import find_documents, newest_document
from mirage.cli.renaming import rename_hint
from mirage.cli.waiting import list_all, progress_bar, wait_for
from mirage.errors import DocumentNotFound, InvalidInput
from mirage.parse.formats import all_endings, any_document

app = typer.Typer(help="Manage the documents of a project.", no_args_is_help=True)

Project = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]

_NAMED_GAPS = 10


class NothingToAdd(InvalidInput):
    __doc__ = f"Give files, or a folder that holds {any_document()}."

    code = "nothing-to-add"


@app.command()
def add(
    paths: Annotated[
        list[str],  # Path("") would be the current folder.
        typer.Argument(
            help="Files, folders, or patterns such as 'books/**/*.pdf'. Of a folder, files that end"
            f" in {all_endings()} are sent."
        ),
    ],
    project: Project,
    wait: Annotated[bool, typer.Option(help="Wait until all documents are searchable.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Upload files and wait until they are searchable. Creates the project if it is missing."""
    closed: list[OSError] = []
    if "" in paths:
        raise typer.BadParameter("the name is empty; is a shell variable unset?")
    passed: list[Path] = []
    files = find_files([Path(path) for path in paths], closed.append, passed.append)
    if passed:
        stderr_console.print(printable(counted(passed)))
    for error in closed:
        print_error(FileRefused(f"{printable(error.filename)} cannot be read: {error.strerror}"))
    if not files:
        named = printable(", ".join(paths))
        raise NothingToAdd(f"no supported file in {named}")
    with connect(url, api_key) as client:
        ensure_project(client, project)
        added, refused = _upload_all(client, project, files)
        if wait:
            added = wait_for(client, project, added)
    _print_all(added, as_json=as_json)
    if closed or refused or _any_failed(added):
        raise typer.Exit(1)


@app.command("list")
def list_documents(
    project: Project,
    status: Annotated[str | None, typer.Option(help="List only documents in this status.")] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """List the documents of a project."""
    with connect(url, api_key) as client:
        found = list(list_all(client, project, status))
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


@app.command()
def status(
    document: Annotated[str, typer.Argument(help="Name or id of the document.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Show one document with its errors and warnings, and check that no text is missing.

    Exits with 1 if a part of the text is in no passage.
    """
    with connect(url, api_key) as client:
        identity = newest_document(client, project, document)["id"]
        found = client.get(project_path(project, "documents", identity), coverage=True)
    gaps = found["gaps"]
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            if value not in (None, [], "") and name != "gaps":
                stdout_console.print(f"{name:>13}  {value}")
        if gaps is not None:
            stdout_console.print(f"{'index':>13}  {_coverage(gaps)}")
    if gaps:
        raise typer.Exit(1)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="Names or ids of the documents.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete documents. A name deletes all versions of the document.

    If one of them does not exist, nothing is deleted.
    """
    with connect(url, api_key) as client:
        versions = chain.from_iterable(find_documents(client, project, documents))
        removed = []
        try:
            for identity, name in {item["id"]: item["name"] for item in versions}.items():
                _delete(client, project, identity)
                removed.append({"id": identity, "name": name})
                stderr_console.print(f"deleted {name}")
        finally:
            if as_json:
                print_json(removed)


@app.command()
def rename(
    document: Annotated[str, typer.Argument(help="Name or id of the document.")],
    name: Annotated[str, typer.Argument(help="New name; `/` separates folders.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Rename a document. It is not reindexed.

    Fails if another document has the new name.
    """
    with connect(url, api_key) as client:
        found = newest_document(client, project, document)
        path = project_path(project, "documents", found["id"])
        renamed = client.patch(path, {"name": name})
    if as_json:
        print_json(renamed)
    else:
        stdout_console.print(f"{renamed['name']}  {renamed['id']}", soft_wrap=True)


@app.command()
def reindex(
    documents: Annotated[list[str], typer.Argument(help="Names or ids of the documents.")],
    project: Project,
    wait: Annotated[bool, typer.Option(help="Wait until all documents are reindexed.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Reindex documents from their files. Meanwhile, searches find their present passages.

    Exits with 1 if a document cannot be reindexed; it keeps its present passages.
    """
    with connect(url, api_key) as client:
        found = [versions[-1]["id"] for versions in find_documents(client, project, documents)]
        paths = [project_path(project, "documents", item, "reindex") for item in found]
        queued = [client.post(path, None) for path in paths]
        if wait:
            queued = wait_for(client, project, queued)
    _print_all(queued, as_json=as_json)
    if any(document["error"] for document in queued):
        raise typer.Exit(1)


@app.command()
def download(
    document: Annotated[str, typer.Argument(help="Name or id of the document.")],
    project: Project,
    output: Annotated[
        str | None,  # A Path would drop the slash of `folder/`.
        typer.Option(
            "--output",
            "-o",
            help="File or folder to save to.",
            show_default="the document's file name, in this folder",
        ),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Save the original file of a document. Never overwrites an existing file."""
    with connect(url, api_key) as client:
        found = newest_document(client, project, document)
        target = _target(output, Path(found["name"]).name)
        size = client.download(project_path(project, "documents", found["id"], "file"), target)
    if as_json:
        print_json({"path": str(target), "size_bytes": size})
    else:
        stdout_console.print(str(target), soft_wrap=True)


def ensure_project(client: Client, project: str) -> None:
    """Create the project unless it exists."""
    try:
        client.get(project_path(project))
    except ApiRefused as refusal:
        if refusal.problem != "project-not-found":
            raise
        client.post("/projects", {"name": project})
        stderr_console.print(f"created project {project}")


def _upload_all(
    client: Client, project: str, files: list[tuple[Path, str]]
) -> tuple[list[dict[str, Any]], int]:
    """Upload one file after the other; a refused file does not stop the others."""
    added: dict[str, dict[str, Any]] = {}
    refused = 0
    with progress_bar() as progress:
        task = progress.add_task("uploading", total=len(files))
        for file, name in files:
            try:
                document = client.upload(project_path(project, "documents"), file, name)
            except InvalidInput as error:
                refused += 1
                stderr_console.print(f"{printable(name)}:", end=" ")
                print_error(error)
            else:
                added[document["id"]] = document
                if hint := rename_hint(project, name, document["name"]):
                    stderr_console.print(printable(hint), soft_wrap=True)
            progress.advance(task)
    return list(added.values()), refused


def _delete(client: Client, project: str, identity: str) -> None:
    try:
        client.delete(project_path(project, "documents", identity))
    except ApiRefused as refusal:
        if refusal.problem != DocumentNotFound.code:  # A newer version may have replaced it.
            raise


def _target(output: str | None, name: str) -> Path:
    if output is None:
        return Path(name)
    if os.path.isdir(output):  # noqa: PTH112 (Path.is_dir raises without permission)
        return Path(output, name)
    if not output or output.endswith("/"):
        raise typer.BadParameter(f"folder {output!r} does not exist", param_hint="--output")
    return Path(output)


def _coverage(gaps: list[tuple[int, int]]) -> str:
    if not gaps:
        return "complete: every character is in a passage"
    named = ", ".join(f"{start}-{end}" for start, end in gaps[:_NAMED_GAPS])
    more = ", …" if len(gaps) > _NAMED_GAPS else ""
    return f"incomplete: characters {named}{more} are missing; remove the document and add it again"


def _print_all(documents: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(documents)
        return
    warnings = Counter(sentence for document in documents for sentence in document["warnings"])
    common = {sentence: count for sentence, count in warnings.items() if count > 1}
    for document in documents:
        _print_line(document, common)
    for sentence, count in common.items():
        stderr_console.print(f"{count:,} documents: {sentence}", style="yellow")


def _any_failed(documents: list[dict[str, Any]]) -> bool:
    return any(document["status"] == "failed" for document in documents)


def _print_line(document: dict[str, Any], common: Container[str]) -> None:
    """Print the state of a document, without the warnings that others share."""
    count = document["chunks_ready"]
    passages = f"{count} passage{'s' * (count != 1)}" if document["chunks_total"] else ""
    stdout_console.print(f"{document['status']:<10} {document['name']}  {passages}")
    for sentence in [document["error"], *document["warnings"]]:
        if sentence and sentence not in common:
            stderr_console.print(f"           {sentence}", style="yellow")
