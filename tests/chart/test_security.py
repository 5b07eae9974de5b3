"""Restricted Pod Security for every pod, Jobs and tests included."""

from tests.chart.render import Release, containers, render


def test_every_pod_is_restricted(any_release: Release) -> None:
    pods = list(any_release.workloads())
    assert pods
    for name, pod in pods:
        context = pod["spec"]["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] > 10000, name  # Above those of nodes.
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers(pod):
            restricted = {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            }
            # A values file may forbid more.
            assert container["securityContext"] in (restricted, {**restricted, "privileged": False})


def test_no_pod_gets_a_token_or_service_links(any_release: Release) -> None:
    for name, pod in any_release.workloads():
        if not name.startswith("Job/mirage-keys-"):  # It makes a Secret.
            assert pod["spec"]["automountServiceAccountToken"] is False, name
        assert pod["spec"]["enableServiceLinks"] is False, name


def test_every_container_has_requests_and_limits(any_release: Release) -> None:
    for name, pod in any_release.workloads():
        for container in containers(pod):
            resources = container["resources"]
            assert {"cpu", "memory"} <= set(resources["requests"]), name
            assert "memory" in resources["limits"], name


def test_no_volume_is_of_the_host(any_release: Release) -> None:
    for name, pod in any_release.workloads():
        for volume in pod["spec"].get("volumes", []):
            assert set(volume) - {"name"} <= {
                "configMap",
                "emptyDir",
                "persistentVolumeClaim",
                "secret",
            }, name


def test_accounts_give_no_token_by_themselves(any_release: Release) -> None:
    accounts = [one for one in any_release.objects if one["kind"] == "ServiceAccount"]
    assert {one["automountServiceAccountToken"] for one in accounts} <= {False}


def test_all_pods_of_the_program_have_its_user() -> None:
    sets = ("auth.generate=job", "backup.enabled=true", "ollama.pullModel=true")
    contexts = {
        name: pod["spec"]["securityContext"]
        for name, pod in render(*sets).workloads()
        if name not in ("Deployment/mirage-postgresql", "Deployment/mirage-ollama")
    }
    assert len(contexts) == 7
    for name, context in contexts.items():
        assert context == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "fsGroup": 10001,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        }, name
