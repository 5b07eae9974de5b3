"""A volume that PostgreSQL made as another user."""

import pytest

from tests.cluster.release import Release
from tests.cluster.shell import ROOT, run, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

_BEFORE = [
    part
    for key in ("runAsUser", "runAsGroup", "fsGroup")
    for part in ("--set", f"postgresql.podSecurityContext.{key}=999")
]


def test_data_of_another_user_is_left_alone_and_can_be_handed_over(
    release: Release,
) -> None:
    only_postgresql = ("--set", "api.replicas=0", "--set", "indexer.replicas=0")
    ollama = ("--set", "ollama.replicas=0", "--set", "ollama.pullModel=false")
    release.install(*only_postgresql, *ollama, *_BEFORE)
    release.wait_for_rollout("postgresql")
    _psql(release, "CREATE TABLE kept AS SELECT 42 AS answer")
    now = [part.replace("=999", "=10002") for part in _BEFORE]
    release.upgrade(*now)
    until(lambda: "the data belongs to user 999" in _says(release), "the sentence")
    run("kubectl", "scale", "-n", release.namespace, "deploy/mirage-postgresql", "--replicas=0")
    run("kubectl", "label", "namespace", release.namespace, "--overwrite",
        "pod-security.kubernetes.io/enforce=privileged")  # fmt: skip
    example = (ROOT / "docs/examples/change-owner.yaml").read_text()
    # The image of PostgreSQL is there, and has chown.
    image = run("kubectl", "get", "-n", release.namespace, "deploy/mirage-postgresql", "-o",
                "jsonpath={.spec.template.spec.containers[0].image}").strip()  # fmt: skip
    run("kubectl", "apply", "-n", release.namespace, "-f", "-",
        stdin=example.replace("busybox:1.37", image))  # fmt: skip
    run("kubectl", "wait", "-n", release.namespace, "--for=condition=complete", "--timeout=120s",
        "job/change-owner")  # fmt: skip
    release.upgrade()
    release.wait_for_rollout("postgresql")
    assert "42" in _psql(release, "SELECT answer FROM kept")


def _says(release: Release) -> str:
    """Why containers of PostgreSQL ended."""
    return "".join(
        status.get("state", {}).get("terminated", {}).get("message", "")
        + status.get("lastState", {}).get("terminated", {}).get("message", "")
        for pod in release.pods_of("postgresql")
        for status in pod["status"].get("initContainerStatuses", [])
    )


def _psql(release: Release, statement: str) -> str:
    return run("kubectl", "exec", "-n", release.namespace, "deploy/mirage-postgresql", "--",
               "psql", "-U", "mirage", "-c", statement)  # fmt: skip
