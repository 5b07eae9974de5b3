"""Two of this chart in a parent chart, next to a component of the parent that is called `api`."""

import json
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from tests.chart.render import CHART, HELM, KNOWN, Object, Release

_PARENT = {
    "apiVersion": "v2",
    "name": "parent",
    "version": "1.0.0",
    "dependencies": [
        {"name": "mirage", "version": "0.1.0", "alias": alias} for alias in ("one", "two")
    ],
}
# As `helm create` labels the pods of a component.
_LABELS = {"app.kubernetes.io/name": "api", "app.kubernetes.io/instance": "app"}
_API = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "app-api", "labels": _LABELS},
    "spec": {
        "selector": {"matchLabels": _LABELS},
        "template": {
            "metadata": {"labels": _LABELS},
            "spec": {"containers": [{"name": "api", "image": "nginx:1"}]},
        },
    },
}
_VALUES = {
    "global": {"imageRegistry": "mirror.example.org", "parents": "own"},
    **{
        alias: {
            "auth": {"apiKey": "k"},
            "postgresql": {"auth": {"password": "p"}},
            "ollama": {"pullModel": True},
            "networkPolicy": {"enabled": True},
            "ingress": {"enabled": True, "host": f"{alias}.example.org"},
        }
        for alias in ("one", "two")
    },
}


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release `app` of the parent chart."""
    chart = tmp_path_factory.mktemp("parent")
    (chart / "Chart.yaml").write_text(yaml.safe_dump(_PARENT))
    (chart / "templates").mkdir()
    (chart / "templates" / "api.yaml").write_text(json.dumps(_API))
    shutil.copytree(CHART, chart / "charts" / "mirage")
    done = subprocess.run(
        [HELM, "template", "app", str(chart), "--namespace", "rag", *KNOWN, "--values", "-"],
        input=json.dumps(_VALUES),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return Release(tuple(one for one in yaml.safe_load_all(done.stdout) if one))


def _selectors(one: Object) -> list[dict[str, Any]]:
    """The selectors of an object for pods, those in peers of its policy included."""
    spec = one.get("spec", {})
    match one["kind"]:
        case "Service":
            return [spec["selector"]]
        case "Deployment":
            return [spec["selector"]["matchLabels"]]
        case "NetworkPolicy":
            rules = [*spec.get("ingress", []), *spec.get("egress", [])]
            peers = [peer for rule in rules for peer in rule.get("from", rule.get("to", []))]
            return [
                spec["podSelector"]["matchLabels"],
                *(peer["podSelector"]["matchLabels"] for peer in peers),
            ]
    return []


def test_objects_have_names_of_their_own(parent: Release) -> None:
    names = parent.inventory()
    assert len(names) == len(set(names))
    assert {"Service/app-one-api", "Service/app-two-api", "Deployment/app-api"} <= set(names)


def test_every_selector_matches_only_pods_of_its_own_part(parent: Release) -> None:
    pods = {name: pod["metadata"]["labels"] for name, pod in parent.workloads()}
    assert len(pods) == 15
    checked = 0
    for one in parent.objects:
        owner = one["metadata"]["name"].split("-")[1]
        for selector in _selectors(one):
            matched = [name for name, labels in pods.items() if selector.items() <= labels.items()]
            assert matched, f"{one['kind']}/{one['metadata']['name']} selects no pod"
            assert {name.split("/")[1].split("-")[1] for name in matched} == {owner}
            checked += 1
    assert checked > 40


def test_affinity_is_to_the_own_volume(parent: Release) -> None:
    for alias in ("one", "two"):
        pod = parent.get("Deployment", f"app-{alias}-api")["spec"]["template"]
        label = pod["metadata"]["labels"]["mirage-rag.github.io/documents"]
        assert label == f"app-{alias}-documents"


def test_global_values_reach_both(parent: Release) -> None:
    for alias in ("one", "two"):
        pod = parent.get("Deployment", f"app-{alias}-api")["spec"]["template"]["spec"]
        assert pod["containers"][0]["image"].startswith("mirror.example.org/mirage-rag/mirage:")
