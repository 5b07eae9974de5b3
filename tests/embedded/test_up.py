"""`mirage up` as a process: what it leaves behind and what it finds again, also after `kill -9`."""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("up")  # Ports are chosen before they are taken.

_START_SECONDS = 240.0
# Below those that systems give out by themselves: 32768 on Linux, 49152 on macOS.
_PORTS = range(20_000, 32_000)


class Up:
    """Runs the command in a folder of its own; `mirage` types other commands."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.config = folder / "config"
        kept = ("MIRAGE_API_URL", "MIRAGE_API_KEY", "MIRAGE_OLLAMA_URL")
        self.environment = {k: v for k, v in os.environ.items() if k not in kept}
        self.environment["XDG_CONFIG_HOME"] = str(self.config)
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> dict[str, str]:
        """Start, wait until it serves, and give the address and key that it left."""
        port = free_port()
        shutil.rmtree(self.config, ignore_errors=True)
        self.process = self._spawn("--port", str(port))
        deadline = time.monotonic() + _START_SECONDS
        while not (left := list(self.config.rglob("connection.json"))):
            assert self.process.poll() is None, self.process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert left[0].stat().st_mode & 0o777 == 0o600
        return self.connection()

    def connection(self) -> dict[str, str]:
        """The address and key of the one that serves."""
        (left,) = self.config.rglob("connection.json")
        connection: dict[str, str] = json.loads(left.read_text())
        return connection

    def refused(self, *arguments: str) -> str:
        """Start a second one that has to fail; gives what it said."""
        process = self._spawn(*arguments)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == 1
        return said

    def end(self, number: signal.Signals) -> int:
        """Send a signal, wait, and give the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        self.process.communicate(timeout=240)
        return self.process.returncode

    def mirage(self, *arguments: str, code: int = 0) -> str:
        """Another command, in the same environment."""
        done = subprocess.run(
            [sys.executable, "-m", "mirage", *arguments],
            env=self.environment, capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
        assert done.returncode == code, done.stderr
        return done.stdout

    def _spawn(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "mirage", "up", "--data", str(self.data), *arguments],
            env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip


def free_port() -> int:
    """A port that no process listens on, and that no other process is given by the system."""
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def up() -> Iterator[Up]:
    """Not under pytest's folder, which is closed to the user that PostgreSQL runs as."""
    folder = Path(tempfile.mkdtemp(prefix="mirage-up-"))
    folder.chmod(0o755)
    made = Up(folder)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGINT)
    shutil.rmtree(folder)


def test_data_outlives_a_kill_of_everything(up: Up, tmp_path: Path) -> None:
    first = up.start()
    document = tmp_path / "lamp.md"
    document.write_text("# Lamp\n\nThe keeper climbed the tower at dusk and lit the lamp.\n")
    added = json.loads(up.mirage("documents", "add", "-p", "shelf", "--json", str(document)))
    assert [item["status"] for item in added] == ["ready"]
    browser = httpx.Client(headers={"Origin": first["url"]})
    assert browser.post(f"{first['url']}/login", data={"key": first["key"]}).status_code == 303
    up.end(signal.SIGKILL)
    second = up.start()
    assert second["key"] == first["key"]
    shelf = browser.get(f"{second['url']}/p/shelf/library")  # Nothing about sessions is stored.
    assert (shelf.status_code, "lamp.md" in shelf.text) == (200, True)
    browser.close()
    answer = json.loads(up.mirage("search", "-p", "shelf", "--json", "who switched the light on?"))
    assert answer["passages"][0]["document"]["name"] == "lamp.md"
    assert answer["passages"][0]["similarity"] > 0.2


def test_lost_database_is_a_reindex(up: Up, tmp_path: Path) -> None:
    up.start()
    document = tmp_path / "лампа.md"
    document.write_text("# Лампа\n\nСмотритель зажёг лампу АБ-1234.\n")
    added = json.loads(up.mirage("documents", "add", "-p", "полка", "--json", str(document)))
    up.end(signal.SIGINT)
    shutil.rmtree(up.data / "postgresql" / "data")
    up.start()
    files = ("files", "check", "--data", str(up.data), "--json")
    lost = json.loads(up.mirage(*files, code=1))
    assert (lost["originals"], len(lost["unknown"])) == (1, 1)
    assert lost["owner"] != lost["database"]
    adopted = json.loads(up.mirage("files", "adopt", "--yes", *files[2:]))
    assert (adopted["documents"], adopted["refused"]) == (1, [])
    found = json.loads(up.mirage("documents", "list", "-p", "полка", "--json"))
    assert [(item["name"], item["id"]) for item in found] == [("лампа.md", added[0]["id"])]
    assert json.loads(up.mirage(*files))["unknown"] == []
    assert json.loads(up.mirage("files", "prune", "--yes", *files[2:])) == {
        "set_aside": 0,
        "deleted": 0,
    }


def test_doctor_looks_at_the_one_that_runs(up: Up) -> None:
    up.start()
    # Its model, not the one that is set in another terminal.
    up.environment["MIRAGE_OLLAMA_URL"] = "http://127.0.0.1:1"
    findings = json.loads(up.mirage("doctor", "--data", str(up.data), "--json"))
    assert [finding for finding in findings if not finding["ok"]] == []
    documents = next(f["detail"] for f in findings if f["subject"] == "documents")
    assert documents == f"{up.data}/documents is writable"


def test_interrupt_stops_everything(up: Up) -> None:
    up.start()
    assert up.end(signal.SIGINT) == 0
    assert not (up.data / "postgresql" / "data" / "postmaster.pid").exists()
    assert not list(up.config.rglob("connection.json"))


def test_second_start_on_the_same_folder_or_port_is_refused(up: Up) -> None:
    connection = up.start()
    assert "another `mirage up` is using" in up.refused("--port", str(free_port()))
    up.data = up.data.with_name("other")
    port = connection["url"].rpartition(":")[2]
    assert f"port {port} is in use" in up.refused("--port", port)
    assert list(up.config.rglob("connection.json")) != []  # The first one's, which still serves.


def test_second_installation_leaves_the_commands_with_the_first(up: Up, tmp_path: Path) -> None:
    first = up.start()
    second = Up(up.data.parent / "second")
    second.environment = up.environment
    port = free_port()
    process = second.process = second._spawn("--port", str(port))
    try:
        said = ""
        assert process.stdout is not None
        while "Ctrl-C stops" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        assert f"still use the one at {first['url']}" in said
        assert up.connection() == first
        assert second.end(signal.SIGINT) == 0
        assert up.connection() == first
    finally:
        if process.poll() is None:
            second.end(signal.SIGKILL)
