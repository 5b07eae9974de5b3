"""What holds for every command: `--json`, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
import typer
from rich.markup import render as render_markup

from mirage.api.http.examples import EXAMPLES
from mirage.cli import app

WITHOUT_JSON = {
    "up": "runs until it is stopped",
    "api": "runs until it is stopped, and writes a log",
    "indexer": "runs until it is stopped, and writes a log",
    "mcp": "speaks a protocol on standard output",
    "migrate": "has no result but that it is done, and writes a log",
    "make-secret": "has no result but that it is done, and writes a log",
    "pull-model": "has no result but that it is done, and writes a log",
}
DOCUMENT = EXAMPLES["Document"] | {"status": "ready", "gaps": [], "title": "Bücher"}
NAME = DOCUMENT["name"]
ODD = "[/red]:smile:[bold]" + "x" * 240 + " 1.md"


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Every command as it is typed, and what it is made of."""
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_command_prints_json_on_demand(name: str) -> None:
    options = [option for parameter in COMMANDS[name].params for option in parameter.opts]
    assert ("--json" in options) != (name in WITHOUT_JSON)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_help_is_shown_whole(name: str) -> None:
    command = COMMANDS[name]
    for text in (command.help, *(getattr(option, "help", None) for option in command.params)):
        assert render_markup(text or "").plain == (text or "")  # As Typer shows it.


def test_every_exception_is_a_command() -> None:
    assert set(WITHOUT_JSON) - set(COMMANDS) == set()


class Api(BaseHTTPRequestHandler):
    """Answers every request with the example of what it would give."""

    ANSWERS: ClassVar = {
        "/api/v1/projects": EXAMPLES["ProjectList"],
        "/api/v1/keys": EXAMPLES["KeyList"],
        "/api/v1/generations": EXAMPLES["GenerationList"],
    }

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        tail = path.rpartition("/")[2]
        if path in self.ANSWERS:
            self._answer(200, self.ANSWERS[path])
        elif "/projects/odd/" in path:
            self._answer(200, {"documents": [DOCUMENT | {"name": ODD}], "next_cursor": None})
        elif tail == "documents":
            self._answer(200, {"documents": [DOCUMENT], "next_cursor": None})
        elif tail == "file":
            self._answer(200, {})
        elif tail in {"text", "outline"}:
            self._answer(200, EXAMPLES[{"text": "DocumentText", "outline": "Outline"}[tail]])
        else:
            self._answer(200, DOCUMENT if "/documents/" in path else EXAMPLES["Project"])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        tail = self.path.rpartition("/")[2]
        made = {"keys": "CreatedKey", "search": "SearchResponse", "projects": "Project"}
        if "/projects/spoilt/" in self.path:
            self._answer(202, DOCUMENT | {"error": "The passages of before stay."})
        elif "/projects/odd/search" in self.path:
            passage = EXAMPLES["SearchResponse"]["passages"][0] | {"text": ODD}
            self._answer(200, EXAMPLES["SearchResponse"] | {"passages": [passage]})
        elif tail in made:
            self._answer(201, EXAMPLES[made[tail]])
        else:
            self._answer(202, DOCUMENT if "documents" in self.path else EXAMPLES["Generation"])

    def do_PATCH(self) -> None:
        self._answer(200, DOCUMENT if "/documents/" in self.path else EXAMPLES["Project"])

    def do_DELETE(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (as it is overridden)
        """Say nothing."""

    def _answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """What leads a command to an API that knows one of everything."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield os.environ | {"MIRAGE_API_URL": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "line",
    [
        "documents add --project p FILE",
        "documents list --project p",
        "documents text --project p NAME --span 58210-58265",
        "documents outline --project p NAME",
        "documents status --project p NAME",
        "documents status --project p ID",
        "documents remove --project p NAME NAME ID",
        "documents reindex --project p NAME",
        "documents rename --project p NAME other.pdf",
        "documents download --project p --output OUTPUT NAME",
        "projects list",
        "projects create p",
        "projects rename p q",
        "projects remove --yes p",
        "keys list",
        "keys create website",
        "keys revoke website KEY",
        "generations list",
        "generations build",
        "generations activate 2",
        "generations drop --yes 2",
        "search --project p lamps",
        "version",
    ],
)
def test_standard_output_is_one_json_document(
    environment: dict[str, str], tmp_path: Path, line: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_text("text")
    identity = DOCUMENT["id"].upper()
    words = {"FILE": str(file), "NAME": NAME, "ID": identity, "OUTPUT": str(tmp_path / "out")}
    words["KEY"] = EXAMPLES["KeyList"]["keys"][0]["id"].upper()
    done = _run([words.get(word, word) for word in line.split()] + ["--json"], environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize("line", ["documents list --project odd", "search --project odd x"])
def test_text_is_shown_letter_by_letter(environment: dict[str, str], line: str) -> None:
    done = _run(line.split(), environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert ODD.removesuffix(" 1.md") in done.stdout
    assert "1.md" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nothing"], 2, "No such command"),
        (["search", "x"], 2, "--project"),
        (["documents", "add", "--project", "p", "none.pdf"], 2, "does not exist"),
        (["documents", "add", "--project", "p", "none/*.pdf"], 2, "matches 'none/*.pdf'"),
        (["documents", "status", "--project", "p", "none"], 1, "has no document 'none'"),
        (["search", "--project", "p", "\udcff"], 1, "is not valid text"),
        (["documents", "list", "--project", ""], 2, "cannot be a project's name"),
        (["documents", "list", "--project", "x/y"], 2, "cannot be a project's name"),
        (["documents", "remove", "--project", "p", NAME, "no", "--json"], 1, "no document 'no'"),
        (["keys", "revoke", "website", "no", "--json"], 1, "key 'no' does not exist"),
        (["documents", "download", NAME, "-p", "p", "-o", "no/"], 2, "folder 'no/' does not exist"),
        (["documents", "download", NAME, "-p", "p", "-o", "no/x"], 1, "error: no/x: No such file"),
        (["documents", "status", "--project", "p", "[/x]"], 1, "has no document '[/x]'"),
        (["projects", "create", "\udcff"], 1, "is not valid text"),
        (["search", "--project", "\udcff", "x"], 1, "is not valid text"),
    ],
)
def test_failure_is_said_on_standard_error_alone(
    environment: dict[str, str], arguments: list[str], code: int, said: str
) -> None:
    done = _run(arguments, environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("role", "setting"), [("api", "API"), ("api", "METRICS"), ("indexer", "METRICS")]
)
def test_role_whose_port_is_taken_says_so_and_ends(role: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = _run(
            [role],
            os.environ
            | {"MIRAGE_API_HOST": "127.0.0.1", "MIRAGE_API_KEY": "key"}
            | {"MIRAGE_DATABASE_HOST": "/nonexistent", "MIRAGE_METRICS_PORT": "0"}
            | {f"MIRAGE_{setting}_PORT": str(port)},
        )
    assert done.returncode == 1
    assert f"cannot listen on port {port} of 127.0.0.1: Address already in use" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_document_that_cannot_be_indexed_anew_ends_the_command_with_1(
    environment: dict[str, str],
) -> None:
    done = _run(["documents", "reindex", "--project", "spoilt", NAME], environment)
    assert (done.returncode, done.stdout.split()[0]) == (1, "ready")
    assert "The passages of before stay." in done.stderr


@pytest.mark.parametrize(
    "line",
    ["documents list --project p", "documents list --project p --json", "--help", "documents"],
)
def test_reader_that_went_away_ends_a_command_quietly(
    environment: dict[str, str], line: str
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = _run(line.split(), environment, stdout=writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


def test_character_that_the_terminal_does_not_know_is_shown_as_an_escape(
    environment: dict[str, str],
) -> None:
    ascii_only = environment | {"PYTHONIOENCODING": "ascii"}
    line = ["documents", "status", "--project", "p", NAME]
    assert "title  B\\xfccher" in _run(line, ascii_only).stdout
    assert json.loads(_run([*line, "--json"], ascii_only).stdout)["title"] == "Bücher"


def test_doctor_says_that_nothing_runs_on_a_folder(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "lock").touch()  # As one that has ended leaves it, and here the server's file too.
    (tmp_path / "postgresql" / "data").mkdir(parents=True)
    (tmp_path / "postgresql" / "data" / "postmaster.pid").write_text("1\n/d\n0\n5432\n/run\n\n")
    done = _run(["doctor", "--data", str(tmp_path)], environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert f"no `mirage up` runs on {tmp_path}" in done.stderr


def test_empty_name_does_not_send_the_folder_one_is_in(environment: dict[str, str]) -> None:
    done = _run(["documents", "add", "--no-wait", "--project", "p", ""], environment)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the name is empty" in done.stderr


def test_address_that_no_host_can_have_is_said_in_a_sentence(environment: dict[str, str]) -> None:
    done = _run(["projects", "list", "--url", "http://xn--/"], environment)
    assert done.returncode == 1
    assert done.stderr.startswith("error: --url: 'http://xn--/' is not a valid URL")


def test_interrupt_ends_a_command_quietly(environment: dict[str, str]) -> None:
    # A shell starts background jobs with this signal ignored, which children inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        process = subprocess.Popen(
            [sys.executable, "-m", "mirage", "projects", "list", "--url", url],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        asking, _ = silent.accept()
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=240)
        asking.close()
    assert (process.returncode, said) == (130, ("", ""))


def _run(
    arguments: list[str], environment: dict[str, str], stdout: int = subprocess.PIPE
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "mirage", *arguments],
        env=environment | {"COLUMNS": "200"},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        timeout=240,
        check=False,
    )
