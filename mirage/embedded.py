"""`mirage up`: PostgreSQL, API and indexer in one command.

PostgreSQL is a child process, API and indexer run in this one. All data is in one folder:
`postgresql/`, `documents/`, `key`. The next start uses it again, even after a `kill -9`.
"""

import asyncio
import fcntl
import os
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import platformdirs

from mirage import log
from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.config import fits_a_header
from mirage.db import Database
from mirage.db.migrate import migrate
from mirage.disk import describe_space
from mirage.embed.weights import fetch_weights
from mirage.errors import ConfigError
from mirage.generations import note_another_model
from mirage.listening import PortInUse
from mirage.postgres import (
    DATABASE,
    SUPERUSER,
    PostgresFailed,
    Server,
    find_install,
    running_socket,
)
from mirage.reserve import RESERVE_BYTES, Reserve
from mirage.running import borrowed_environment, left_environment
from mirage.settings import Settings, load_settings
from mirage.web.site import create_site
from mirage.wiring import build_embedder, build_indexer, build_store

_HOST = "127.0.0.1"
# Limit of the local model (all-minilm): 256 tokens, two of them special.
_LOCAL_CHUNK = {"size": 254, "overlap": 64}


class AlreadyRunning(ConfigError):
    """Use the running instance, or choose another folder with `--data`."""

    code = "already-running"


async def run(
    folder: Path | None,
    port: int,
    *,
    ready: Callable[[str, str], None],
    say: Callable[[str], None],
    progress: Callable[[int, int, str], None],
) -> None:
    """Serve until cancelled. `ready` gets the API's address and key once it answers.

    Raises ConfigError, PostgresFailed.
    """
    folder = (folder or default_folder()).absolute()
    _require_free_port(port)
    with _locked(folder):
        _close_to_others(folder / "documents")
        postgres = Server(find_install(), folder / "postgresql", say=say)
        # Read before there is a database, so that a mistake in them leaves none.
        settings = _settings(folder, postgres.socket_folder, _served(folder, port))
        try:
            await _start(postgres, folder, say)
            # A long path gives the server another folder for its socket.
            host = {"host": str(postgres.socket_folder)}
            database = settings.database.model_copy(update=host)
            settings = settings.model_copy(update={"database": database})
            with left_environment(folder):
                await _serve(settings, folder, postgres, ready, say, progress)
        finally:
            await postgres.stop()


def running_settings(folder: Path | None = None) -> Settings | None:
    """Return the settings of the `mirage up` that runs on a folder, or None.

    Secrets of a model's server come from the environment of this process.
    """
    folder = (folder or default_folder()).absolute()
    socket_folder = running_socket(folder / "postgresql")
    if socket_folder is None or not _is_locked(folder):
        return None
    with borrowed_environment(folder):
        return _settings(folder, socket_folder, {})


def default_folder() -> Path:
    """Return the user's data folder. Root gets a system folder that PostgreSQL's user can enter."""
    if os.geteuid() == 0:
        return Path("/var/lib/mirage")
    return Path(platformdirs.user_data_dir("mirage"))


def choose_backend() -> str:
    """Return the backend that the environment sets, or that its server URL implies, or `local`."""
    for name, backend in (("MIRAGE_OLLAMA_URL", "ollama"), ("MIRAGE_OPENAI_URL", "openai")):
        if os.environ.get(name):
            return os.environ.get("MIRAGE_EMBEDDING_BACKEND") or backend
    return os.environ.get("MIRAGE_EMBEDDING_BACKEND") or "local"


async def _start(postgres: Server, folder: Path, say: Callable[[str], None]) -> None:
    """Start PostgreSQL; on a full disk, release the reserve first.

    Raises PostgresFailed, ConfigError.
    """
    reserve = Reserve(folder / "reserve")
    if reserve.is_needed:
        _give_up(reserve, folder, say)
    try:
        await postgres.start()
    except PostgresFailed as error:
        if not reserve.is_needed:
            raise
        if not _give_up(reserve, folder, say):
            raise PostgresFailed(f"the disk is full: {describe_space(folder)}") from error
        await postgres.start()
    try:
        reserve.make()
    except OSError as error:
        raise ConfigError(f"--data: {folder} cannot be written: {error.strerror}") from error


def _give_up(reserve: Reserve, folder: Path, say: Callable[[str], None]) -> bool:
    space = describe_space(folder)
    released = reserve.release()
    if released:
        say(
            f"The disk is full ({space}). Released the reserve of {RESERVE_BYTES // 2**20} MiB, so"
            " that you can delete documents; until there is space, no document is added or indexed."
        )
    return released


async def _serve(
    settings: Settings,
    folder: Path,
    postgres: Server,
    ready: Callable[[str, str], None],
    say: Callable[[str], None],
    progress: Callable[[int, int, str], None],
) -> None:
    log.configure(settings.log)
    database = Database(settings.database, volume=folder)
    store = build_store(settings)
    embedder = build_embedder(settings)
    try:
        await migrate(database)
        if settings.embedding.backend == "local":
            await asyncio.to_thread(fetch_weights, settings.embedding.weights, progress)
        app = create_site(settings, database=database, store=store, embedder=embedder)
        server = build_server(app, settings.api.host, settings.api.port)
        async with asyncio.TaskGroup() as parts:
            # Vectors go to the disk of the originals.
            indexer = build_indexer(
                settings, database, store, embedder, require_space=store.require_space
            )
            parts.create_task(indexer.run())
            parts.create_task(serve_until_cancelled(server))
            parts.create_task(_watch(postgres, folder))
            while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.05)
            if note := await note_another_model(database, embedder):
                say(note)
            key = settings.api.key
            ready(f"http://{_HOST}:{settings.api.port}", key.get_secret_value() if key else "")
    except ExceptionGroup as group:
        # The first failed part cancelled the others.
        raise group.exceptions[0] from group
    finally:
        await embedder.aclose()
        await database.dispose()


async def _watch(postgres: Server, folder: Path) -> None:
    await postgres.wait()
    raise PostgresFailed(f"PostgreSQL stopped unexpectedly ({describe_space(folder)})")


def _served(folder: Path, port: int | None) -> dict[str, Any]:
    """Return the API settings that do not come from the environment."""
    api: dict[str, Any] = {} if port is None else {"port": port}
    return api if os.environ.get("MIRAGE_API_KEY") else api | {"key": _key(folder / "key")}


def _settings(folder: Path, socket_folder: Path, api: dict[str, Any]) -> Settings:
    overrides: dict[str, Any] = {
        "database": {
            "url": None,
            "host": str(socket_folder),
            "user": SUPERUSER,
            "name": DATABASE,
        },
        "documents": {"path": folder / "documents"} | _kept_free(),
        "api": {"host": _HOST} | api,
        "metrics": {"port": 0},
    }
    backend = choose_backend()
    overrides["embedding"] = {"backend": backend}
    if backend == "local" and not any(name.startswith("MIRAGE_CHUNK_") for name in os.environ):
        overrides["chunk"] = _LOCAL_CHUNK
    if not any(name.startswith("MIRAGE_LOG_") for name in os.environ):
        overrides["log"] = {"level": "warning", "format": "text"}
    return load_settings(**overrides)


def _kept_free() -> dict[str, Any]:
    """Keep more free space than the reserve, so that no upload uses a released reserve."""
    if os.environ.get("MIRAGE_DOCUMENTS_MIN_FREE_BYTES"):
        return {}
    return {"min_free_bytes": 2 * RESERVE_BYTES}


def _key(path: Path) -> str:
    """Return the API key; create it once, atomically, readable only by its owner."""
    key = _kept_key(path)
    if not key:
        key = secrets.token_urlsafe(24)
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(key)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    return key


def _kept_key(path: Path) -> str:
    """Return the stored key, or an empty text. Raises ConfigError for a file without a key."""
    try:
        if not path.is_file() and os.path.lexists(path):
            raise ConfigError(
                f"{path} is not a file; move it away, and the next start creates a key"
            )
        key = path.read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        key = "\0"
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    if key and not fits_a_header(key):
        raise ConfigError(f"{path} contains no key; move it away, and the next start creates one")
    return key


def _require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError as error:
            raise PortInUse(f"port {port} is in use or not allowed") from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock the folder for one process. The lock ends with the process, however it ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise ConfigError(f"--data: {folder} cannot be written: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(f"another `mirage up` is using {folder}") from error
        yield


def _close_to_others(documents: Path) -> None:
    """Close the originals to other users. The data folder stays open for PostgreSQL's user."""
    try:
        documents.mkdir(mode=0o700, exist_ok=True)
        with suppress(PermissionError):  # Some file systems have no modes.
            documents.chmod(0o700)
    except OSError as error:
        raise ConfigError(f"--data: {documents} cannot be written: {error.strerror}") from error


def _is_locked(folder: Path) -> bool:
    try:
        with (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
