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

app = typer.Typer(help="The documents of a project.", no_args_is_help=True)

Project = Annotated[str, typer.Option("--project", "-p", help="Name or id of the project.")]

_NAMED_GAPS = 10


class NothingToAdd(InvalidInput):
    __doc__ = f"Name files, or a folder that holds {any_document()}."

    code = "nothing-to-add"


@app.command()
def add(
    paths: Annotated[
        list[str],  # A Path would make the folder one is in of an empty name.
        typer.Argument(
            help="Files, folders, and patterns such as 'books/**/*.pdf'; of a folder those are"
            f" sent that end in {all_endings()}."
        ),
    ],
    project: Project,
    wait: Annotated[bool, typer.Option(help="Wait until everything can be found.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Upload files, and wait until they can be found. The project is made if it is not there."""
    closed: list[OSError] = []
    if "" in paths:
        raise typer.BadParameter("an empty name names nothing; is a variable of the shell unset?")
    passed: list[Path] = []
    files = find_files([Path(path) for path in paths], closed.append, passed.append)
    if passed:
        stderr_console.print(printable(counted(passed)))
    for error in closed:
        print_error(
            FileRefused(f"{printable(error.filename)} cannot be looked into: {error.strerror}")
        )
    if not files:
        named = printable(", ".join(paths))
        raise NothingToAdd(f"no file that can be read in {named}")
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
    status: Annotated[str | None, typer.Option(help="Only those of this status.")] = None,
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
    document: Annotated[str, typer.Argument(help="Name or id.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Show one document, what is wrong with it if anything is, and whether no text was lost.

    Ends with 1 when a part of the text is in no passage.
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
    documents: Annotated[list[str], typer.Argument(help="Names or ids.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Delete documents, by name all versions; they are never found again.

    Nothing is deleted when one is not there.
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
    document: Annotated[str, typer.Argument(help="Name or id.")],
    name: Annotated[str, typer.Argument(help="The new name; `/` separates folders.")],
    project: Project,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Give a document another name; nothing is indexed again.

    A name that another document has is refused.
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
    documents: Annotated[list[str], typer.Argument(help="Names or ids.")],
    project: Project,
    wait: Annotated[bool, typer.Option(help="Wait until everything can be found.")] = True,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Index documents anew from their files; until that is done they are found as they are.

    Ends with 1 when one cannot be indexed anew; what was found of it stays.
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
    document: Annotated[str, typer.Argument(help="Name or id.")],
    project: Project,
    output: Annotated[
        str | None,  # A Path would forget that `folder/` names a folder.
        typer.Option("--output", "-o", help="Where to.", show_default="here, as it is named"),
    ] = None,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Save a document's file as it was sent. A file that is there already is not overwritten."""
    with connect(url, api_key) as client:
        found = newest_document(client, project, document)
        target = _target(output, Path(found["name"]).name)
        size = client.download(project_path(project, "documents", found["id"], "file"), target)
    if as_json:
        print_json({"path": str(target), "size_bytes": size})
    else:
        stdout_console.print(str(target), soft_wrap=True)


def ensure_project(client: Client, project: str) -> None:
    """Make the project unless it is there."""
    try:
        client.get(project_path(project))
    except ApiRefused as refusal:
        if refusal.problem != "project-not-found":
            raise
        client.post("/projects", {"name": project})
        stderr_console.print(f"made project {project}")


def _upload_all(
    client: Client, project: str, files: list[tuple[Path, str]]
) -> tuple[list[dict[str, Any]], int]:
    """Upload one after the other; a file that is refused does not keep the others back."""
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
        if refusal.problem != DocumentNotFound.code:  # A newer version may just have replaced it.
            raise


def _target(output: str | None, name: str) -> Path:
    if output is None:
        return Path(name)
    if os.path.isdir(output):  # noqa: PTH112 (Path.is_dir raises where it may not look)
        return Path(output, name)
    if not output or output.endswith("/"):
        raise typer.BadParameter(f"there is no folder {output!r}", param_hint="--output")
    return Path(output)


def _coverage(gaps: list[tuple[int, int]]) -> str:
    if not gaps:
        return "covers every character"
    named = ", ".join(f"{start}-{end}" for start, end in gaps[:_NAMED_GAPS])
    more = ", …" if len(gaps) > _NAMED_GAPS else ""
    return f"misses the characters {named}{more}: remove the document and add it again"


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
    """What became of a document, without the warnings that others share."""
    count = document["chunks_ready"]
    passages = f"{count} passage{'s' * (count != 1)}" if document["chunks_total"] else ""
    stdout_console.print(f"{document['status']:<10} {document['name']}  {passages}")
    for sentence in [document["error"], *document["warnings"]]:
        if sentence and sentence not in common:
            stderr_console.print(f"           {sentence}", style="yellow")
