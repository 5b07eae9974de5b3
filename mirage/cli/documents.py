"""`mirage documents`."""

import os
import sys
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

import typer

from mirage.cli.client import (
    ApiKey,
    ApiRefused,
    Client,
    FileRefused,
    Project,
    Url,
    connect,
    project_path,
)
from mirage.cli.output import (
    Json,
    print_error,
    print_json,
    printable,
    stderr_console,
    stdout_console,
)
from mirage.cli.paths import Named
from mirage.cli.reading import list_documents, print_outline, print_text
from mirage.cli.references import find_documents, newest_document
from mirage.cli.showing import print_details, print_documents
from mirage.cli.skipped import Skipped
from mirage.cli.standard_input import files_to_add
from mirage.cli.uploading import Upload, interruptible_wait
from mirage.cli.waiting import wait_for
from mirage.errors import DocumentNotFound, InvalidInput
from mirage.parse.formats import all_endings, any_document

app = typer.Typer(help="Manage the documents of a project.", no_args_is_help=True)
app.command("list")(list_documents)
app.command("text")(print_text)
app.command("outline")(print_outline)

Several = Annotated[
    list[str],
    typer.Argument(help="Names or ids of the documents, folders (pumps/) or patterns ('p0*')."),
]

_NAMED = 5


class NothingToAdd(InvalidInput):
    __doc__ = f"Give files, or a folder that holds {any_document()}."

    code = "nothing-to-add"


@app.command()
def add(
    paths: Annotated[
        list[str],  # Path("") would be the current folder.
        typer.Argument(
            help="Files, folders, or patterns such as 'books/**/*.pdf'. Of a folder, files that end"
            f" in {all_endings()} are sent. - is standard input."
        ),
    ],
    project: Project,
    name: Annotated[
        str | None, typer.Option(help="Name of the document, for one file or standard input.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Wait until all documents are searchable.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Upload files and wait until they are searchable. Creates the project if it is missing."""
    if "" in paths:
        raise typer.BadParameter("the name is empty; is a shell variable unset?")
    skipped = Skipped()
    with files_to_add(paths, name, skipped) as files:
        _require_files(files, paths, skipped)
        with connect(url, api_key) as client:
            ensure_project(client, project)
            upload = Upload(client, project)
            upload.send(files)
            added = list(upload.added.values())
            if wait:
                with interruptible_wait(project):
                    added = wait_for(client, project, added)
    print_documents(added, as_json=as_json)
    stderr_console.print(upload.summary(skipped), soft_wrap=True)
    if skipped.unreadable or upload.counts["refused"] or _any_failed(added):
        raise typer.Exit(1)


def _require_files(files: list[Named], paths: list[str], skipped: Skipped) -> None:
    """Say what is left out. Raises NothingToAdd."""
    if aside := skipped.describe_aside():
        stderr_console.print(printable(aside), soft_wrap=True)
    for error in skipped.unreadable:
        print_error(FileRefused(f"{printable(error.filename)} cannot be read: {error.strerror}"))
    if not files:
        unsupported = skipped.describe_unsupported()
        raise NothingToAdd(
            f"no supported file in {printable(', '.join(paths))}"
            + (f" ({unsupported})" if unsupported else "")
        )


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
    if as_json:
        print_json(found)
    else:
        print_details(found)
    if found["gaps"]:
        raise typer.Exit(1)


@app.command()
def remove(
    documents: Several,
    project: Project,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete documents. A name deletes all versions of the document.

    If one of them does not exist, nothing is deleted. On a terminal, asks for confirmation before
    it deletes more than one.
    """
    with connect(url, api_key) as client:
        versions = chain.from_iterable(find_documents(client, project, documents, folders=True))
        found = {item["id"]: item["name"] for item in versions}
        if len(found) > 1 and not yes and sys.stdin.isatty():
            names = printable(", ".join(list(found.values())[:_NAMED]))
            more = ", …" if len(found) > _NAMED else ""
            typer.confirm(f"Delete {len(found):,} documents ({names}{more})?", abort=True, err=True)
        removed = []
        try:
            for identity, name in found.items():
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
    documents: Several,
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
        versions = chain.from_iterable(find_documents(client, project, documents, folders=True))
        newest = {version["name"]: version["id"] for version in versions}
        paths = [project_path(project, "documents", item, "reindex") for item in newest.values()]
        queued = [client.post(path, None) for path in paths]
        if wait:
            queued = wait_for(client, project, queued)
    print_documents(queued, as_json=as_json)
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


def _any_failed(documents: list[dict[str, Any]]) -> bool:
    return any(document["status"] == "failed" for document in documents)
