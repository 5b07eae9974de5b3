"""`mirage backup`: backups of documents, vectors and keys in a folder.

`create` and `restore` use database and store directly, so they run where those are: in a pod, or on
the machine of `mirage up`. The others need only the folder.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from mirage.cli.backup_output import (
    backup_as_json,
    cells,
    notes_on,
    pruned_as_json,
    restored_as_json,
)
from mirage.cli.installation import Data, installed_settings
from mirage.cli.output import (
    Json,
    print_json,
    print_table,
    printable,
    stderr_console,
    stdout_console,
)
from mirage.errors import InvalidInput

if TYPE_CHECKING:
    from mirage.backup.create import Created
    from mirage.backup.restore import Restored
    from mirage.db import Database
    from mirage.embed import Embedder
    from mirage.files import Store

app = typer.Typer(
    help="Back up documents, vectors and keys to a folder, and restore them.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(help="Folder of the backups.", show_default=False)]
PassphraseFile = Annotated[
    Path | None,
    typer.Option("--passphrase-file", help="File whose first line is the folder's passphrase."),
]

_MOST_PASSPHRASE = 1024
_SAY_EVERY = 1000
_Result = TypeVar("_Result")


class NoPassphrase(InvalidInput):
    """Write the passphrase into the first line of a file that only you can read."""

    code = "no-passphrase"


@app.command()
def create(
    folder: Folder,
    project: Annotated[
        str | None, typer.Option(help="Back up only this project (name or id).")
    ] = None,
    recheck: Annotated[
        bool, typer.Option("--recheck", help="Read stored originals, and replace damaged ones.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a backup. A new folder is encrypted if a passphrase is given.

    Uploads and searches go on. Originals that the folder has are not copied again.
    """
    from mirage.backup.create import create_backup
    from mirage.projects import find_project

    passphrase = _passphrase(passphrase_file)

    async def work(database: "Database", store: "Store", _: "Embedder") -> "Created":
        chosen = None if project is None else await find_project(database, project)
        return await create_backup(
            database, store, folder, chosen, passphrase=passphrase, recheck=recheck, said=_count
        )

    created = _run(data, work, writes=False)
    manifest, copied = created.manifest, created.copied
    if as_json:
        print_json(
            manifest.model_dump(mode="json", exclude={"tables"})
            | {
                "name": created.name,
                "copied_originals": copied.originals,
                "written_bytes": copied.bytes,
            }
        )
    else:
        stdout_console.print(
            f"{created.name}: {manifest.documents:,} documents; {copied.originals:,} of"
            f" {manifest.originals:,} originals copied, {copied.bytes:,} bytes written",
            soft_wrap=True,
        )
    if manifest.missing:
        stderr_console.print(
            f"The originals of {manifest.missing:,} documents are missing or damaged in the store,"
            " so they are not in the backup; see `mirage files check`.",
            soft_wrap=True,
        )


@app.command("list")
def list_backups(folder: Folder, as_json: Json = False) -> None:
    """List the backups in a folder, the newest first."""
    from mirage.backup.verify import list_backups as find

    found = find(folder)
    if as_json:
        print_json([backup_as_json(item) for item in found])
        return
    header = ("backup", "of", "documents", "originals", "tables", "model", "miRAGe")
    print_table(header, map(cells, found))


@app.command()
def verify(
    folder: Folder,
    backup: Annotated[
        list[str] | None, typer.Argument(help="Names of backups.", show_default="all")
    ] = None,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Read backups back with their originals. Exits with 1 if one is damaged."""
    from mirage.backup.verify import verify as read_back

    checked = read_back(folder, backup or (), _passphrase(passphrase_file), _say_reading)
    if as_json:
        print_json([backup_as_json(item) for item in checked])
    else:
        for item in checked:
            if item.error is None:
                stdout_console.print(f"ok   {item.name}")
            else:
                stdout_console.print(
                    f"BAD  {item.name}  {printable(str(item.error))}", soft_wrap=True
                )
                stderr_console.print(f"     {item.error.remedy()}", soft_wrap=True)
    if any(item.error for item in checked):
        raise typer.Exit(1)


@app.command()
def restore(
    folder: Folder,
    backup: Annotated[
        str | None, typer.Argument(help="Name of the backup.", show_default="the newest")
    ] = None,
    project: Annotated[
        str | None, typer.Option(help="Restore only this project (name or id in the backup).")
    ] = None,
    reindex: Annotated[
        bool, typer.Option("--reindex", help="Make new vectors, with the configured model.")
    ] = False,
    keys: Annotated[
        bool | None,
        typer.Option(
            "--keys/--no-keys",
            help="Restore API keys, also those revoked since.",
            show_default="if there is no document",
        ),
    ] = None,
    passphrase_file: PassphraseFile = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add what a backup has and the installation lacks. Nothing that is there changes."""
    from mirage.backup.restore import Choices
    from mirage.backup.restore import restore as restore_backup

    passphrase = _passphrase(passphrase_file)
    choices = Choices(project, reindex, keys)

    async def work(database: "Database", store: "Store", embedder: "Embedder") -> "Restored":
        return await restore_backup(
            database, store, embedder, folder, backup, choices, passphrase, _say
        )

    restored = _run(data, work)
    if as_json:
        print_json(restored_as_json(restored))
        return
    added, chosen, files = restored.added, restored.chosen, restored.files
    stdout_console.print(
        f"{restored.backup.name}: added {added.documents:,} documents with {added.passages:,}"
        f" passages, {added.projects:,} projects, {added.keys:,} keys; stored"
        f" {files.stored:,} originals; {chosen.present:,} documents were there",
        soft_wrap=True,
    )
    for sentence in notes_on(restored):
        stderr_console.print(printable(sentence), soft_wrap=True)


@app.command()
def prune(
    folder: Folder,
    keep: Annotated[
        int, typer.Option(min=1, help="Number of backups to keep of all, and of each project.")
    ] = 7,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be deleted.")
    ] = False,
    passphrase_file: PassphraseFile = None,
    as_json: Json = False,
) -> None:
    """Delete old backups, after reading back one that stays."""
    from mirage.backup.prune import prune as prune_folder

    pruned = prune_folder(folder, keep, _passphrase(passphrase_file), dry_run=dry_run)
    if as_json:
        print_json(pruned_as_json(pruned))
        return
    verb = "to delete" if dry_run else "deleted"
    stdout_console.print(
        f"backups {verb}: {', '.join(pruned.deleted) or 'none'}; originals {verb}:"
        f" {pruned.originals:,} ({pruned.bytes:,} bytes); backups that stay: {len(pruned.kept):,}",
        soft_wrap=True,
    )
    if pruned.unread is not None:
        stderr_console.print(
            f"No original was deleted, because a backup cannot be read: {printable(pruned.unread)}."
            " If you do not need it, delete its folder.",
            soft_wrap=True,
        )


def _run(
    data: Path | None,
    work: Callable[["Database", "Store", "Embedder"], Awaitable[_Result]],
    *,
    writes: bool = True,
) -> _Result:
    """Run the work. If it `writes` no originals, their volume may be read-only."""
    from mirage.db import Database
    from mirage.wiring import build_embedder, build_store, open_store

    settings = installed_settings(data)

    async def run() -> _Result:
        database = Database(settings.database)
        embedder = build_embedder(settings)
        try:
            store = build_store(settings) if writes else open_store(settings)
            return await work(database, store, embedder)
        finally:
            await embedder.aclose()
            await database.dispose()

    return asyncio.run(run())


def _passphrase(path: Path | None) -> str | None:
    """Return the first line of the file. Raises NoPassphrase."""
    if path is None:
        return None
    with path.open("rb") as file:
        content = file.read(_MOST_PASSPHRASE)
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise NoPassphrase(f"{path} is not text in UTF-8") from error
    if not lines or not lines[0]:
        raise NoPassphrase(f"the first line of {path} is empty")
    return lines[0]


def _count(originals: int) -> None:
    if originals % _SAY_EVERY == 0:
        stderr_console.print(f"{originals:,} originals …")


def _say(sentence: str) -> None:
    stderr_console.print(sentence)


def _say_reading(name: str) -> None:
    stderr_console.print(f"Reading {name} …")
