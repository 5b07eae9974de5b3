"""A release that `kubectl apply` makes of a render, as GitOps controllers do."""

import json
from typing import Any

import pytest

from tests.cluster.release import COMPONENTS, Release
from tests.cluster.shell import run

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1500)]


def test_second_apply_changes_nothing_and_each_pod_may_restart(release: Release) -> None:
    registry = release.model.partition("/")[0].partition(":")[2] or "443"
    manifest = release.render(
        "--set", "auth.generate=job",
        "--set", "networkPolicy.enabled=true",
        "--set", f"networkPolicy.registryPorts={{{registry}}}",
    )  # fmt: skip
    _apply(release, manifest)
    release.wait()
    before = _secret(release)
    assert set(before) == {"api-key", "postgresql-password", "database-url"}
    there = _objects(release)
    _apply(release, manifest)
    assert _objects(release) == there
    for component in COMPONENTS:
        release.delete_pod(component)
    release.wait()
    assert _secret(release) == before
    run("kubectl", "exec", "-n", release.namespace, "deploy/mirage-api", "--",
        "mirage", "test")  # fmt: skip


def _apply(release: Release, manifest: str) -> str:
    return run("kubectl", "apply", "-n", release.namespace, "-f", "-", stdin=manifest)


def _objects(release: Release) -> dict[str, Any]:
    """What each object and pod is to be, without its state."""
    kinds = "deploy,job,pod,svc,cm,secret,pvc,sa,role,rolebinding,networkpolicy"
    output = run("kubectl", "get", kinds, "-n", release.namespace, "-o", "json")
    return {
        f"{one['kind']}/{one['metadata']['name']}": {
            key: one.get(key) for key in ("spec", "data", "rules", "subjects")
        }
        for one in json.loads(output)["items"]
    }


def _secret(release: Release) -> dict[str, str]:
    output = run("kubectl", "get", "secret", "-n", release.namespace, "mirage-secret", "-o", "json")
    data: dict[str, str] = json.loads(output)["data"]
    return data
