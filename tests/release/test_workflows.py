"""The workflows only call targets of the Makefile, with their tools, and publish what is proven."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github/workflows").glob("*.yaml"))}
PROVING = {"candidate": ["package", "candidate"], "prove": ["verify", "rehearse-upgrade"]}

Step = dict[str, Any]


def _jobs(name: str) -> dict[str, Any]:
    # `on` is true for YAML 1.1.
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOWS[name].read_text())["jobs"]
    return jobs


def _all_jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in WORKFLOWS:
        for job, content in _jobs(name).items():
            yield f"{name}: {job}", content


def _targets(step: Step) -> list[str]:
    words: list[str] = step.get("run", "").split("#")[0].split()
    return words[1:]


def _made(job: dict[str, Any]) -> list[str]:
    return [target for step in job["steps"] for target in _targets(step)]


def _makefile() -> str:
    return (ROOT / "Makefile").read_text()


def test_both_workflows_are_here() -> None:
    assert list(WORKFLOWS) == ["ci.yaml", "release.yaml"]


def test_each_command_is_a_make_target_that_exists() -> None:
    phony = set(re.findall(r"^\.PHONY:((?:.*\\\n)*.*)", _makefile(), re.MULTILINE)[0].split())
    commands = [step["run"] for _, job in _all_jobs() for step in job["steps"] if "run" in step]
    assert len(commands) > 20
    for command in commands:
        assert re.fullmatch(r"make( [a-z0-9-]+)+", command.split("#")[0].strip()), command
        for target in command.split("#")[0].split()[1:]:
            assert target in phony
            subprocess.run(["make", "--dry-run", target, "CLUSTER=kind"], cwd=ROOT, check=True,
                           capture_output=True)  # fmt: skip


def test_tools_are_installed_before_they_are_used() -> None:
    for name, job in _all_jobs():
        seen: list[str] = []
        for step in job["steps"]:
            if "uses" in step:
                seen.append(step["uses"].partition("@")[0])
                continue
            assert "actions/checkout" in seen, name
            for target in _targets(step):
                if target not in {"login", "cluster-state"}:
                    assert "actions/setup-python" in seen, f"{name} runs make {target} too early"
                if target in {"e2e", "verify", "rehearse-upgrade", "chart-install", "load"}:
                    assert "cluster" in seen, f"{name} runs make {target} without a cluster"
                if target == "load":
                    assert "image" in seen, name
                if target not in {"login", "release-tools"}:
                    assert "release-tools" in seen, f"{name} runs make {target} without its tools"
                seen.append(target)


def test_several_platforms_are_built_with_their_emulator() -> None:
    job = _jobs("release.yaml")["candidate"]
    assert "," in job["env"]["PLATFORMS"]
    used = [step.get("uses", "").partition("@")[0] for step in job["steps"]]
    assert "docker/setup-qemu-action" in used


def test_actions_are_pinned_with_their_version() -> None:
    for path in WORKFLOWS.values():
        for line in path.read_text().splitlines():
            if "uses:" in line:
                assert re.search(r"uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line


def test_release_is_published_after_all_proofs_and_not_before() -> None:
    jobs = _jobs("release.yaml")
    assert set(jobs) == {*PROVING, "promote"}
    for job, targets in PROVING.items():
        made = _made(jobs[job])
        assert [target for target in made if target in targets] == targets
        assert not {"promote", "announce"} & set(made)
    assert set(jobs["promote"]["needs"]) == set(PROVING)
    assert [one for one in _made(jobs["promote"]) if one in {"promote", "announce"}] == [
        "promote", "announce",
    ]  # fmt: skip
    assert jobs["prove"]["needs"] == "candidate"


def test_promotion_demands_the_records_of_all_clusters() -> None:
    jobs = _jobs("release.yaml")
    proven = jobs["prove"]["strategy"]["matrix"]["cluster"]
    assert jobs["promote"]["env"]["CLUSTER"].split(",") == proven == ["kind", "k3d"]


def test_no_job_may_do_more_than_it_needs() -> None:
    writing = {
        (name, job): {
            key for key, value in content.get("permissions", {}).items() if value == "write"
        }
        for name in WORKFLOWS
        for job, content in _jobs(name).items()
    }
    assert {key: value for key, value in writing.items() if value} == {
        ("release.yaml", "candidate"): {"packages", "id-token"},
        ("release.yaml", "prove"): {"packages", "id-token"},
        ("release.yaml", "promote"): {"packages", "contents"},
    }
    for path in WORKFLOWS.values():
        top = yaml.safe_load(path.read_text())["permissions"]
        assert top in ({}, {"contents": "read"})


@pytest.mark.parametrize("tool", ["kind", "k3d"])
def test_each_kubernetes_of_the_matrix_has_an_image(tool: str) -> None:
    versions = _jobs("ci.yaml")["cluster"]["strategy"]["matrix"]["kubernetes"]
    assert versions[0] == "1.29"  # The oldest that Chart.yaml admits.
    prefix = {"kind": "KIND", "k3d": "K3S"}[tool]
    for version in versions:
        assert re.search(rf"^{prefix}_{version} := v{version}\.\d+", _makefile(), re.MULTILINE)


def test_state_of_a_cluster_is_kept_when_a_test_fails() -> None:
    for name, job in _all_jobs():
        if "cluster" in _made(job):
            kept = [step for step in job["steps"] if step.get("if") == "failure()"]
            assert [_targets(step) for step in kept] == [["cluster-state"], []], name
            assert kept[1]["uses"].startswith("actions/upload-artifact@")
            assert "MIRAGE_TEST_KEEP" in job["env"]
            assert job["env"]["KUBECONFIG"].endswith("/.kube/config")  # Else tests are skipped.
