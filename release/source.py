"""What git knows about the commit to release."""

import io
import re
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from release.errors import Refused
from release.shell import ROOT, CommandFailed, run

REPOSITORY = "https://github.com/mirage-rag/mirage"
"""Address of the source, as Chart.yaml names it."""
CHART = "charts/mirage"
"""Folder of the chart in the repository."""

_TAG = re.compile(r"v\d")


@dataclass(frozen=True, slots=True)
class Source:
    """A commit (40 hexadecimal digits), its time (seconds since 1970) and the version in it."""

    commit: str
    epoch: int
    version: str


def commit_of(revision: str) -> str:
    """Return the commit of a revision, such as HEAD or a tag; refuse an unknown one."""
    try:
        return run("git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    except CommandFailed:
        raise Refused(f"git knows no {revision}: fetch it, or give another commit") from None


def at(revision: str) -> Source:
    """Return the commit of a revision, and the version in it.

    The version is that of the chart, which the program's, appVersion and a tag `v…` have to equal.
    """
    commit = commit_of(revision)
    epoch = int(run("git", "show", "-s", "--format=%ct", commit))
    described = yaml.safe_load(run("git", "show", f"{commit}:{CHART}/Chart.yaml"))
    version: str = described["version"]
    if _TAG.match(revision) and revision != f"v{version}":
        raise Refused(f"the tag {revision} is on version {version}: tag the commit as v{version}")
    program = f'__version__ = "{version}"\n'
    if described["appVersion"] != version:
        raise Refused(
            f"the chart's version is {version} and its appVersion {described['appVersion']}: "
            f"make them equal in {CHART}/Chart.yaml"
        )
    if program not in run("git", "show", f"{commit}:mirage/__init__.py"):
        raise Refused(f"the chart's version is {version}: set it in mirage/__init__.py, too")
    return Source(commit, epoch, version)


def export(source: Source, folder: Path) -> None:
    """Write the files of the commit to a folder, with the time of the commit."""
    packed = subprocess.run(
        ["git", "archive", "--format=tar", source.commit],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
