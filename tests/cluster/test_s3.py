"""Two API pods and two indexers on one bucket and one database do the work once."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.release import API_KEY, Release
from tests.cluster.s3 import SETTINGS, start_s3
from tests.cluster.shell import run, until

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(900)]

PROJECT = "shelf"
DOCUMENTS = 12


@pytest.fixture(scope="module")
def installed(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Two pods each, with policies that let them reach the bucket."""
    start_s3(release, tmp_path_factory.mktemp("s3"))
    settings = {
        **SETTINGS,
        "auth.apiKey": API_KEY,
        "api.replicas": "2",
        "indexer.replicas": "2",
        "networkPolicy.enabled": "true",
        "networkPolicy.registryPorts": f"{{{','.join(['443', *_port_of(release.model)])}}}",
        "ingress.enabled": "true",
        "ingress.host": release.host,
    }
    release.install(
        *(part for key, value in settings.items() for part in ("--set", f"{key}={value}"))
    )
    release.wait()
    until(lambda: release.answers("/health"), "the Ingress")
    return release


def _port_of(model: str) -> list[str]:
    """The port of the model's registry, if its name has one."""
    return re.findall(r":(\d+)/", model)


def _documents(release: Release) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = release.curl(f"/api/v1/projects/{PROJECT}/documents")["documents"]
    return found


def _parsed(release: Release) -> Counter[str]:
    """How often indexers have parsed each document, by their logs."""
    counted: Counter[str] = Counter()
    for pod in release.pods_of("indexer"):
        log = run("kubectl", "logs", "-n", release.namespace, pod["metadata"]["name"])
        lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
        counted.update(line["document"] for line in lines if line.get("message") == "parsed")
    return counted


def test_no_volume_ties_the_pods_to_a_node(installed: Release) -> None:
    claims = run("kubectl", "get", "pvc", "-n", installed.namespace, "-o", "name")
    assert "documents" not in claims
    for pod in installed.pods_of("api", "indexer"):
        assert "podAffinity" not in pod["spec"].get("affinity", {})
        assert "documents" not in [volume["name"] for volume in pod["spec"]["volumes"]]


def test_each_document_is_indexed_once(installed: Release, tmp_path: Path) -> None:
    installed.curl(
        "/api/v1/projects", "-H", "Content-Type: application/json", "-d", f'{{"name":"{PROJECT}"}}'
    )
    for number in range(DOCUMENTS):
        file = tmp_path / f"{number}.txt"
        file.write_text(f"Document {number}: the keeper lit the lamp number {number}.")
        installed.upload(PROJECT, file)
    until(
        lambda: [one["status"] for one in _documents(installed)] == ["ready"] * DOCUMENTS,
        "all documents",
    )
    parsed = _parsed(installed)
    assert set(parsed) == {one["id"] for one in _documents(installed)}
    assert set(parsed.values()) == {1}
    assert installed.search(PROJECT, "the lamp number 7")


def test_originals_outlive_the_pods(installed: Release) -> None:
    for component in ("api", "indexer"):
        installed.delete_pod(component)
    until(lambda: installed.answers("/health"), "the Ingress")
    for one in _documents(installed):
        number = one["name"].removesuffix(".txt")
        content = run(
            "curl", "--silent", "--insecure", "--fail",
            "--resolve", f"{installed.host}:443:{installed.ingress}", "-H", f"X-API-Key: {API_KEY}",
            f"https://{installed.host}/api/v1/projects/{PROJECT}/documents/{one['id']}/file",
        )  # fmt: skip
        assert content == f"Document {number}: the keeper lit the lamp number {number}."
    checked = run("kubectl", "exec", "-n", installed.namespace, "deploy/mirage-indexer", "--",
                  "mirage", "files", "check")  # fmt: skip
    assert "this database" in checked


def test_s3_that_goes_away_fails_nothing(installed: Release, tmp_path: Path) -> None:
    run("kubectl", "scale", "-n", installed.namespace, "deploy/s3", "--replicas=0")
    until(lambda: not installed.answers("/health"), "the fault in /health")
    # Probes do not ask for the bucket: the API searches on.
    assert installed.search(PROJECT, "the lamp number 7")
    health = installed.curl("/health", on_error="--silent")
    assert health["components"]["storage"]["state"] in ("s3 away", "storage unavailable")
    file = tmp_path / "refused.txt"
    file.write_text("This text comes too early.")
    answer = installed.curl(
        f"/api/v1/projects/{PROJECT}/documents", "-F", f"file=@{file}", on_error="--silent"
    )
    assert answer["type"] == "urn:mirage:problem:s3-away"
    assert {one["status"] for one in _documents(installed)} == {"ready"}
