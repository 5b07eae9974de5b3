"""Probes and volumes of the pods, as they are with the chart's own values."""

from typing import Any

from tests.chart.render import SECRETS, containers, render

_LIVE = {"path": "/health/live"}
_READY = {"path": "/health/ready"}
_OLLAMA = {"path": "/api/version", "port": "http"}
_ISREADY = {"command": ["pg_isready", "-U", "mirage", "-h", "127.0.0.1"]}
_TMP = {"name": "tmp", "emptyDir": {}}
_TMP_MOUNT = {"name": "tmp", "mountPath": "/tmp"}
_DOCUMENTS_MOUNT = {"name": "documents", "mountPath": "/data/documents"}
_POSTGRESQL_MOUNTS = [
    {"name": "data", "mountPath": "/data"},
    {"name": "run", "mountPath": "/var/run/postgresql"},
    _TMP_MOUNT,
    {"name": "shm", "mountPath": "/dev/shm"},
]


def _claim(name: str, claim: str) -> dict[str, Any]:
    return {"name": name, "persistentVolumeClaim": {"claimName": claim}}


def _program(port: str) -> dict[str, Any]:
    """Half a minute of silence ends it, and 15 s take its traffic."""
    return {
        "livenessProbe": {"httpGet": {**_LIVE, "port": port}, "timeoutSeconds": 5},
        "readinessProbe": {
            "httpGet": {**_READY, "port": port},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
        },
    }


def _start(begun_after: int, failures: int, **probe: Any) -> dict[str, Any]:
    """A probe at the start waits for its answer, so that a slow start is no failed probe."""
    return {
        **probe,
        **({"initialDelaySeconds": begun_after} if begun_after else {}),
        "periodSeconds": 2,
        "timeoutSeconds": 60,
        "failureThreshold": failures,
    }


def test_probes_and_their_patience() -> None:
    found = {
        f"{name}/{container['name']}": {
            key: probe for key, probe in container.items() if key.endswith("Probe")
        }
        for name, pod in render(*SECRETS).workloads()
        for container in containers(pod)
    }
    assert {name: probes for name, probes in found.items() if probes} == {
        "Deployment/mirage-api/api": {
            "startupProbe": _start(
                3, 60, httpGet={"path": "/health/ready?wait=50", "port": "http"}
            ),
            **_program("http"),
        },
        "Deployment/mirage-indexer/indexer": {
            "startupProbe": _start(3, 5, httpGet={**_LIVE, "port": "metrics"}),
            **_program("metrics"),
        },
        "Deployment/mirage-ollama/ollama": {
            "startupProbe": _start(2, 5, httpGet=_OLLAMA),
            "livenessProbe": {"httpGet": _OLLAMA, "timeoutSeconds": 10, "failureThreshold": 6},
            "readinessProbe": {"httpGet": _OLLAMA, "periodSeconds": 5, "timeoutSeconds": 5},
        },
        "Deployment/mirage-postgresql/postgresql": {
            "startupProbe": _start(
                0,
                10,
                exec={
                    "command": [
                        "sh",
                        "-c",
                        "until pg_isready -q -U mirage -h 127.0.0.1; do sleep 0.2; done",
                    ]
                },
            ),
            "livenessProbe": {"exec": _ISREADY, "timeoutSeconds": 5, "failureThreshold": 6},
            "readinessProbe": {"exec": _ISREADY, "periodSeconds": 5, "timeoutSeconds": 5},
        },
    }


def test_volumes_of_the_pods() -> None:
    volumes = {
        name: pod["spec"]["volumes"]
        for name, pod in render(*SECRETS).workloads()
        if name.startswith("Deployment/")
    }
    assert volumes == {
        "Deployment/mirage-api": [_claim("documents", "mirage-documents"), _TMP],
        "Deployment/mirage-indexer": [_claim("documents", "mirage-documents"), _TMP],
        "Deployment/mirage-ollama": [_claim("data", "mirage-ollama"), _TMP],
        "Deployment/mirage-postgresql": [
            _claim("data", "mirage-postgresql"),
            {"name": "run", "emptyDir": {}},
            _TMP,
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}},
        ],
    }


def test_mounts_of_the_containers() -> None:
    mounts = {
        f"{name}/{container['name']}": container["volumeMounts"]
        for name, pod in render(*SECRETS).workloads()
        if name.startswith("Deployment/")
        for container in containers(pod)
    }
    assert mounts == {
        "Deployment/mirage-api/api": [_DOCUMENTS_MOUNT, _TMP_MOUNT],
        "Deployment/mirage-indexer/migrate": [_DOCUMENTS_MOUNT, _TMP_MOUNT],
        "Deployment/mirage-indexer/indexer": [_DOCUMENTS_MOUNT, _TMP_MOUNT],
        "Deployment/mirage-ollama/ollama": [{"name": "data", "mountPath": "/data"}, _TMP_MOUNT],
        "Deployment/mirage-postgresql/password": _POSTGRESQL_MOUNTS,
        "Deployment/mirage-postgresql/postgresql": _POSTGRESQL_MOUNTS,
    }
