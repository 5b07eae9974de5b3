"""Labels, selectors and names."""

import shutil
from pathlib import Path

import pytest

from tests.chart.render import CHART, SECRETS, Release, refusal, render

# charts/mirage/templates/_names.tpl: 63 less the length of `-pull-01234567`.
LONGEST_RELEASE = 49


def test_every_object_carries_the_common_labels(any_release: Release) -> None:
    for one in any_release.objects:
        if one["metadata"]["name"].endswith("-extra"):
            continue  # A user's own object.
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/instance"] == "mirage"
        assert labels["app.kubernetes.io/part-of"] == "mirage"
        assert labels["app.kubernetes.io/managed-by"] == "Helm"
        assert labels["app.kubernetes.io/component"] == labels["app.kubernetes.io/name"]
        assert labels["app.kubernetes.io/version"]
        assert labels["helm.sh/chart"].startswith("mirage-")


def test_selectors_are_name_and_instance_and_match_their_pods(any_release: Release) -> None:
    for one in any_release.objects:
        if one["kind"] == "Deployment":
            selector = one["spec"]["selector"]["matchLabels"]
            assert set(selector) == {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert selector.items() <= labels.items()


@pytest.mark.parametrize("component", ["api", "indexer", "postgresql", "ollama"])
def test_pods_are_found_by_the_customers_label(component: str) -> None:
    pod = render(*SECRETS).get("Deployment", f"mirage-{component}")["spec"]["template"]
    assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == component


def test_version_bump_restarts_no_pod(tmp_path: Path) -> None:
    bumped = tmp_path / "mirage"
    shutil.copytree(CHART, bumped)
    manifest = bumped / "Chart.yaml"
    manifest.write_text(manifest.read_text().replace("\nversion: ", "\nversion: 9"))
    values = (Path(__file__).parent / "values" / "everything.yaml",)
    before, after = render(files=values), render(files=values, chart=bumped)
    assert before != after
    deployments = [name for name in before.inventory() if name.startswith(("Deployment/", "Job/"))]
    assert len(deployments) == 5
    for kind, name in (one.split("/") for one in deployments):
        assert before.get(kind, name)["spec"] == after.get(kind, name)["spec"]


def test_changed_setting_restarts_the_program_and_nothing_else() -> None:
    before, after = render(*SECRETS), render(*SECRETS, "config.chunk.size=300")
    changed = {name for name, pod in before.workloads() if pod != dict(after.workloads())[name]}
    assert changed == {"Deployment/mirage-api", "Deployment/mirage-indexer"}


def test_changed_password_restarts_all_that_use_it() -> None:
    before, after = render(*SECRETS), render(*SECRETS, "postgresql.auth.password=other")
    changed = {name for name, pod in before.workloads() if pod != dict(after.workloads())[name]}
    assert changed == {
        "Deployment/mirage-api",
        "Deployment/mirage-indexer",
        "Deployment/mirage-postgresql",
    }


def test_longest_release_name_fits_every_name_and_label() -> None:
    name = "r" * LONGEST_RELEASE
    values = Path(__file__).parent / "values" / "everything.yaml"
    # The name of a CronJob is shorter; see test_backup.py.
    off = "backup.enabled=false"
    release = render("nameOverride=", off, files=(values,), release=name)
    lengths = [len(one["metadata"]["name"]) for one in release.objects]
    assert max(lengths) == 63


def test_longer_release_name_is_refused() -> None:
    name = "r" * (LONGEST_RELEASE + 1)
    assert refusal(release=name) == [
        f'ERROR: release name "{name}" has 50 characters, at most 49 fit: '
        "choose a shorter one, or set fullnameOverride",
    ]


def test_release_name_that_is_no_service_name_is_refused() -> None:
    (line,) = refusal(release="1st")
    assert line.startswith('ERROR: release name "1st" is not a valid name for a Service')


def test_overrides_rename_objects() -> None:
    assert render("fullnameOverride=x").get("Service", "x-api")
    assert render("nameOverride=y", release="r").get("Service", "r-y-api")


def test_every_selector_selects_the_pods_of_its_name_alone(any_release: Release) -> None:
    pods = {name: pod["metadata"]["labels"] for name, pod in any_release.workloads()}
    for one in any_release.objects:
        if one["kind"] in ("Service", "PodDisruptionBudget", "Deployment"):
            selector = one["spec"]["selector"]
            labels = selector.get("matchLabels", selector)
            matched = [name for name, own in pods.items() if labels.items() <= own.items()]
            assert matched == [f"Deployment/{one['metadata']['name']}"], one["kind"]


def test_every_policy_is_for_pods_of_its_component(any_release: Release) -> None:
    for one in any_release.objects:
        if one["kind"] == "NetworkPolicy":
            labels = one["spec"]["podSelector"]["matchLabels"]
            matched = [
                pod["metadata"]["labels"]
                for _, pod in any_release.workloads()
                if labels.items() <= pod["metadata"]["labels"].items()
            ]
            component = one["metadata"]["labels"]["app.kubernetes.io/component"]
            assert {own["app.kubernetes.io/component"] for own in matched} == {component}
