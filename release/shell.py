"""Runs the tools of a release: git, docker, helm, oras, cosign."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from release.errors import Refused

ROOT = Path(__file__).parents[1]
"""The folder of the repository."""


class CommandFailed(Refused):
    """A command that ended with an error. `output` is what it printed to stderr."""

    def __init__(self, command: str, output: str) -> None:
        self.output = output
        lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no message"]
        super().__init__(f"`{command}` failed: {lines[-1].removeprefix('Error: ')}")


def run(
    *command: str,
    folder: Path = ROOT,
    stdin: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Return what a command prints to stdout; raise CommandFailed with its last line of stderr."""
    if shutil.which(command[0]) is None:
        raise Refused(f"{command[0]} is missing: run `make release-tools`, or install it")
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandFailed(" ".join(command[:2]), done.stderr or done.stdout)
    return done.stdout


def show(*command: str, environment: Mapping[str, str] | None = None) -> None:
    """Run a command whose output goes to the terminal; raise Refused if it fails."""
    if shutil.which(command[0]) is None:
        raise Refused(f"{command[0]} is missing: run `make release-tools`, or install it")
    done = subprocess.run(command, cwd=ROOT, env=os.environ | (environment or {}), check=False)
    if done.returncode:
        raise Refused(f"`{' '.join(command[:3])}` failed: its output is above")
