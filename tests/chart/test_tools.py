"""What Helm's and Kubernetes' own checkers say of the chart."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.chart import kubernetes_schemas
from tests.chart.render import CHART, HELM, SECRETS, VALUES_FILES, render
from tests.chart.scanners import kube_score, unexplained, write_renders

CRDS = Path(__file__).parent / "crds"
MINIMUM = "1.29"
"""The oldest Kubernetes that Chart.yaml allows."""
NEWEST = ""
SCHEMAS = os.environ.get("MIRAGE_TEST_KUBERNETES_SCHEMAS")


def kubeconform(manifest: Path) -> None:
    """Compare all objects of a file with the schemas of Kubernetes; skip the test without them."""
    if shutil.which("kubeconform") is None:
        pytest.skip("kubeconform is not on PATH")
    if SCHEMAS is None:
        pytest.skip(
            "MIRAGE_TEST_KUBERNETES_SCHEMAS, a folder of schemas for kubeconform, is not set"
        )
    (folder,) = Path(SCHEMAS).glob("*-standalone-strict")
    name = "{{.ResourceKind}}{{.KindSuffix}}.json"
    done = subprocess.run(
        [
            "kubeconform",
            "-strict",
            "-skip",
            "HTTPRoute",
            "-schema-location",
            f"{folder}/{name}",
            "-schema-location",
            f"{CRDS}/{name}",
            str(manifest),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_helm_lint_is_clean(every_helm: str) -> None:
    done = subprocess.run(
        [every_helm, "lint", "--strict", str(CHART)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


@pytest.mark.parametrize("file", [None, *VALUES_FILES], ids=lambda file: file.stem if file else "-")
def test_kubernetes_knows_every_field(file: Path | None, tmp_path: Path) -> None:
    release = render(*(() if file else SECRETS), files=(file,) if file else ())
    manifest = tmp_path / "manifest.yaml"
    manifest.write_text(yaml.safe_dump_all(release.objects))
    kubeconform(manifest)


@pytest.mark.parametrize("version", [MINIMUM, NEWEST])
def test_oldest_and_newest_kubernetes_know_every_field(version: str) -> None:
    pytest.importorskip("kubernetes_validate")
    named = version or kubernetes_schemas.versions()[-1]
    rendered = [
        render(*(() if file else SECRETS), files=(file,) if file else ())
        for file in (None, *VALUES_FILES)
    ]
    assert [
        fault for one in rendered for fault in kubernetes_schemas.faults(named, one.objects)
    ] == []


def test_oldest_kubernetes_lacks_what_came_later() -> None:
    """Otherwise the test above would compare with nothing."""
    pytest.importorskip("kubernetes_validate")
    later = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "later"}}
    later["spec"] = {"containers": [{"name": "a", "restartPolicyRules": []}]}
    (fault,) = kubernetes_schemas.faults(MINIMUM, [later])
    assert "restartPolicyRules" in fault
    assert list(kubernetes_schemas.faults(kubernetes_schemas.versions()[-1], [later])) == []


@pytest.mark.skipif(shutil.which("kube-score") is None, reason="kube-score is not on PATH")
def test_kube_score_finds_only_what_we_keep(tmp_path: Path) -> None:
    assert unexplained("kube-score", list(kube_score(write_renders(tmp_path)))) == []


def test_package_holds_no_development_files(tmp_path: Path) -> None:
    subprocess.run([HELM, "package", str(CHART), "-d", str(tmp_path)], check=True, stdout=-3)
    (package,) = tmp_path.glob("mirage-*.tgz")
    shutil.unpack_archive(package, tmp_path)
    names = {path.name for path in (tmp_path / "mirage").iterdir()}
    assert names == {
        "Chart.yaml",
        "README.md",
        "files",
        "templates",
        "values.schema.json",
        "values.yaml",
    }
