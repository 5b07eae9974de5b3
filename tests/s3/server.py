"""A real S3 server over a folder: versitygw, which checks keys, signatures, region and clock."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mirage.config import S3

ACCESS_KEY = "the-access-key"
SECRET_KEY = "the-secret-key"
REGION = "eu-central-1"
_DEADLINE_SECONDS = 30.0


def find_server() -> str | None:
    """Return the program, or None if it is not installed."""
    return shutil.which("versitygw")


@dataclass
class S3Server:
    """Serves the folders in `root` as buckets at `endpoint`."""

    root: Path
    port: int
    scheme: str = "http"

    @property
    def endpoint(self) -> str:
        """The address to give to clients."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def make_bucket(self, name: str) -> Path:
        """A bucket is a folder; return it."""
        folder = self.root / "buckets" / name
        folder.mkdir()
        return folder

    def parts(self, bucket: str) -> list[Path]:
        """Parts of uploads that are neither completed nor aborted."""
        return [
            path
            for path in (self.root / "buckets" / bucket / ".sgwtmp").rglob("*")
            if path.is_file()
        ]

    def settings(self, bucket: str, **changes: object) -> S3:
        """Settings with which everything works, with changes."""
        right = {
            "bucket": bucket,
            "endpoint": self.endpoint,
            "region": REGION,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
        }
        return S3.model_validate(right | changes)


@contextmanager
def serving(
    root: Path, port: int | None = None, *, tls: tuple[Path, Path] | None = None
) -> Iterator[S3Server]:
    """Run a server in the block, with the buckets that an earlier one had in this folder."""
    program = find_server()
    assert program is not None
    server = S3Server(root, port or free_port(), "https" if tls else "http")
    for name in ("buckets", "metadata"):
        (root / name).mkdir(parents=True, exist_ok=True)
    secure = ["--cert", str(tls[0]), "--key", str(tls[1])] if tls else []
    log = (root / "log").open("ab")
    process = subprocess.Popen(
        [
            *(program, "--port", f"127.0.0.1:{server.port}", "--region", REGION, "--quiet"),
            *("--access", ACCESS_KEY, "--secret", SECRET_KEY, *secure),
            *("posix", "--sidecar", str(root / "metadata"), str(root / "buckets")),
        ],
        stdout=log,
        stderr=log,
    )
    try:
        _wait(server.port, process)
        yield server
    finally:
        process.kill()
        process.wait()
        log.close()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while True:
        assert process.poll() is None, "the S3 server ended; see its log"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return
