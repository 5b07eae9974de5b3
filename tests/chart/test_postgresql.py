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


def _prepare(
    folder: Path, version: str | None, place: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the init container's script with a PostgreSQL 18 that writes down what it is told.

    The data is in `place`, by default a new folder.
    """
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
            "PGDATA": str(place or data),
            "POSTGRES_PASSWORD": "it's",
            "PATH": f"{programs}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("sets", "user"), [((), 10002), (("=2000",), 2000)])
def test_user_of_the_pod_has_a_name(sets: tuple[str, ...], user: int) -> None:
    context = "postgresql.podSecurityContext.runAsUser"
    release = render(*SECRETS, *(context + one for one in sets))
    passwd = release.get("ConfigMap", "mirage-postgresql")["data"]["passwd"]
    assert passwd.splitlines()[1] == f"postgres:x:{user}:{user}:PostgreSQL:/data:/bin/sh"
    pod = release.get("Deployment", "mirage-postgresql")["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsUser"] == user
    for container in (*pod["initContainers"], *pod["containers"]):
        mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
        assert mounts["/etc/passwd"]["subPath"] == "passwd"


def test_user_that_the_cluster_chooses_has_none() -> None:
    release = render(*SECRETS, "postgresql.podSecurityContext.runAsUser=null")
    assert "ConfigMap/mirage-postgresql" not in release.inventory()
    assert "/etc/passwd" not in str(release.get("Deployment", "mirage-postgresql"))


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


def test_data_of_another_user_is_not_touched(tmp_path: Path) -> None:
    foreign = Path("/")
    if os.geteuid() == 0:
        foreign = tmp_path / "foreign"
        foreign.mkdir()
        os.chown(foreign, 999, 999)
    done = _prepare(tmp_path, "18", foreign)
    assert done.returncode == 1
    assert done.stderr == (
        f"ERROR: the data belongs to user {foreign.stat().st_uid}, but PostgreSQL runs as user "
        f"{os.geteuid()}; nothing was changed. Set runAsUser, runAsGroup and fsGroup of "
        "postgresql.podSecurityContext to the owner, or change the owner as the chart's README "
        "says.\n"
    )


def test_new_folder_is_left_to_the_image(tmp_path: Path) -> None:
    assert _prepare(tmp_path, None).returncode == 0
    assert list((tmp_path / "pgdata").iterdir()) == []
