"""Probes and volumes of the pods, as they are with the chart's own values."""

from pathlib import Path
from typing import Any

import pytest

from tests.chart.render import SECRETS, Object, containers, render

VALUES = Path(__file__).parent / "values"

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
    {"name": "shm", "mountPath": "/dev/shm"},
    {"name": "user", "mountPath": "/etc/passwd", "subPath": "passwd", "readOnly": True},
    _TMP_MOUNT,
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
            {"name": "user", "configMap": {"name": "mirage-postgresql"}},
            {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": "256Mi"}},
            _TMP,
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


def _everything(component: str) -> Object:
    deployment = render(files=(VALUES / "everything.yaml",)).get(
        "Deployment", f"mirage-rag-{component}"
    )
    pod: Object = deployment["spec"]["template"]
    return pod


@pytest.mark.parametrize(
    ("component", "init", "main"),
    [
        ("api", ["first"], "api"),
        ("indexer", ["first", "migrate"], "indexer"),
        ("postgresql", ["first", "password"], "postgresql"),
        ("ollama", ["first"], "ollama"),
    ],
)
def test_containers_and_volumes_of_the_users_stand_next_to_the_charts(
    component: str, init: list[str], main: str
) -> None:
    spec = _everything(component)["spec"]
    assert [one["name"] for one in spec["initContainers"]] == init
    assert [one["name"] for one in spec["containers"]] == [main, "proxy"]
    scratch = {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}
    assert scratch in spec["volumes"]
    assert {"name": "scratch", "mountPath": "/scratch"} in spec["containers"][0]["volumeMounts"]
    assert {"secretRef": {"name": "more"}} in spec["containers"][0]["envFrom"]
    assert {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}} in spec["volumes"]


@pytest.mark.parametrize("component", ["api", "indexer", "postgresql", "ollama"])
def test_fields_of_the_pod_are_the_users(component: str) -> None:
    spec = _everything(component)["spec"]
    assert spec["serviceAccountName"] == "rag"
    assert spec["dnsPolicy"] == "None"
    assert spec["dnsConfig"] == {"nameservers": ["10.0.0.53"]}
    assert spec["hostAliases"] == [{"ip": "10.0.0.7", "hostnames": ["tei"]}]
    assert spec["priorityClassName"] == "high"
    assert spec["runtimeClassName"] == "gvisor"
    assert spec["terminationGracePeriodSeconds"] == 60
    assert spec["containers"][0]["startupProbe"]["failureThreshold"] == 100
    assert spec["containers"][0]["livenessProbe"]["periodSeconds"] == 20


def test_spread_counts_the_pods_of_the_component() -> None:
    (constraint,) = _everything("api")["spec"]["topologySpreadConstraints"]
    assert constraint["labelSelector"] == {
        "matchLabels": {
            "app.kubernetes.io/name": "api",
            "app.kubernetes.io/instance": "mirage",
        }
    }


def test_commands_go_to_the_container_of_the_component() -> None:
    for name, pod in render(*SECRETS).workloads():
        if name.startswith("Deployment/"):
            annotations = pod["metadata"]["annotations"]
            main = annotations["kubectl.kubernetes.io/default-container"]
            assert main == pod["spec"]["containers"][0]["name"]
