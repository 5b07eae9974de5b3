"""The commands that run a role of the program: in a container, or all of it on a laptop.

Each imports what it runs when it is called: commands that only speak HTTP start without it.
"""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from mirage import __version__, log
from mirage.cli import selftest
from mirage.cli.client import ApiKey, Url, connect, forget_connection, leave_connection
from mirage.cli.installation import Data, installed_settings
from mirage.cli.output import Json, print_json, stderr_console, stdout_console
from mirage.settings import load_settings


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (up, api, indexer, migrate_database, pull, self_test, doctor, version):
        app.command(_NAMES.get(command, command.__name__))(command)


def up(
    data: Annotated[
        Path | None, typer.Option(help="Folder for all data.", show_default="the user's own")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API.")] = 8000,
) -> None:
    """Run everything on this machine: PostgreSQL, API and indexer. Ctrl-C stops it."""
    from mirage import embedded
    from mirage.cli.progress import download_bar

    served: list[str] = []

    def ready(url: str, key: str) -> None:
        served.append(url)
        leave_connection(url, key)
        for line in (
            f"miRAGe serves at {url}  (API description: {url}/docs)",
            f"key: {key}",
            "In another terminal: mirage documents add --project books FILE...",
            "                     mirage search --project books 'your question'",
            "Ctrl-C stops it; the data stays.",
        ):
            stdout_console.print(line, soft_wrap=True)

    try:
        _run(embedded.run(data, port, ready=ready, say=_say, progress=download_bar()))
    finally:
        for url in served:  # Not that of another one, on whose port this one could not start.
            forget_connection(url)


def api() -> None:
    """Serve the HTTP API."""
    from mirage.api.app import serve

    settings = load_settings()
    log.configure(settings.log)
    asyncio.run(serve(settings))


def indexer() -> None:
    """Parse, cut and embed what was uploaded."""
    from mirage.api.app import monitoring
    from mirage.db import Database
    from mirage.db.migrate import SchemaBehind, require_schema, when_reachable
    from mirage.wiring import build_embedder, build_indexer, build_store

    settings = load_settings()
    log.configure(settings.log)

    async def run() -> None:
        database = Database(settings.database)
        embedder = build_embedder(settings)
        try:
            async with monitoring(settings, database):
                await when_reachable(lambda: require_schema(database), also=SchemaBehind)
                await build_indexer(settings, database, build_store(settings), embedder).run()
        finally:
            await embedder.aclose()
            await database.dispose()

    _run(run())


def migrate_database() -> None:
    """Bring the database's schema up to date; does nothing on a newer compatible one."""
    from mirage.db import Database
    from mirage.db.migrate import migrate, when_reachable

    settings = load_settings()
    log.configure(settings.log)

    async def run() -> None:
        database = Database(settings.database)
        try:
            await when_reachable(lambda: migrate(database))
        finally:
            await database.dispose()

    _run(run())


def pull(
    insecure: Annotated[bool, typer.Option(help="Let Ollama use a registry without TLS.")] = False,
) -> None:
    """Have Ollama pull the model of the settings; waits until Ollama answers."""
    from mirage.embed.pull import pull_model

    settings = load_settings()
    log.configure(settings.log)
    _run(pull_model(settings.ollama, settings.embedding, insecure=insecure))


def self_test(
    deadline: Annotated[float, typer.Option(help="Seconds until it gives up.")] = 240.0,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Ingest a bundled document, find it by paraphrase, delete it, and see that it is gone."""
    steps: list[str] = []

    def say(sentence: str) -> None:
        steps.append(sentence)
        _say(sentence)

    with connect(url, api_key) as client:
        selftest.run(client, deadline_seconds=deadline, say=say)
    if as_json:
        print_json({"ok": True, "steps": steps})


def doctor(
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Check database, schema, files, model and vectors of this installation's settings.

    Without a database in the environment they are those of the `mirage up` that runs, if one does.
    """
    from mirage.db import Database
    from mirage.doctor import Finding, examine
    from mirage.wiring import build_embedder, build_store

    settings = installed_settings(data)

    async def run() -> list[Finding]:
        database = Database(settings.database)
        embedder = build_embedder(settings)
        try:
            return await examine(settings, database, build_store(settings), embedder)
        finally:
            await embedder.aclose()
            await database.dispose()

    findings = asyncio.run(run())
    if as_json:
        print_json(
            [{"subject": f.subject, "ok": f.error is None, "detail": f.detail} for f in findings]
        )
    for finding in () if as_json else findings:
        mark = "ok  " if finding.error is None else "BAD "
        stdout_console.print(f"{mark} {finding.subject:<10} {finding.detail}", soft_wrap=True)
        if finding.error is not None:
            stderr_console.print(f"     {finding.error.remedy()}", soft_wrap=True)
    if any(finding.error for finding in findings):
        raise typer.Exit(1)


def version(as_json: Json = False) -> None:
    """Print the version."""
    if as_json:
        print_json({"version": __version__})
    else:
        stdout_console.print(__version__)


_NAMES: dict[Callable[..., None], str] = {
    migrate_database: "migrate",
    pull: "pull-model",
    self_test: "test",
}


def _say(sentence: str) -> None:
    stderr_console.print(sentence)


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run until done; SIGTERM cancels like Ctrl-C, so that claims are given back."""

    async def supervised() -> None:
        task = asyncio.ensure_future(main)
        told = False

        def stop() -> None:
            nonlocal told
            told = True
            task.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop)
        try:
            await task
        except asyncio.CancelledError:
            if not told:  # A fault of ours, and no way to end with 0.
                raise
            _say("stopped")

    asyncio.run(supervised())
