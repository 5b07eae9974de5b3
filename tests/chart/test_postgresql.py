"""What is done to a data folder before PostgreSQL starts on it."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.chart.render import SECRETS, render

_POSTGRES = """#!/bin/sh
if [ "$1" = --version ]; then echo "postgres (PostgreSQL) 18.6 (Debian 18.6-1.pgdg13+1)"; exit; fi
cat > "$PGDATA/statements"
"""


def _prepare(folder: Path, version: str | None) -> subprocess.CompletedProcess[str]:
    """Run the init container's script with a PostgreSQL 18 that writes down what it is told."""
    deployment = render(*SECRETS).get("Deployment", "mirage-postgresql")
    (container,) = deployment["spec"]["template"]["spec"]["initContainers"]
    data, programs = folder / "pgdata", folder / "bin"
    data.mkdir()
    programs.mkdir()
    if version:
        (data / "PG_VERSION").write_text(f"{version}\n")
    (programs / "postgres").write_text(_POSTGRES)
    (programs / "postgres").chmod(0o755)
    return subprocess.run(
        container["command"],
        env={
            "PGDATA": str(data),
            "POSTGRES_PASSWORD": "it's",
            "PATH": f"{programs}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_password_is_set_in_existing_data(tmp_path: Path) -> None:
    assert _prepare(tmp_path, "18").returncode == 0
    assert (tmp_path / "pgdata/statements").read_text() == "ALTER ROLE mirage PASSWORD 'it''s';\n"


@pytest.mark.parametrize("version", ["16", "9.6"])
def test_data_of_another_major_is_not_touched(tmp_path: Path, version: str) -> None:
    done = _prepare(tmp_path, version)
    assert done.returncode == 1
    assert done.stderr == (
        f"ERROR: the volume has data of PostgreSQL {version}, which PostgreSQL 18 cannot read; "
        f"nothing was changed. Set postgresql.image.tag to a tag of PostgreSQL {version}; "
        "the chart's README says how to move to 18.\n"
    )
    assert [one.name for one in (tmp_path / "pgdata").iterdir()] == ["PG_VERSION"]


def test_new_folder_is_left_to_the_image(tmp_path: Path) -> None:
    assert _prepare(tmp_path, None).returncode == 0
    assert list((tmp_path / "pgdata").iterdir()) == []
