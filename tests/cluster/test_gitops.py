"""A release that `kubectl apply` makes of a render, as GitOps controllers do."""

import json

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
    lines = _apply(release, manifest).splitlines()
    assert [line for line in lines if not line.endswith(" unchanged")] == []
    for component in COMPONENTS:
        release.delete_pod(component)
    release.wait()
    assert _secret(release) == before
    answer = run("kubectl", "exec", "-n", release.namespace, "deploy/mirage-api", "--",
                 "mirage", "test")  # fmt: skip
    assert "median of 3" in answer


def _apply(release: Release, manifest: str) -> str:
    return run("kubectl", "apply", "-n", release.namespace, "-f", "-", stdin=manifest)


def _secret(release: Release) -> dict[str, str]:
    output = run("kubectl", "get", "secret", "-n", release.namespace, "mirage-secret", "-o", "json")
    data: dict[str, str] = json.loads(output)["data"]
    return data
