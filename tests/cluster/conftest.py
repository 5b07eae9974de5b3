"""An image and a chart in a registry, and one release of them on the cluster of KUBECONFIG.

They are built from this tree, or those of a candidate: MIRAGE_TEST_CHART is then the address of
its chart by digest, and MIRAGE_TEST_REPOSITORY the repository of its image. MIRAGE_TEST_FROM_CHART
and MIRAGE_TEST_FROM_REPOSITORY name the release to upgrade from in the same way. `make verify` and
`make rehearse-upgrade` set all of them.

Settings (environment): MIRAGE_TEST_REGISTRY (`localhost:5000`), MIRAGE_TEST_MODEL (`all-minilm`),
MIRAGE_TEST_MODEL_INSECURE (set: that model's registry has no TLS), MIRAGE_TEST_INGRESS
(`127.0.0.1`), MIRAGE_TEST_NAMESPACE (`mirage-e2e`), MIRAGE_TEST_KEEP (set: leave the release
there), MIRAGE_TEST_SET (further settings of the chart, by blanks), MIRAGE_TEST_DATA (folder of
real documents).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_helm_charts.clusters import Cluster

from tests.cluster.release import Release
from tests.cluster.shell import ROOT, run

REGISTRY = os.environ.get("MIRAGE_TEST_REGISTRY", "localhost:5000")
NAMESPACE = os.environ.get("MIRAGE_TEST_NAMESPACE", "mirage-e2e")

CANDIDATE = os.environ.get("MIRAGE_TEST_CHART")
collect_ignore = [] if "MIRAGE_TEST_FROM_CHART" in os.environ else ["test_rehearsal.py"]


@pytest.fixture(scope="session")
def image() -> tuple[str, str]:
    """Repository and tag of the image; without a tag it is the one that the chart names."""
    if CANDIDATE:
        return os.environ["MIRAGE_TEST_REPOSITORY"], ""
    run("docker", "build", "--quiet", "-t", "mirage:latest", ".", timeout=1800)
    identity = run("docker", "inspect", "--format", "{{.Id}}", "mirage:latest").strip()
    # A tag of its own, for a node does not pull a tag anew that it has.
    tag = f"e2e-{identity.removeprefix('sha256:')[:12]}"
    repository = "mirage-rag/mirage"
    run("docker", "tag", "mirage:latest", f"{REGISTRY}/{repository}:{tag}")
    run("docker", "push", "--quiet", f"{REGISTRY}/{repository}:{tag}", timeout=1800)
    return repository, tag


@pytest.fixture(scope="session")
def chart(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Address of the chart in the registry."""
    if CANDIDATE:
        return CANDIDATE
    folder = tmp_path_factory.mktemp("chart")
    run("helm", "package", "charts/mirage", "--destination", str(folder))
    (package,) = folder.glob("*.tgz")
    run("helm", "push", str(package), f"oci://{REGISTRY}/charts", "--plain-http")
    return f"oci://{REGISTRY}/charts/mirage"


@pytest.fixture(scope="module")
def release(kube_cluster: Cluster, image: tuple[str, str], chart: str) -> Iterator[Release]:
    """A release `mirage` in a namespace that enforces restricted pods."""
    assert kube_cluster.kube_client is not None
    made = Release(kube_cluster.kube_client, NAMESPACE, chart, REGISTRY, *image)
    made.create_namespace()
    yield made
    if not os.environ.get("MIRAGE_TEST_KEEP"):
        made.delete_namespace()


@pytest.fixture(scope="module")
def library() -> Path:
    """Real documents."""
    folder = os.environ.get("MIRAGE_TEST_DATA")
    if not folder:
        pytest.skip("MIRAGE_TEST_DATA names no folder with real documents")
    return Path(folder) / "library"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a cluster these tests cannot run, and say so."""
    if not os.environ.get("KUBECONFIG"):
        for item in items:
            if ROOT / "tests" / "cluster" in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="KUBECONFIG names no cluster"))
