"""Commands as a person types them."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx

_T = TypeVar("_T")

_SHOWN = 3000
"""Characters of each command's output in the test's log."""

ROOT = Path(__file__).parents[2]


def run(*command: str, timeout: float = 600, stdin: str | None = None, **environment: str) -> str:
    """Run from the repository's root and return stdout; fails with all that was printed."""
    print("$", " ".join(command), flush=True)
    if command[0] == "helm":
        command = (os.environ.get("HELM", "helm"), *command[1:])
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    print(done.stdout[:_SHOWN] + done.stderr, flush=True)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}: {done.stderr}"
    return done.stdout


def until(condition: Callable[[], _T], what: str, *, timeout: float = 300, pause: float = 1) -> _T:
    """Wait for something true; fails with what it waited for."""
    deadline = time.monotonic() + timeout
    while True:
        if value := condition():
            return value
        assert time.monotonic() < deadline, f"waited {timeout:.0f} s for {what}"
        time.sleep(pause)


@contextmanager
def port_forward(namespace: str, target: str, ports: str) -> Iterator[None]:
    """`kubectl port-forward` until the block ends."""
    print("$ kubectl port-forward -n", namespace, target, ports, flush=True)
    process = subprocess.Popen(
        ["kubectl", "port-forward", "-n", namespace, target, ports],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    port = ports.partition(":")[0]

    def answers() -> bool:
        assert process.poll() is None, "kubectl port-forward ended"
        try:
            return httpx.get(f"http://localhost:{port}/health/live").is_success
        except httpx.TransportError:
            return False

    try:
        until(answers, "the port-forward", timeout=60)
        yield
    finally:
        process.terminate()
        process.communicate()
