"""A real `mirage up` with a real model, and shelves in it that are ready to be searched.

MIRAGE_TEST_OLLAMA_URL names an Ollama with `all-minilm`; without it, the same model runs inside the
program, which downloads it.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from tests.embedded.test_up import free_port

OLLAMA = os.environ.get("MIRAGE_TEST_OLLAMA_URL", "")
_START_SECONDS = 240.0
_READY_SECONDS = 240.0


class Site:
    """The program in a folder of its own; `api` carries its key."""

    def __init__(self, prefix: str = "") -> None:
        # Not under pytest's folder, which is closed to the user that PostgreSQL runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="mirage-page-"))
        self.folder.chmod(0o755)
        self.port = free_port()
        self.prefix = prefix
        self.origin = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "log"
        kept = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        model = {"MIRAGE_OLLAMA_URL": OLLAMA, "MIRAGE_OLLAMA_MODEL": "all-minilm"}
        # all-minilm takes 256 tokens, two of them its own.
        chosen = (model if OLLAMA else {}) | {
            "MIRAGE_CHUNK_SIZE": "254",
            "MIRAGE_CHUNK_OVERLAP": "64",
            "MIRAGE_API_ROOT_PATH": prefix,
            "XDG_CONFIG_HOME": str(self.folder / "config"),
        }
        self._environment = kept | chosen
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def key(self) -> str:
        """The key that `mirage up` made."""
        return (self.folder / "data" / "key").read_text().strip()

    @property
    def api(self) -> httpx.Client:
        """A client of the API."""
        return httpx.Client(
            base_url=f"{self.origin}{self.prefix}/api/v1",
            headers={"X-API-Key": self.key},
            timeout=120,
        )

    def start(self) -> None:
        """Start, and wait until it serves."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "mirage", "up"),
                    *("--data", str(self.folder / "data"), "--port", str(self.port)),
                ],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._serves():
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def resident_bytes(self) -> int:
        """The memory that the process of API and indexer has."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def end(self) -> None:
        """End it, and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=120)
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, project: str, name: str, content: bytes) -> None:
        """Upload a document; the project is created with its first one."""
        with self.api as api:
            api.post("/projects", json={"name": project})
            files = {"file": (name, content)}
            answer = api.post(f"/projects/{project}/documents", files=files)
            assert answer.status_code in (200, 201, 202), answer.text

    def documents(self, project: str) -> dict[str, dict[str, Any]]:
        """The documents of a project by name, once no one is being worked on."""
        deadline = time.monotonic() + _READY_SECONDS
        with self.api as api:
            while True:
                answer = api.get(f"/projects/{project}/documents", params={"limit": 100})
                listed = {item["name"]: item for item in answer.json()["documents"]}
                states = {item["status"] for item in listed.values()}
                if states <= {"ready", "failed"}:
                    return listed
                assert time.monotonic() < deadline, listed
                time.sleep(0.3)

    def text(self, document: str) -> str:
        """The first 64 Ki characters of a document's text."""
        with self.api as api:
            project = api.get(f"/documents/{document}").json()["project_id"]
            answer = api.get(f"/projects/{project}/documents/{document}/text").json()
        text: str = answer["text"]
        return text

    def passages(self, project: str, document: str) -> list[dict[str, Any]]:
        """All passages of a document, at most 100."""
        query = {
            "query": "what it says",
            "mode": "dense",
            "limit": 100,
            "filters": {"documents": [document]},
        }
        with self.api as api:
            answer = api.post(f"/projects/{project}/search", json=query)
        assert answer.status_code == 200, answer.text
        passages: list[dict[str, Any]] = answer.json()["passages"]
        return passages

    def _serves(self) -> bool:
        try:
            return httpx.get(f"{self.origin}{self.prefix}/health/ready").status_code == 200
        except httpx.TransportError:
            return False


def _is_setting(name: str) -> bool:
    return name.startswith("MIRAGE_") and not name.startswith("MIRAGE_TEST_")
