"""Upgrades while a client searches and uploads: no request of it fails."""

import json
from typing import Any

import pytest

from tests.cluster.release import API_KEY, Release
from tests.cluster.shell import run, until
from tests.cluster.steady import Seen, steady_client

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1500)]

_ROLLING = ("api", "indexer")


@pytest.fixture(scope="module")
def installed(release: Release) -> Release:
    """A release behind an Ingress, on a claim that one node only can mount."""
    release.install(
        "--set", f"auth.apiKey={API_KEY}",
        "--set", "ingress.enabled=true",
        "--set", f"ingress.host={release.host}",
    )  # fmt: skip
    release.wait()
    until(lambda: release.answers("/health/ready"), "the Ingress")
    return release


def _pods(release: Release) -> set[str]:
    """Names of the pods that are ready."""
    return {
        _name(pod)
        for pod in release.pods_of(*_ROLLING)
        if ("Ready", "True")
        in {(one["type"], one["status"]) for one in pod["status"]["conditions"]}
    }


def _served(seen: Seen) -> None:
    seen.wait_for_more("search", 50)
    seen.wait_for_more("upload", 20)


def test_new_settings_and_more_replicas_cost_no_answer(installed: Release) -> None:
    before = _pods(installed)
    assert len(before) == len(_ROLLING)
    with steady_client(installed) as seen:
        _served(seen)
        installed.upgrade("--set", "config.log.level=debug")
        installed.wait_for_rollout(*_ROLLING)
        _served(seen)
        until(lambda: not before & {_name(pod) for pod in installed.pods()}, "the old pods' end")
        installed.upgrade("--set", "api.replicas=2", "--set", "indexer.replicas=2")
        installed.wait_for_rollout(*_ROLLING)
        assert len(_pods(installed)) == 2 * len(_ROLLING)
        _served(seen)
        installed.upgrade("--set", "api.replicas=1", "--set", "indexer.replicas=1")
        until(lambda: len(installed.pods_of(*_ROLLING)) == len(_ROLLING), "one pod each")
        _served(seen)
    assert seen.failures == []


def test_image_that_does_not_exist_takes_no_pod_away(installed: Release) -> None:
    before = _pods(installed)
    with steady_client(installed) as seen:
        installed.upgrade("--set", "image.tag=no-such-tag")
        until(lambda: len(_unpullable(installed)) == len(_ROLLING), "pods without an image")
        _served(seen)
        assert _pods(installed) == before
        run("helm", "rollback", installed.name, "-n", installed.namespace)
        until(lambda: not _unpullable(installed), "the end of the pods without an image")
        installed.wait_for_rollout(*_ROLLING)
        _served(seen)
    assert seen.failures == []
    assert _pods(installed) == before


def test_schema_of_a_newer_compatible_release_costs_no_answer(installed: Release) -> None:
    newer = "INSERT INTO compatibility (revision, min_compatible) VALUES (9000, 1)"
    with steady_client(installed) as seen:
        _psql(installed, newer)
        _served(seen)
        installed.upgrade("--set", "config.log.level=info")
        installed.wait_for_rollout(*_ROLLING)
        _served(seen)
    assert seen.failures == []


def _psql(release: Release, statement: str) -> None:
    run("kubectl", "exec", "-n", release.namespace, f"deploy/{release.name}-postgresql", "--",
        "psql", "-U", "mirage", "-c", statement)  # fmt: skip


def _name(pod: dict[str, Any]) -> str:
    name: str = pod["metadata"]["name"]
    return name


def _unpullable(release: Release) -> list[str]:
    waiting = ("ErrImagePull", "ImagePullBackOff")
    return [
        _name(pod)
        for pod in release.pods_of(*_ROLLING)
        if any(reason in json.dumps(pod["status"]) for reason in waiting)
    ]
