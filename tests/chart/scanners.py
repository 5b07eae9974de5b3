"""Runs scanners over the renders of all values files: as a program, checkov.

checkov needs half a minute and many packages, so it is not among the tests, which run kube-score.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from tests.chart.render import SECRETS, VALUES_FILES, render

EXCEPTIONS: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("exceptions.yaml").read_text()
)
# The graph of checkov needs no network, its policies would.
_CHECKOV = ("checkov", "--framework", "kubernetes", "--quiet", "--compact", "-o", "json", "-d")
_WARNING = 5
"""Grade of kube-score for a warning; lower is worse."""

Finding = tuple[str, str]
"""A check, and the file and object that it is about."""


def write_renders(folder: Path) -> list[Path]:
    """Write the objects of each values file, and of the defaults, to a file of the folder."""
    for file in (None, *VALUES_FILES):
        release = render(*(() if file else SECRETS), files=(file,) if file else ())
        target = folder / f"{file.stem if file else 'defaults'}.yaml"
        target.write_text(yaml.dump_all(release.objects, Dumper=yaml.CSafeDumper))
    return sorted(folder.glob("*.yaml"))


def kube_score(files: list[Path]) -> Iterator[Finding]:
    """Yield what kube-score finds, warnings included."""
    for file in files:  # Each for itself, because they describe the same release.
        command = ["kube-score", "score", "--output-format", "json", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        for one in json.loads(done.stdout):
            for check in one["checks"]:
                if not check["skipped"] and check["grade"] <= _WARNING:
                    yield check["check"]["id"], f"{one['file_name']}: {one['object_name']}"


def checkov(folder: Path) -> Iterator[Finding]:
    """Yield what checkov finds."""
    # It imports another package that is called `schema`.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*_CHECKOV, str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    for check in json.loads(done.stdout)["results"]["failed_checks"]:
        yield check["check_id"], f"{check['file_path']}: {check['resource']}"


def unexplained(scanner: str, findings: list[Finding]) -> list[str]:
    """Return findings without an exception, and exceptions without a finding."""
    known, found = set(EXCEPTIONS[scanner]), {check for check, _ in findings}
    return [
        *(f"{check} {where}" for check, where in findings if check not in known),
        *(f"{check} is excepted, but nothing needs it" for check in sorted(known - found)),
    ]


def main() -> int:
    """Run checkov. Return 1 for an unexplained finding."""
    if shutil.which("checkov") is None:
        sys.stderr.write("checkov is not on PATH: run `make scan`\n")
        return 1
    with TemporaryDirectory() as folder:
        write_renders(Path(folder))
        findings = list(checkov(Path(folder)))
    lines = unexplained("checkov", findings)
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.write(f"checkov: {len(findings)} findings, {len(lines)} unexplained\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
