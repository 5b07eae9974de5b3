"""The product as its users meet it, step by step; the steps build on one another."""

import json
import re
from pathlib import Path

import pytest

from tests.cluster.release import API_KEY, COMPONENTS, PASSWORD, Release
from tests.cluster.shell import port_forward, run

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1500)]

PROJECT = "library"
PDF = "pdf/GeoTopo-komprimiert.pdf"
JORDAN_PAGE = 23  # of the file; the page itself says 20
QUESTIONS = (
    "Wann ist ein topologischer Raum kompakt?",
    "Was ist eine Riemannsche Mannigfaltigkeit?",
    "Jordanscher Kurvensatz",
)


def test_the_customers_checks_before_an_installation(release: Release) -> None:
    run("helm", "lint", "charts/mirage")
    rendered = run(
        "helm", "install", release.name, "charts/mirage", "--dry-run", "--debug",
        "--namespace", release.namespace,
    )  # fmt: skip
    assert "kind: Deployment" in rendered


def test_install_with_the_customers_command(release: Release) -> None:
    notes = release.install(
        "--set", f"postgresql.auth.password={PASSWORD}",
        "--set", f"auth.apiKey={API_KEY}",
        "--set", "ingress.enabled=true",
        "--set", f"ingress.host={release.host}",
    )  # fmt: skip
    assert PASSWORD not in notes
    assert API_KEY not in notes
    release.wait()
    phases = {
        pod["metadata"]["labels"]["app.kubernetes.io/name"]: pod["status"]["phase"]
        for pod in release.pods()
    }
    assert {phases[component] for component in COMPONENTS} == {"Running"}


def test_nothing_failed_on_the_way(release: Release) -> None:
    restarts = {
        f"{pod['metadata']['name']}/{container['name']}": container["restartCount"]
        for pod in release.pods()
        for kind in ("initContainerStatuses", "containerStatuses")
        for container in pod["status"].get(kind, [])
    }
    assert len(restarts) >= len(COMPONENTS)
    assert {name: count for name, count in restarts.items() if count} == {}
    # The scheduler waits for claims that are bound only when a pod needs them.
    assert [one for one in release.warnings() if not one.startswith("FailedScheduling")] == []


def test_the_customers_way_to_pull_a_model(release: Release) -> None:
    run(
        "kubectl", "exec", "-n", release.namespace, "deploy/mirage-ollama", "--",
        "ollama", "pull", *release.pull_arguments,
    )  # fmt: skip


def test_helm_test_is_green(release: Release) -> None:
    output = run("helm", "test", release.name, "-n", release.namespace, "--logs")
    assert output.count("Phase:          Succeeded") == 2
    assert re.search(r"a search takes \d+ ms \(median of 3\)", output)


def test_helm_test_is_green_a_second_time(release: Release) -> None:
    run("helm", "test", release.name, "-n", release.namespace)


def test_the_customers_verification(release: Release, library: Path, tmp_path: Path) -> None:
    run("kubectl", "get", "pods", "-n", release.namespace)
    pdf = tmp_path / "test.pdf"
    pdf.write_bytes((library / "pdf/pdflatex-outline.pdf").read_bytes())
    with port_forward(release.namespace, "svc/mirage-api", "8000:8000"):
        health = run("curl", "-s", "http://localhost:8000/health")
        assert json.loads(health) == {"status": "ok"}
        run("mirage", "documents", "add", "--project", "test", str(pdf), MIRAGE_API_KEY=API_KEY)
        listed = run(
            "mirage", "documents", "list", "--project", "test", "--json", MIRAGE_API_KEY=API_KEY
        )
    assert [(d["name"], d["status"]) for d in json.loads(listed)] == [("test.pdf", "ready")]
    for component in ("api", "indexer"):
        logs = run(
            "kubectl", "logs", "-n", release.namespace, "-l", f"app.kubernetes.io/name={component}"
        )
        assert API_KEY not in logs
    run("kubectl", "get", "pvc", "-n", release.namespace)


def test_real_pdf_through_the_ingress_is_cited_on_its_page(release: Release, library: Path) -> None:
    release.curl(
        "/api/v1/projects", "-H", "Content-Type: application/json", "-d", f'{{"name":"{PROJECT}"}}'
    )
    made = release.upload(PROJECT, library / PDF)
    assert made["status"] == "pending"
    ready = release.wait_until_ready(PROJECT, made["id"])
    assert ready["page_count"] == 117
    best = release.search(PROJECT, "Jordanscher Kurvensatz", "lexical")[0]
    assert best["document"]["name"] == "GeoTopo-komprimiert.pdf"
    assert "Jordan" in best["text"]
    assert best["page_number"] <= JORDAN_PAGE <= best["last_page_number"]


def test_pods_that_die_while_a_document_is_indexed_change_nothing(
    release: Release, library: Path
) -> None:
    (document,) = release.curl(f"/api/v1/projects/{PROJECT}/documents")["documents"]
    undisturbed = {question: release.search(PROJECT, question) for question in QUESTIONS}
    release.curl(f"/api/v1/projects/{PROJECT}/documents/{document['id']}", "-X", "DELETE")
    assert release.search(PROJECT, QUESTIONS[0]) == []
    made = release.upload(PROJECT, library / PDF)
    # Those first without which nothing goes on, so that the last one still disturbs something.
    for component in ("ollama", "postgresql", "indexer", "api"):
        assert release.document(PROJECT, made["id"])["status"] in {
            "pending",
            "parsing",
            "embedding",
        }
        release.delete_pod(component)
    release.wait()
    release.wait_until_ready(PROJECT, made["id"])
    for question, expected in undisturbed.items():
        assert_same(release.search(PROJECT, question), expected)


def test_reinstall_finds_the_data_and_the_key(release: Release) -> None:
    expected = {question: release.search(PROJECT, question) for question in QUESTIONS}
    release.uninstall()
    release.install("--set", "ingress.enabled=true", "--set", f"ingress.host={release.host}")
    release.wait()
    for question, passages in expected.items():
        assert_same(release.search(PROJECT, question), passages)
    run("helm", "test", release.name, "-n", release.namespace)


def assert_same(found: list[dict[str, object]], expected: list[dict[str, object]]) -> None:
    """The same passages, with the same scores within 1e-3."""
    assert [passage["id"] for passage in found] == [passage["id"] for passage in expected]
    for one, other in zip(found, expected, strict=True):
        for name, value in other.items():
            if name in {"score", "similarity"}:
                assert one[name] == pytest.approx(value, abs=1e-3)
            else:
                assert one[name] == value
