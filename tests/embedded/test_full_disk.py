"""`mirage up` on a disk that is full: documents can still be deleted."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from mirage.disk import free_bytes
from mirage.reserve import RESERVE_BYTES, Reserve
from tests.embedded.test_up import Up

pytestmark = pytest.mark.xdist_group("up")  # Ports are chosen before they are taken.

_DISK = "900m"
_TIMEOUT = 240.0


@pytest.fixture
def disk() -> Iterator[Path]:
    """A small disk of the test's own."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    folder = Path(tempfile.mkdtemp(prefix="mirage-test-disk-", dir="/run"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=755", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    folder.rmdir()


def _fill(folder: Path) -> Path:
    """Take all the space that is left."""
    path = folder / "filler"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(2**20))
        except OSError:
            pass
    assert free_bytes(folder) == 0
    return path


def test_full_disk_is_named_and_documents_can_be_deleted(disk: Path, tmp_path: Path) -> None:
    up = Up(disk)
    up.config = tmp_path / "config"
    up.environment["XDG_CONFIG_HOME"] = str(up.config)
    up.start()
    lamp = tmp_path / "lamp.md"
    lamp.write_text("# Lamp\n\nThe keeper climbed the tower at dusk and lit the lamp.\n")
    up.mirage("documents", "add", "-p", "shelf", str(lamp))
    filler = _fill(disk)
    try:
        said = _ask(up, "POST", files={"file": ("a.txt", b"more words")}).json()
        assert said["type"].endswith("storage-full")
        assert f"{up.data}/documents has 0 bytes free" in said["detail"]
        up.end(signal.SIGKILL)
        up.start()
        assert not (up.data / "reserve").exists()
        document = _ask(up, "GET").json()["documents"][0]
        assert _ask(up, "DELETE", f"/{document['id']}").status_code == 204
        assert _ask(up, "POST", files={"file": ("a.txt", b"more words")}).status_code == 503
        filler.unlink()
        up.end(signal.SIGINT)
        up.start()
        assert (up.data / "reserve").stat().st_size == RESERVE_BYTES
    finally:
        if up.process is not None and up.process.poll() is None:
            up.end(signal.SIGINT)


def test_reserve_is_made_only_where_there_is_space_and_given_up_once(disk: Path) -> None:
    reserve = Reserve(disk / "reserve")
    assert not reserve.is_needed
    reserve.make()
    assert reserve.release()
    assert not reserve.release()
    filler = _fill(disk)
    assert reserve.is_needed
    reserve.make()
    assert not (disk / "reserve").exists()
    filler.unlink()


def _ask(up: Up, method: str, path: str = "", **options: Any) -> httpx.Response:
    """A request about the documents of the shelf."""
    left = up.connection()
    return httpx.request(
        method,
        f"{left['url']}/api/v1/projects/shelf/documents{path}",
        headers={"X-API-Key": left["key"]},
        timeout=_TIMEOUT,
        trust_env=False,
        **options,
    )
