"""Demands a new version where files of a published one have changed."""

from pathlib import Path

from release.errors import Refused
from release.shell import ROOT, run
from release.source import CHART

_PACKAGED = (
    "Dockerfile", "LICENSE", "README.md", "docker", "mirage", "pyproject.toml",
    "requirements/base.txt", "requirements/build.txt", CHART, f":!{CHART}/ci",
)  # fmt: skip
"""What is in image and chart, as paths of git."""


def check(commit: str, version: str, folder: Path = ROOT) -> None:
    """Refuse a commit whose version is published from other files; its tag tells which."""
    tag = f"v{version}"
    if not run("git", "tag", "--list", tag, folder=folder):
        return
    changed = run(
        "git", "diff", "--name-only", tag, commit, "--", *_PACKAGED, folder=folder
    ).splitlines()
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise Refused(
            f"{changed[0]}{more} changed after {version} was released: raise the version in "
            f"{CHART}/Chart.yaml and mirage/__init__.py"
        )
