"""A version is raised when its files change, and the changelog tells what changed."""

import subprocess
from pathlib import Path

import pytest

from release import changelog, versions
from release.errors import Refused

VALUES = "charts/mirage/values.yaml"
MIGRATIONS = "mirage/db/migrations/versions"
BEFORE = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n## [0.1.0]\n\n- First.\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A repository with version 0.1.0 released."""
    _git(tmp_path, "init", "--quiet", "--initial-branch=main")
    _commit(tmp_path, {"charts/mirage/values.yaml": "api:\n  replicas: 1\n  old: true\n"})
    _commit(tmp_path, {"docs/api.md": "text", f"{MIGRATIONS}/0001_create.py": '"""Create."""\n'})
    _git(tmp_path, "tag", "v0.1.0")
    return tmp_path


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


def _commit(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(folder, "add", "--all")
    _git(folder, "commit", "--quiet", "--message", "change")


@pytest.mark.parametrize("name", ["docs/api.md", "charts/mirage/ci/x-values.yaml", "tests/x.py"])
def test_files_that_are_not_packaged_change_without_a_new_version(tree: Path, name: str) -> None:
    _commit(tree, {name: "changed"})
    versions.check("HEAD", "0.1.0", tree)


@pytest.mark.parametrize(
    "name", [VALUES, "mirage/api/app.py", "Dockerfile", "requirements/base.txt"]
)
def test_packaged_file_that_changed_demands_a_new_version(tree: Path, name: str) -> None:
    _commit(tree, {name: "changed"})
    with pytest.raises(Refused, match=rf"^{name} changed after 0\.1\.0 was released: raise the"):
        versions.check("HEAD", "0.1.0", tree)
    versions.check("HEAD", "0.1.1", tree)


def test_all_changed_files_are_counted(tree: Path) -> None:
    _commit(tree, {"Dockerfile": "x", "mirage/a.py": "x", "mirage/b.py": "x"})
    with pytest.raises(Refused, match=r"^Dockerfile and 2 more changed"):
        versions.check("HEAD", "0.1.0", tree)


def test_changelog_lists_values_and_migrations_once(tree: Path) -> None:
    migration = '"""Add a column.\n\nMore.\n"""\n"INSERT INTO compatibility VALUES (2, 1)"\n'
    _commit(
        tree,
        {
            VALUES: "api:\n  replicas: 2\n  new: null\n",
            f"{MIGRATIONS}/0002_add.py": migration,
            "CHANGELOG.md": BEFORE,
        },
    )
    for _ in range(2):
        changelog.write("v0.1.0", "HEAD", tree)
    assert (tree / "CHANGELOG.md").read_text() == BEFORE.replace(
        "- A thing.\n",
        "- A thing.\n\n### Values and schema\n\n"
        "- New: `api.new` (`null`).\n"
        "- Removed: `api.old`.\n"
        "- New default: `api.replicas` is `2`, was `1`.\n"
        "- Migration 0002: Add a column. Programs from revision 0001 on keep serving.\n",
    )


def test_long_defaults_are_not_shown() -> None:
    lines = changelog.values_changes({"a": 1}, {"a": "x" * 80, "b": ["y" * 80]})
    assert lines == ["- New: `b`.", "- New default: `a` is another, was `1`."]


def test_notes_are_the_section_of_the_version() -> None:
    assert changelog.section(BEFORE, "0.1.0") == "- First.\n"
    with pytest.raises(Refused, match=r"^CHANGELOG\.md has no section \[0\.2\.0\]: write what"):
        changelog.section(BEFORE, "0.2.0")
