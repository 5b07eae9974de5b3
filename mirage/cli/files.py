"""`mirage files`: checks and repairs the store of originals.

These commands use database and store directly, so they run where those are: in the indexer's pod,
or on the machine of `mirage up`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from mirage.cli.installation import Data, installed_settings
from mirage.cli.output import Json, print_json, printable, stderr_console, stdout_console

if TYPE_CHECKING:
    from rich.console import Console

    from mirage.adoption import Adopted, Report
    from mirage.copying import CopiedFiles
    from mirage.db import Database
    from mirage.files import Store

app = typer.Typer(help="Check and repair the stored originals.", no_args_is_help=True)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")]

_SHOWN = 20
_SAY_EVERY = 10_000
_Result = TypeVar("_Result")


@app.command()
def check(data: Data = None, as_json: Json = False) -> None:
    """Compare store and database, and change nothing. Exits with 1 if they differ."""
    from mirage.adoption import check as compare

    report = _run(data, lambda database, store: compare(database, store, _count))
    found = report.survey
    is_well = not report.missing and not found.unknown and (found.agrees or not found.originals)
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report)
    if not is_well:
        raise typer.Exit(1)


@app.command()
def adopt(
    project: Annotated[
        str, typer.Option(help="Project for files whose project is unknown.")
    ] = "recovered",
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Create documents for all originals without one, for example after losing the database."""
    from mirage.adoption import adopt as adopt_all

    _confirm(
        data,
        yes,
        "Create documents for {unknown:,} originals? Only do so if no other database uses them.",
    )
    adopted = _run(data, lambda database, store: adopt_all(database, store, project, _count))
    if as_json:
        print_json(_adopted_as_json(adopted))
    else:
        stdout_console.print(
            f"{adopted.documents:,} documents created, {adopted.repaired:,} repaired,"
            f" {adopted.restored:,} files restored, {adopted.duplicates:,} copies set aside"
        )
        for key, reason in adopted.refused:
            stderr_console.print(f"skipped: {key}: {printable(reason)}", soft_wrap=True)
    if adopted.refused:
        raise typer.Exit(1)


@app.command()
def prune(
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete at once all files that were set aside.")
    ] = False,
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set aside all originals without a document; they are deleted some days later."""
    from mirage.adoption import prune as prune_all

    question = "Set aside {unknown:,} originals without a document?"
    if delete:
        question = "Permanently delete {all:,} originals without a document?"
    _confirm(data, yes, question)
    moved, deleted = _run(data, lambda database, store: prune_all(database, store, delete=delete))
    if as_json:
        print_json({"set_aside": moved, "deleted": deleted})
    else:
        stdout_console.print(f"{moved:,} files set aside, {deleted:,} deleted")


@app.command()
def copy(
    source: Annotated[
        Path | None, typer.Option("--from", help="Folder to copy from, into the configured store.")
    ] = None,
    target: Annotated[
        Path | None, typer.Option("--to", help="Folder to copy to, from the configured store.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Copy the originals between a folder and the configured store, for example into a bucket.

    Exits with 1 if some are damaged. A second run copies what is missing.
    """
    from mirage.copying import copy_files
    from mirage.files import VolumeStore

    folder = source or target
    if folder is None or (source and target):
        raise typer.BadParameter("name one folder, by --from or by --to")
    other = VolumeStore(folder)

    async def work(database: "Database", store: "Store") -> "CopiedFiles":
        if source:
            return await copy_files(database, other, store, _count)
        await asyncio.to_thread(other.prepare)
        return await copy_files(database, store, other, _count)

    done = _run(data, work)
    if as_json:
        print_json({"copied": done.copied, "present": done.present, "damaged": done.damaged})
    else:
        stdout_console.print(f"{done.copied:,} files copied, {done.present:,} were there")
    for key in done.damaged:
        stderr_console.print(f"damaged, not copied: {key}")
    if done.damaged:
        raise typer.Exit(1)


def _confirm(data: Path | None, yes: bool, question: str) -> None:
    """Show the state and ask for confirmation; exit with 1 without it."""
    if yes:
        return
    from mirage.adoption import check as compare

    report = _run(data, compare)
    _print(report, stderr_console)
    unknown = len(report.survey.unknown)
    asked = question.format(unknown=unknown, all=unknown + len(report.orphans))
    typer.confirm(asked, abort=True, err=True)


def _run(data: Path | None, work: Callable[["Database", "Store"], Awaitable[_Result]]) -> _Result:
    from mirage.db import Database
    from mirage.db.migrate import require_schema
    from mirage.wiring import open_store

    settings = installed_settings(data)

    async def run() -> _Result:
        database = Database(settings.database)
        try:
            await require_schema(database)
            return await work(database, open_store(settings))
        finally:
            await database.dispose()

    return asyncio.run(run())


def _count(files: int) -> None:
    if files and files % _SAY_EVERY == 0:
        stderr_console.print(f"{files:,} files …")


def _print(report: "Report", console: "Console" = stdout_console) -> None:
    found = report.survey
    owner = "this database" if found.agrees else str(found.owner or "no database yet")
    console.print(f"store of        {owner}")
    console.print(f"originals       {found.originals:,}")
    console.print(f"no document     {len(found.unknown):,}")
    console.print(f"set aside       {len(report.orphans):,}")
    console.print(f"missing         {len(report.missing):,}")
    for item in report.missing[:_SHOWN]:
        console.print(
            f"  missing: {printable(item.project)}: {printable(item.name)}", soft_wrap=True
        )
    for key, note in report.examples:
        name = f"{printable(note.project)}: {printable(note.name)}" if note else "name unknown"
        console.print(f"  no document: {key}  {name}", soft_wrap=True)


def _as_json(report: "Report") -> dict[str, Any]:
    found = report.survey
    return {
        "database": str(found.identity.id),
        "owner": str(found.owner) if found.owner else None,
        "originals": found.originals,
        "unknown": found.unknown,
        "orphans": [
            {"key": orphan.key, "since": orphan.day.isoformat(), "size_bytes": orphan.size_bytes}
            for orphan in report.orphans
        ],
        "missing": [
            {"project": item.project, "name": item.name, "id": str(item.document_id)}
            for item in report.missing
        ],
    }


def _adopted_as_json(adopted: "Adopted") -> dict[str, Any]:
    return {
        "documents": adopted.documents,
        "repaired": adopted.repaired,
        "restored": adopted.restored,
        "duplicates": adopted.duplicates,
        "refused": [{"key": key, "reason": reason} for key, reason in adopted.refused],
    }
