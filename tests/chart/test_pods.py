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
    """Two minutes to start; then half a minute of silence ends it, and 15 s take its traffic."""
    return {
        "startupProbe": {
            "httpGet": {**_LIVE, "port": port},
            "periodSeconds": 2,
            "failureThreshold": 60,
        },
        "livenessProbe": {"httpGet": {**_LIVE, "port": port}, "timeoutSeconds": 5},
        "readinessProbe": {
            "httpGet": {**_READY, "port": port},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
        },
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
        "Deployment/mirage-api/api": _program("http"),
        "Deployment/mirage-indexer/indexer": _program("metrics"),
        "Deployment/mirage-ollama/ollama": {
            "startupProbe": {"httpGet": _OLLAMA, "periodSeconds": 2, "failureThreshold": 60},
            "livenessProbe": {"httpGet": _OLLAMA, "timeoutSeconds": 10, "failureThreshold": 6},
            "readinessProbe": {"httpGet": _OLLAMA, "periodSeconds": 5, "timeoutSeconds": 5},
        },
        "Deployment/mirage-postgresql/postgresql": {
            "startupProbe": {
                "exec": _ISREADY,
                "periodSeconds": 2,
                "timeoutSeconds": 5,
                "failureThreshold": 300,
            },
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
