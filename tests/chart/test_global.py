"""Values of a parent chart, and what is on every object."""

from pathlib import Path

import pytest

from tests.chart.render import SECRETS, containers, render

VALUES = Path(__file__).parent / "values"


def test_registry_is_that_of_all_images() -> None:
    release = render(*SECRETS, "global.imageRegistry=mirror.example.org", "ollama.pullModel=true")
    images = [one["image"] for _, pod in release.workloads() for one in containers(pod)]
    assert len(images) == 9
    assert [image for image in images if not image.startswith("mirror.example.org/")] == []


def test_pull_secrets_are_those_of_all_pods() -> None:
    sets = ("global.imagePullSecrets={a,b}", "imagePullSecrets[0].name=b", "ollama.pullModel=true")
    for name, pod in render(*SECRETS, *sets).workloads():
        assert pod["spec"]["imagePullSecrets"] == [{"name": "b"}, {"name": "a"}], name


def test_storage_class_is_that_of_all_claims() -> None:
    release = render(*SECRETS, "global.storageClass=fast")
    classes = [
        one["spec"]["storageClassName"]
        for one in release.objects
        if one["kind"] == "PersistentVolumeClaim"
    ]
    assert classes == ["fast"] * 3


@pytest.mark.parametrize(
    ("given", "rendered"), [("gp3", "gp3"), ("-", ""), ("", None), (None, None)]
)
def test_storage_class_may_be_none_or_the_default(given: str | None, rendered: str | None) -> None:
    release = render(*SECRETS, values={"documents.persistence.storageClass": given})
    spec = release.get("PersistentVolumeClaim", "mirage-documents")["spec"]
    assert spec.get("storageClassName") == rendered


def test_labels_and_annotations_are_on_every_object_and_pod() -> None:
    release = render(files=(VALUES / "everything.yaml",))
    for one in release.objects:
        if not one["metadata"]["name"].endswith("-extra"):
            assert one["metadata"]["labels"]["example.org/cost-centre"] == "7"
            assert one["metadata"]["annotations"]["example.org/owner"] == "search"
    for name, pod in release.workloads():
        assert pod["metadata"]["labels"]["example.org/cost-centre"] == "7", name


def test_claim_is_the_users() -> None:
    claim = render(files=(VALUES / "everything.yaml",)).get(
        "PersistentVolumeClaim", "mirage-rag-documents"
    )
    assert claim["spec"]["volumeName"] == "originals"
    assert claim["spec"]["selector"] == {"matchLabels": {"volume": "originals"}}
    assert claim["metadata"]["labels"]["example.org/backup"] == "daily"
    assert claim["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep"


@pytest.mark.parametrize(
    ("sets", "name"),
    [
        ((), "mirage"),
        (("serviceAccount.name=rag",), "rag"),
        (("serviceAccount.create=false", "serviceAccount.name=ours"), "ours"),
        (("serviceAccount.create=false",), None),
    ],
)
def test_pods_use_the_service_account(sets: tuple[str, ...], name: str | None) -> None:
    release = render(*SECRETS, *sets)
    for _, pod in release.workloads():
        assert pod["spec"].get("serviceAccountName") == name
        assert pod["spec"]["automountServiceAccountToken"] is False
