"""The volume that API and indexer share."""

from pathlib import Path

import pytest

from tests.chart.render import SECRETS, Object, Release, render

VALUES = Path(__file__).parent / "values"
LABEL = "mirage-rag.github.io/documents"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"


def _pod(release: Release, component: str) -> Object:
    pod: Object = release.get("Deployment", f"mirage-{component}")["spec"]["template"]
    return pod


@pytest.mark.parametrize("component", ["api", "indexer"])
def test_each_pod_satisfies_its_own_affinity(component: str) -> None:
    pod = _pod(render(*SECRETS), component)
    (term,) = pod["spec"]["affinity"]["podAffinity"][REQUIRED]
    assert term == {
        "labelSelector": {"matchLabels": {LABEL: "mirage-documents"}},
        "topologyKey": "kubernetes.io/hostname",
    }
    assert pod["metadata"]["labels"][LABEL] == "mirage-documents"


def test_other_pods_do_not_carry_the_label() -> None:
    carriers = [
        name for name, pod in render(*SECRETS).workloads() if LABEL in pod["metadata"]["labels"]
    ]
    assert carriers == ["Deployment/mirage-api", "Deployment/mirage-indexer"]


def test_given_affinity_is_kept_beside_ours() -> None:
    term = {"labelSelector": {}, "topologyKey": "zone"}
    given = f"api.affinity.podAffinity.{REQUIRED}[0]"
    release = render(
        *SECRETS, f"{given}.topologyKey=zone", f"{given}.labelSelector.matchLabels.a=b"
    )
    terms = _pod(release, "api")["spec"]["affinity"]["podAffinity"][REQUIRED]
    term["labelSelector"] = {"matchLabels": {"a": "b"}}
    assert terms[0] == term
    assert terms[1]["labelSelector"] == {"matchLabels": {LABEL: "mirage-documents"}}


def test_volume_of_many_nodes_frees_the_pods() -> None:
    release = render(files=(VALUES / "everything.yaml",))
    for component in ("api", "indexer"):
        deployment = release.get("Deployment", f"mirage-rag-{component}")
        pod = deployment["spec"]["template"]
        assert LABEL not in pod["metadata"]["labels"]
        assert "podAffinity" not in pod["spec"].get("affinity", {})


def test_both_mount_it_where_the_program_looks() -> None:
    release = render(*SECRETS, "config.documents.path=/originals")
    assert (
        release.get("ConfigMap", "mirage-config")["data"]["MIRAGE_DOCUMENTS_PATH"] == "/originals"
    )
    for component in ("api", "indexer"):
        mounts = _pod(release, component)["spec"]["containers"][0]["volumeMounts"]
        assert {"name": "documents", "mountPath": "/originals"} in mounts


@pytest.mark.parametrize("component", ["api", "indexer"])
def test_several_pods_may_share_a_volume_of_one_node(component: str) -> None:
    spec = render(*SECRETS, f"{component}.replicas=2").get("Deployment", f"mirage-{component}")[
        "spec"
    ]
    assert spec["replicas"] == 2
    (term,) = spec["template"]["spec"]["affinity"]["podAffinity"][REQUIRED]
    assert term["topologyKey"] == "kubernetes.io/hostname"
