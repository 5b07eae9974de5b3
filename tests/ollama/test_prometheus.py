"""Each question of the dashboard and of the alerts, asked of a real Prometheus.

It scrapes a real API and a real indexer for half a minute, labelled as the PodMonitor labels them.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from mirage.postgres import Server
from schema.dashboard import PANELS
from tests.chart.render import HELM, render
from tests.ollama.test_ollama import URL

_MISSING = [name for name in ("prometheus", HELM) if shutil.which(name) is None]
pytestmark = [
    pytest.mark.ollama,
    pytest.mark.xdist_group("ollama"),
    pytest.mark.skipif(not URL, reason="MIRAGE_TEST_OLLAMA_URL names no Ollama"),
    pytest.mark.skipif(bool(_MISSING), reason=f"not on PATH: {', '.join(_MISSING)}"),
]

VALUES = Path(__file__).parents[1] / "chart" / "values" / "scaled.yaml"
KEY = "key"
# A comparison drops what it is not true of; with `bool` it answers 0 for what there is.
_COMPARISON = re.compile(r" (==|>) (?=\d)")
_SCRAPES = 25


@dataclass(frozen=True, slots=True)
class Watched:
    """The Prometheus, and the processes that it watches."""

    prometheus: httpx.Client
    api: subprocess.Popen[bytes]

    def ask(self, question: str) -> list[Any]:
        """Return what a question finds."""
        answer = self.prometheus.get("/api/v1/query", params={"query": question}).json()
        assert answer["status"] == "success", answer
        found: list[Any] = answer["data"]["result"]
        return found

    def alerts(self) -> set[str]:
        """Return the names of the alerts whose condition holds."""
        return {one["alert"] for one in _alerts() if self.ask(one["expr"])}

    def scrapes(self, job: str) -> int:
        """Return how often a job was scraped with success."""
        found = self.ask(f'count_over_time((up{{job="{job}"}} == 1)[5m:1s])')
        return int(found[0]["value"][1]) if found else 0


def _alerts() -> list[dict[str, Any]]:
    rule = render(files=(VALUES,)).get("PrometheusRule", "mirage")
    rules: list[dict[str, Any]] = rule["spec"]["groups"][0]["rules"]
    return rules


@pytest.fixture
def watched(postgres: Server, database_name: str, tmp_path: Path) -> Iterator[Watched]:
    """An installation at work, that was watched for half a minute."""
    with ExitStack() as stack:
        ports = [_free_port() for _ in range(5)]
        settings = _settings(postgres, database_name, tmp_path)
        processes = [
            stack.enter_context(
                _running(
                    [sys.executable, "-m", "mirage", role],
                    tmp_path / f"{role}.log",
                    settings | {"MIRAGE_API_PORT": str(port), "MIRAGE_METRICS_PORT": str(metrics)},
                )
            )
            for role, (port, metrics) in {"api": ports[:2], "indexer": ports[2:4]}.items()
        ]
        address = f"127.0.0.1:{ports[4]}"
        configuration = _configuration(tmp_path, {"api": ports[1], "indexer": ports[3]})
        command = [
            "prometheus",
            f"--config.file={configuration}",
            f"--storage.tsdb.path={tmp_path / 'series'}",
            f"--web.listen-address={address}",
        ]
        stack.enter_context(_running(command, tmp_path / "prometheus.log", {}))
        api = stack.enter_context(_client(f"http://127.0.0.1:{ports[0]}", {"X-API-Key": KEY}))
        made = Watched(stack.enter_context(_client(f"http://{address}", {})), processes[0])
        _until(lambda: api.get("/health/ready").is_success, "the API")
        _work(api)
        failed = [sys.executable, "-m", "mirage", "backup", "create", str(configuration)]
        assert subprocess.run(failed, env=os.environ | settings, check=False).returncode != 0
        _until(lambda: made.scrapes("mirage-indexer") >= _SCRAPES, "Prometheus")
        # A scrape counts before its numbers: the failed backup may stand in the next one only.
        _until(lambda: "MirageBackupFailed" in made.alerts(), "the alert of the failed backup")
        yield made


def test_every_question_is_answered(watched: Watched) -> None:
    questions = [question for panel in PANELS for _, question in panel.questions]
    assert len(questions) >= 12
    silent = [
        question
        for question in questions
        if "mirage_backup_finished" not in question  # There is no good backup here.
        and not watched.ask(question.replace("$namespace", "rag").replace("$release", "mirage"))
    ]
    assert silent == []
    alerts = {one["expr"]: one["alert"] for one in _alerts()}
    assert set(alerts.values()) == {
        "MirageDown", "MirageSearchFails", "MirageWaits", "MirageStandsStill", "MirageBackupFailed",
        "MirageBackupOld",
    }  # fmt: skip
    assert watched.alerts() == {"MirageBackupFailed"}
    compared = {
        name: watched.ask(_COMPARISON.sub(r" \1 bool ", question.replace("} > 0)", "})")))
        for question, name in alerts.items()
        # Without a failed request there is no series for it.
        if name not in {"MirageDown", "MirageSearchFails"}
    }
    assert [name for name, found in compared.items() if not found] == []
    loaded = watched.prometheus.get("/api/v1/rules").json()["data"]["groups"][0]["rules"]
    assert [(one["health"], one.get("lastError")) for one in loaded] == [("ok", None)] * len(loaded)
    watched.api.terminate()
    down = [one["expr"] for one in _alerts() if one["alert"] == "MirageDown"]
    _until(lambda: len([one for one in down if watched.ask(one)]) == 1, "the alert of the API")


def _work(api: httpx.Client) -> None:
    """Index a document and search, as users do."""
    api.post("/api/v1/projects", json={"name": "shelf"}).raise_for_status()
    text = "# Lamp\n\n" + "The keeper lit the lamp above the harbour. " * 200
    file = {"file": ("lamp.md", text.encode())}
    made = api.post("/api/v1/projects/shelf/documents", files=file).raise_for_status().json()
    address = f"/api/v1/projects/shelf/documents/{made['id']}"
    _until(lambda: api.get(address).json()["status"] == "ready", "the document")
    for number in range(10):
        query = {"query": f"who lit lamp {number}?"}
        api.post("/api/v1/projects/shelf/search", json=query).raise_for_status()
        time.sleep(1)  # So that scrapes see the numbers grow.
        api.post("/api/v1/projects/shelf/documents", files={"file": (f"{number}.md", f"{number}")})


def _settings(postgres: Server, database: str, folder: Path) -> dict[str, str]:
    return {
        "MIRAGE_DATABASE_HOST": str(postgres.socket_folder),
        "MIRAGE_DATABASE_USER": postgres.user,
        "MIRAGE_DATABASE_NAME": database,
        "MIRAGE_DOCUMENTS_PATH": str(folder / "documents"),
        "MIRAGE_DOCUMENTS_MIN_FREE_BYTES": "0",
        "MIRAGE_OLLAMA_URL": URL,
        "MIRAGE_OLLAMA_MODEL": "all-minilm",
        "MIRAGE_CHUNK_SIZE": "100",
        "MIRAGE_CHUNK_OVERLAP": "10",
        "MIRAGE_API_HOST": "127.0.0.1",
        "MIRAGE_API_KEY": KEY,
    }


def _configuration(folder: Path, ports: dict[str, int]) -> Path:
    rules = folder / "rules.yaml"
    rules.write_text(json.dumps({"groups": [{"name": "mirage", "rules": _alerts()}]}))
    configuration = folder / "prometheus.yaml"
    configuration.write_text(
        yaml.safe_dump(
            {
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                "rule_files": [str(rules)],
                "scrape_configs": [
                    {
                        "job_name": f"mirage-{component}",
                        "static_configs": [
                            {"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "rag"}}
                        ],
                    }
                    for component, port in ports.items()
                ],
            }
        )
    )
    return configuration


@contextmanager
def _running(
    command: list[str], log: Path, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=os.environ | settings, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=60)


@contextmanager
def _client(address: str, headers: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def _until(condition: Any, what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if condition():
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.3)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port
