"""`mirage files`: what a person decides about the store of originals.

These commands work with database and store themselves, so they run where those are: in the
indexer's pod, or next to `mirage up`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from mirage.cli.installation import Data, installed_settings
from mirage.cli.output import Json, print_json, printable, stderr_console, stdout_console

if TYPE_CHECKING:
    from mirage.adoption import Adopted, Report
    from mirage.db import Database
    from mirage.files import VolumeStore

app = typer.Typer(
    help="Compare the stored originals with the database, and repair.", no_args_is_help=True
)

Yes = Annotated[bool, typer.Option("--yes", help="Do it without asking.")]

_SHOWN = 20
_SAY_EVERY = 10_000
_Result = TypeVar("_Result")


@app.command()
def check(data: Data = None, as_json: Json = False) -> None:
    """Compare store and database. Ends with 1 when they do not agree; changes nothing."""
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
        str, typer.Option(help="Project of files that do not say which one is theirs.")
    ] = "recovered",
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make documents of all originals that no document names, as after the loss of a database."""
    from mirage.adoption import adopt as adopt_all

    _confirm(
        data,
        yes,
        "Make documents of {unknown:,} originals? Do it only if no other database names them.",
    )
    adopted = _run(data, lambda database, store: adopt_all(database, store, project, _count))
    if as_json:
        print_json(_adopted_as_json(adopted))
    else:
        stdout_console.print(
            f"{adopted.documents:,} documents made, {adopted.repaired:,} repaired,"
            f" {adopted.restored:,} files restored, {adopted.duplicates:,} copies set aside"
        )
        for key, reason in adopted.refused:
            stderr_console.print(f"left as it is: {key}: {printable(reason)}", soft_wrap=True)
    if adopted.refused:
        raise typer.Exit(1)


@app.command()
def prune(
    delete: Annotated[
        bool, typer.Option("--delete", help="Also delete everything that was set aside, now.")
    ] = False,
    yes: Yes = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Set aside all originals that no document names; they are deleted some days later."""
    from mirage.adoption import prune as prune_all

    question = "Set aside {unknown:,} originals that no document names?"
    if delete:
        question = "Delete {all:,} originals that no document names, for good?"
    _confirm(data, yes, question)
    moved, deleted = _run(data, lambda database, store: prune_all(database, store, delete=delete))
    if as_json:
        print_json({"set_aside": moved, "deleted": deleted})
    else:
        stdout_console.print(f"{moved:,} files set aside, {deleted:,} deleted")


def _confirm(data: Path | None, yes: bool, question: str) -> None:
    """Show what there is and ask; ends with 1 unless a person agrees."""
    if yes:
        return
    from mirage.adoption import check as compare

    report = _run(data, compare)
    _print(report)
    unknown = len(report.survey.unknown)
    asked = question.format(unknown=unknown, all=unknown + len(report.orphans))
    typer.confirm(asked, abort=True, err=True)


def _run(
    data: Path | None, work: Callable[["Database", "VolumeStore"], Awaitable[_Result]]
) -> _Result:
    from mirage.db import Database
    from mirage.db.migrate import require_schema
    from mirage.wiring import build_store

    settings = installed_settings(data)

    async def run() -> _Result:
        database = Database(settings.database)
        try:
            await require_schema(database)
            return await work(database, build_store(settings))
        finally:
            await database.dispose()

    return asyncio.run(run())


def _count(files: int) -> None:
    if files and files % _SAY_EVERY == 0:
        stderr_console.print(f"{files:,} files …")


def _print(report: "Report") -> None:
    found = report.survey
    owner = "this database" if found.agrees else str(found.owner or "no database yet")
    stdout_console.print(f"store of        {owner}")
    stdout_console.print(f"originals       {found.originals:,}")
    stdout_console.print(f"of no document  {len(found.unknown):,}")
    stdout_console.print(f"set aside       {len(report.orphans):,}")
    stdout_console.print(f"missing         {len(report.missing):,}")
    for item in report.missing[:_SHOWN]:
        stdout_console.print(
            f"  missing: {printable(item.project)}: {printable(item.name)}", soft_wrap=True
        )
    for key, note in report.examples:
        name = f"{printable(note.project)}: {printable(note.name)}" if note else "without a note"
        stdout_console.print(f"  of no document: {key}  {name}", soft_wrap=True)


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
