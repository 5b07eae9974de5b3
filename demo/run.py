"""The demo: starts miRAGe in a temporary folder, indexes a small library, asks three questions.

It shows the commands that it runs.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIBRARY = Path(__file__).parent / "library"
QUESTIONS = (
    "What helped a ship when the fog was too thick to see any light?",
    "What do the bees do to stay warm in the cold months?",
    "How can I tell that my starter is strong enough to bake with?",
)
START_SECONDS = 900.0  # The first start downloads 90 MB.


def main() -> None:
    """Run the demo. Exits with 1 if a command fails."""
    folder = Path(tempfile.mkdtemp(prefix="mirage-demo-"))
    folder.chmod(0o711)  # If this runs as root, PostgreSQL's user must be able to enter the folder.
    # A separate folder for settings, so that those of a `mirage up` do not change.
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder / "config")}
    for name in ("MIRAGE_API_URL", "MIRAGE_API_KEY"):
        environment.pop(name, None)
    began = time.monotonic()
    command = mirage("up", "--data", str(folder / "data"), "--port", str(free_port()))
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until_served(server, folder / "config")
        report("started", began)
        began = time.monotonic()
        files = sorted(str(path.relative_to(Path.cwd())) for path in LIBRARY.iterdir())
        say_and_run(environment, "documents", "add", "--project", "demo", *files)
        report(f"{len(files)} documents indexed", began)
        for question in QUESTIONS:
            began = time.monotonic()
            say_and_run(environment, "search", "--project", "demo", "--limit", "2", question)
            report("answered", began)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
        shutil.rmtree(folder)
    say("That was the demo. To run miRAGe with your own documents: make up")


def wait_until_served(server: "subprocess.Popen[bytes]", config: Path) -> None:
    """Wait until `mirage up` has stored its address, which it does once the API answers."""
    deadline = time.monotonic() + START_SECONDS
    while not list(config.rglob("connection.json")):
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit("miRAGe did not start; see its messages above")
        time.sleep(0.1)


def say_and_run(environment: dict[str, str], *arguments: str) -> None:
    """Show a command and run it; exit with its code if it fails."""
    say(f"\n$ mirage {' '.join(quote(argument) for argument in arguments)}")
    code = subprocess.run(mirage(*arguments), env=environment, check=False).returncode
    if code:
        sys.exit(code)


def mirage(*arguments: str) -> list[str]:
    """Return a command line for the program in this environment."""
    return [sys.executable, "-m", "mirage", *arguments]


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def report(what: str, began: float) -> None:
    """Print how long something took."""
    say(f"({what} in {time.monotonic() - began:.1f} s)")


def say(text: str) -> None:
    """Print to stdout immediately, so that the order with the commands' output is right."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def quote(argument: str) -> str:
    """Return the argument as typed in a shell."""
    return json.dumps(argument) if " " in argument else argument


if __name__ == "__main__":
    main()
