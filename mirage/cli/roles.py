"""Commands that run a role of the program in a container, or everything on one machine.

Each imports its role only when called, so that commands that only use HTTP start fast.
"""

import asyncio
import logging
import os
import shlex
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from mirage import __version__
from mirage.cli import selftest
from mirage.cli.client import ApiKey, Url, connect, forget_connection, leave_connection
from mirage.cli.installation import Data, installed_settings
from mirage.cli.output import Json, print_json, stderr_console, stdout_console
from mirage.listening import open_port

if TYPE_CHECKING:
    from mirage.settings import Settings


_log = logging.getLogger(__name__)


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (
        up,
        api,
        indexer,
        migrate_database,
        pull,
        make_secret,
        self_test,
        doctor,
        version,
    ):
        app.command(_NAMES.get(command, command.__name__))(command)


def up(
    data: Annotated[
        Path | None, typer.Option(help="Folder for all data.", show_default="in the user's data")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the API.")] = 8000,
) -> None:
    """Run PostgreSQL, API and indexer on this machine. Ctrl-C stops them."""
    from mirage import embedded
    from mirage.cli.progress import download_bar

    served: list[str] = []

    def ready(url: str, key: str) -> None:
        served.append(url)
        other = leave_connection(url, key)
        for line in (
            f"miRAGe is running at {url}  (API description: {url}/docs)",
            f"Open it in a browser, logged in: {_login_address(url, key)}",
            f"API key: {key}",
            *_next_steps(url, other),
            "Ctrl-C stops miRAGe; the data is kept.",
        ):
            stdout_console.print(line, soft_wrap=True)

    try:
        _run(embedded.run(data, port, ready=ready, say=_say, progress=download_bar()))
    finally:
        for url in served:  # Not that of another instance that already uses the port.
            forget_connection(url)


def api() -> None:
    """Run the HTTP API."""
    settings = _configured()
    # Before the imports, which take a second: until then, probes wait instead of being refused.
    listener = open_port(settings.api.host, settings.api.port)
    from mirage.api.app import serve
    from mirage.web.site import create_site

    asyncio.run(serve(settings, listener, create_site))


def indexer() -> None:
    """Run the indexer, which parses, chunks and embeds uploaded documents."""
    settings = _configured()
    port = settings.metrics.port
    listener = open_port(settings.api.host, port) if port else None  # As `api` does.
    from mirage.api.app import monitoring
    from mirage.db import Database
    from mirage.db.faults import SchemaBehind
    from mirage.db.migrate import require_schema, when_reachable
    from mirage.wiring import build_embedder, build_indexer, build_store

    async def run() -> None:
        database = Database(settings.database)
        _log.info("the database is %s", database.place)
        embedder = build_embedder(settings)
        try:
            async with monitoring(settings, database, listener):
                await when_reachable(lambda: require_schema(database), also=SchemaBehind)
                await build_indexer(settings, database, build_store(settings), embedder).run()
        finally:
            await embedder.aclose()
            await database.dispose()

    _run(run())


def migrate_database() -> None:
    """Update the database schema. Does nothing on a newer, compatible schema."""
    from mirage.db import Database
    from mirage.db.migrate import migrate, when_reachable

    settings = _configured()

    async def run() -> None:
        database = Database(settings.database)
        _log.info("the database is %s", database.place)
        try:
            await when_reachable(lambda: migrate(database))
        finally:
            await database.dispose()

    _run(run())


def pull(
    models: Annotated[
        list[str] | None, typer.Argument(help="Models; by default the configured one.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option(help="Allow Ollama to use a registry without TLS.")
    ] = False,
) -> None:
    """Wait for Ollama, then let it pull models."""
    from mirage.embed.pull import pull_model

    settings = _configured()
    _run(pull_model(settings.ollama, settings.embedding, models=models or (), insecure=insecure))


def make_secret(
    name: Annotated[str, typer.Argument(help="Name of the Secret.")],
    api_key: Annotated[bool, typer.Option("--api-key", help="Generate the key `api-key`.")] = False,
    postgresql: Annotated[
        str | None,
        typer.Option(
            metavar="HOST",
            help="Generate `postgresql-password` and `database-url` for this server.",
        ),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Label of a new Secret.")
    ] = None,
    annotation: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Annotation of a new Secret.")
    ] = None,
) -> None:
    """Generate what a Secret of this pod's namespace lacks; what it has stays as it is."""
    from mirage.kubernetes import Cluster, address, make_secret

    _configured()

    async def run() -> None:
        async with Cluster(address(os.environ)) as cluster:
            new = {"labels": _pairs(label), "annotations": _pairs(annotation)}
            made = await make_secret(
                cluster, name, api_key=api_key, postgresql=postgresql, metadata=new
            )
        _log.info("generated %s", ", ".join(made) or "nothing, because all keys are there")

    _run(run())


def self_test(
    deadline: Annotated[float, typer.Option(help="Maximum time in seconds.")] = 240.0,
    url: Url = None,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Test an installation: add a built-in document, find it by a paraphrase, and delete it."""
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
    """Check database, schema, files, model and vectors of this installation.

    If the environment names no database, the running `mirage up` is checked.
    """
    from mirage.db import Database
    from mirage.doctor import Finding, examine
    from mirage.wiring import build_embedder, open_store

    settings = installed_settings(data)

    async def run() -> list[Finding]:
        database = Database(settings.database)
        embedder = build_embedder(settings)
        try:
            return await examine(settings, database, open_store(settings), embedder)
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
    make_secret: "make-secret",
    self_test: "test",
}


def _pairs(texts: list[str] | None) -> dict[str, str]:
    """Split texts such as `name=value`. Raises BadParameter for one without `=`."""
    pairs = [text.partition("=") for text in texts or ()]
    for name, sign, _ in pairs:
        if not sign:
            raise typer.BadParameter(f"{name!r} is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _configured() -> "Settings":
    """Load the settings, and configure the log with them."""
    from mirage import log
    from mirage.settings import load_settings

    settings = load_settings()
    log.configure(settings.log)
    return settings


def _next_steps(url: str, other: str | None) -> tuple[str, ...]:
    """Return the lines that say how commands find this installation."""
    if other is not None:
        return (
            f"Commands without --url still use the one at {other}. For this one, set",
            f"MIRAGE_API_URL={url} and MIRAGE_API_KEY to the key above.",
        )
    commands = [
        "mirage documents add --project books FILE...",
        "mirage search --project books 'your question'",
    ]
    activate = Path(sys.prefix, "bin", "activate")
    if sys.prefix != sys.base_prefix and activate.is_file():  # Other terminals know no `mirage`.
        commands.insert(0, f". {shlex.quote(str(activate))}")
    heads = ["In another terminal:", *[""] * len(commands)]
    return tuple(f"{head:<20} {command}" for head, command in zip(heads, commands, strict=False))


def _login_address(url: str, key: str) -> str:
    """Return the address that logs a browser in.

    What is behind `#` stays in the browser: it is in no request and in no log.
    """
    return f"{url}/login#key={quote(key, safe='')}"


def _say(sentence: str) -> None:
    stderr_console.print(sentence)


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run until done; SIGTERM cancels like Ctrl-C, so that claims are released."""

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
            if not told:  # A bug: it must not exit with 0.
                raise
            _say("stopped")

    asyncio.run(supervised())
