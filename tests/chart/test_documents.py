"""The volume that API and indexer share."""

from pathlib import Path

import pytest

from tests.chart.render import ROOT, SECRETS, Object, Release, containers, render

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


def test_bucket_needs_neither_claim_nor_node() -> None:
    release = render(files=(VALUES / "s3.yaml",))
    assert "PersistentVolumeClaim/mirage-documents" not in release.inventory()
    for name, pod in release.workloads():
        assert LABEL not in pod["metadata"]["labels"]
        assert "podAffinity" not in pod["spec"].get("affinity", {})
        assert "documents" not in [volume["name"] for volume in pod["spec"].get("volumes", [])], (
            name
        )
    for component in ("api", "indexer"):
        (preferred,) = _pod(release, component)["spec"]["affinity"]["podAntiAffinity"][
            "preferredDuringSchedulingIgnoredDuringExecution"
        ]
        assert preferred["podAffinityTerm"]["topologyKey"] == "kubernetes.io/hostname"


def test_example_of_a_bucket_is_accepted() -> None:
    release = render(*SECRETS, files=(ROOT / "docs" / "examples" / "s3-values.yaml",))
    data = release.get("ConfigMap", "mirage-config")["data"]
    assert (data["MIRAGE_DOCUMENTS_STORAGE"], data["MIRAGE_S3_BUCKET"]) == (
        "s3",
        "mirage-originals",
    )


@pytest.mark.parametrize(
    ("file", "secret", "keys"),
    [
        ("s3.yaml", "bucket", ("access", "secret")),
        ("s3-aws.yaml", "mirage-secret", ("s3-access-key", "s3-secret-key")),
    ],
)
def test_keys_for_the_bucket_are_handed_over_by_reference(
    file: str, secret: str, keys: tuple[str, str]
) -> None:
    release = render(files=(VALUES / file,))
    holders = []
    for _, pod in release.workloads():
        for container in containers(pod):
            found = {
                variable["name"]: variable["valueFrom"]["secretKeyRef"]
                for variable in container.get("env", [])
                if variable["name"].startswith("MIRAGE_S3_")
            }
            if found:
                assert found == {
                    "MIRAGE_S3_ACCESS_KEY": {"name": secret, "key": keys[0]},
                    "MIRAGE_S3_SECRET_KEY": {"name": secret, "key": keys[1]},
                }
                holders.append(container["name"])
    assert holders == ["api", "indexer", *(["create"] if file == "s3.yaml" else [])]
    others = [one for one in release.objects if one["kind"] != "Secret"]
    assert "the-secret-key" not in str(others)
    assert "the-access-key" not in str(others)


def test_new_key_for_the_bucket_restarts_the_pods() -> None:
    before = render(files=(VALUES / "s3-aws.yaml",))
    after = render("auth.s3SecretKey=another", files=(VALUES / "s3-aws.yaml",))
    for component in ("api", "indexer"):
        assert _pod(before, component) != _pod(after, component)


@pytest.mark.parametrize(("file", "port"), [("s3.yaml", 9000), ("s3-aws.yaml", 443)])
def test_policies_let_the_program_reach_the_bucket(file: str, port: int) -> None:
    release = render(files=(VALUES / file,))
    for component in ("api", "indexer", *(["backup"] if file == "s3.yaml" else [])):
        egress = release.get("NetworkPolicy", f"mirage-{component}")["spec"]["egress"]
        (rule,) = [one for one in egress if one["ports"] == [{"port": port, "protocol": "TCP"}]]
        peers = rule.get("to")
        assert (peers is not None) is (file == "s3.yaml")


@pytest.mark.parametrize("component", ["api", "indexer"])
def test_several_pods_may_share_a_volume_of_one_node(component: str) -> None:
    spec = render(*SECRETS, f"{component}.replicas=2").get("Deployment", f"mirage-{component}")[
        "spec"
    ]
    assert spec["replicas"] == 2
    (term,) = spec["template"]["spec"]["affinity"]["podAffinity"][REQUIRED]
    assert term["topologyKey"] == "kubernetes.io/hostname"
