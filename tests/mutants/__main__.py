"""Runs `make mutants`: applies one mutant after the other, and lists those that no test notices.

Works on a copy of the tree, which is left as it was. The tests first run without a mutant: one that
fails by itself proves nothing.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.mutants.mutant import Mutant, chosen
from tests.mutants.table import MUTANTS

_ROOT = Path(__file__).parent.parent.parent
_TIMEOUT_SECONDS = 300.0  # guess: a mutant may also make a test wait for ever


def main(names: list[str]) -> int:
    """Run the mutants of these names, or all. Return 1 when one survives, 2 when one cannot run."""
    try:
        mutants = chosen(MUTANTS, names)
        for mutant in mutants:
            mutant.mutated(_ROOT)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    with TemporaryDirectory(prefix="mirage-mutants-") as folder:
        copy = Path(folder)
        _copy_tree(copy)
        return _run_all(mutants, copy)


def _run_all(mutants: list[Mutant], copy: Path) -> int:
    tests = list(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    status, output = _run_tests(copy, tests)
    if status != pytest.ExitCode.OK:
        print(f"{output}\nthe tests do not pass without a mutant", file=sys.stderr)
        return 2
    survivors: list[Mutant] = []
    for mutant in mutants:
        began = time.monotonic()
        status, output = _run_mutant(mutant, copy)
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            print(f"{output}\n{mutant.name}: the tests could not run", file=sys.stderr)
            return 2
        survives = status == pytest.ExitCode.OK
        survivors += [mutant] if survives else []
        seconds = time.monotonic() - began
        print(f"{'SURVIVED' if survives else 'killed':8} {mutant.name:26} {seconds:5.1f} s", end="")
        print(f"  {mutant.meaning}", flush=True)
    print(f"\n{len(mutants) - len(survivors)} of {len(mutants)} mutants were killed")
    for mutant in survivors:
        print(f"survived: {mutant.name} in {mutant.file}: {mutant.meaning}")
    return 1 if survivors else 0


def _run_mutant(mutant: Mutant, copy: Path) -> tuple[int, str]:
    path = copy / mutant.file
    sound = path.read_text(encoding="utf-8")
    path.write_text(mutant.mutated(copy), encoding="utf-8")
    try:
        return _run_tests(copy, list(mutant.tests))
    finally:
        path.write_text(sound, encoding="utf-8")


def _run_tests(copy: Path, tests: list[str]) -> tuple[int, str]:
    """Return pytest's status and what it printed. A test that hangs has noticed the mutant."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.mutants.one_major"]
    command += ["-p", "no:cacheprovider", "-p", "no:randomly", *tests]
    # The copy comes before the tree that is installed; its compiled files would hide a change that
    # leaves size and second of a source as they were.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    environment["MIRAGE_TEST_STRICT"] = "1"  # A test that is skipped notices nothing.
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=_TIMEOUT_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        return pytest.ExitCode.TESTS_FAILED, str(error)
    return done.returncode, done.stdout


def _copy_tree(copy: Path) -> None:
    """Copy the files that git tracks, and those that it would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (source := _ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
