"""An indexer as a process, and the processes that it started."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_STOP_SECONDS = 30.0
# Fields of /proc/PID/stat behind the command's name, counted from 0.
_STATE, _PARENT, _STARTED = 0, 1, 19

Identity = tuple[int, int]
"""Process id and the moment it was started: an id alone is given out again."""


@dataclass(frozen=True)
class IndexerProcess:
    """`python -m mirage indexer`, connected to the database under a role of its own."""

    role: str
    popen: subprocess.Popen[bytes]

    @classmethod
    def start(cls, role: str, settings: dict[str, str], log: Path) -> "IndexerProcess":
        """Start it with these settings and no other of the environment."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("MIRAGE_")}
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", "mirage", "indexer"],
                env=environment | settings,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return cls(role, popen)

    def kill(self) -> set[Identity]:
        """SIGKILL; gives the children that it leaves behind."""
        children = {
            (pid, started) for pid, parent, started in _processes() if parent == self.popen.pid
        }
        self.popen.kill()
        self.popen.wait()
        return children

    def terminate(self) -> int:
        """SIGTERM; gives the exit code."""
        self.popen.send_signal(signal.SIGTERM)
        try:
            return self.popen.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            return -signal.SIGKILL


def alive(identities: set[Identity]) -> set[Identity]:
    """Those that still run."""
    return identities & {(pid, started) for pid, _, started in _processes()}


def _processes() -> list[tuple[int, int, int]]:
    found = []
    for path in Path("/proc").iterdir():
        if not path.name.isdigit():
            continue
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # It has ended meanwhile.
        if fields[_STATE] != "Z":
            found.append((int(path.name), int(fields[_PARENT]), int(fields[_STARTED])))
    return found
