"""From the last release to the candidate, with data: there, back, there again, and when killed.

`make rehearse-upgrade` runs these steps, which build on one another.
"""

import os
import signal
import subprocess
from dataclasses import replace
from typing import Any

import pytest

from tests.cluster import migrations
from tests.cluster.release import API_KEY, COMPONENTS, Release
from tests.cluster.shell import ROOT, run, until
from tests.cluster.steady import Seen, steady_client
from tests.cluster.test_release import assert_same

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1500)]

PROJECT = "library"
CORPUS = ROOT / "demo" / "library"
QUESTIONS = (
    "What helped a ship when the fog was too thick to see any light?",
    "What do the bees do to stay warm in the cold months?",
    "How can I tell that my starter is strong enough to bake with?",
    "lighthouse",
)
MODES = ("hybrid", "lexical", "dense")
_ROLLING = ("api", "indexer")
_ROWS = """
    SELECT (SELECT count(*) FROM document WHERE project_id = p.id),
           (SELECT count(*) FROM section s JOIN document d ON d.id = s.document_id
             WHERE d.project_id = p.id),
           (SELECT count(*) FROM chunk c JOIN document d ON d.id = c.document_id
             WHERE d.project_id = p.id),
           (SELECT count(*) FROM embedding e JOIN document d ON d.id = e.document_id
             WHERE d.project_id = p.id)
      FROM project p WHERE p.name = 'library'
"""
# The ranking depends on it, and it is measured again when the index has doubled.
_MEASURED = """
    SELECT bool_and(coalesce(floor_vectors, 0) * 2 > (SELECT count(*) FROM embedding))
      FROM generation
"""
_REVISION = "SELECT max(revision) FROM compatibility"

Answers = dict[tuple[str, str], list[Any]]


@pytest.fixture(scope="module")
def old(release: Release) -> Release:
    """The release to upgrade from."""
    return replace(
        release,
        chart=os.environ["MIRAGE_TEST_FROM_CHART"],
        repository=os.environ["MIRAGE_TEST_FROM_REPOSITORY"],
        tag=os.environ["MIRAGE_TEST_FROM_TAG"],
    )


@pytest.fixture(scope="module")
def settings(release: Release) -> list[str]:
    """What the operator sets, for both releases."""
    return [
        "--set", f"auth.apiKey={API_KEY}",
        "--set", "ingress.enabled=true",
        "--set", f"ingress.host={release.host}",
    ]  # fmt: skip


@pytest.fixture(scope="module")
def migrating(release: Release, settings: list[str]) -> list[str]:
    """The same settings, with one more migration."""
    return [*settings, *migrations.lay(release.namespace, "one-migration", m9000=3)]


@pytest.fixture(scope="module")
def before(old: Release, settings: list[str]) -> tuple[Answers, str]:
    """Answers and rows of the old release with a corpus in it."""
    old.install(*settings)
    old.wait()
    until(lambda: old.answers("/health/ready"), "the Ingress")
    old.curl("/api/v1/projects", "-H", "Content-Type: application/json",
             "-d", f'{{"name":"{PROJECT}"}}')  # fmt: skip
    made = [old.upload(PROJECT, file) for file in sorted(CORPUS.iterdir())]
    for document in made:
        old.wait_until_ready(PROJECT, document["id"])
    until(lambda: _query(old, _MEASURED) == "t", "the noise floor of the corpus")
    return _answers(old), _query(old, _ROWS)


def test_upgrade_with_a_migration_costs_no_answer(
    release: Release, old: Release, before: tuple[Answers, str], migrating: list[str]
) -> None:
    pods, templates = _pods(old), _templates(old)
    with steady_client(release, documents=2) as seen:
        _served(seen)
        _upgrade(release, migrating)
        release.wait_for_rollout(*_ROLLING)
        _served(seen)
    assert seen.failures == []
    assert _query(release, _REVISION) == "9000"
    assert _images(release) == {_image(release)}
    _assert_unchanged(release, before)
    kept = [name for name in COMPONENTS if _templates(release)[name] == templates[name]]
    assert {name: _pods(release)[name] for name in kept} == {name: pods[name] for name in kept}


def test_rollback_costs_no_answer(release: Release, before: tuple[Answers, str]) -> None:
    with steady_client(release, documents=2) as seen:
        run("helm", "rollback", release.name, "-n", release.namespace)
        release.wait_for_rollout(*_ROLLING)
        _served(seen)
    assert seen.failures == []
    assert _query(release, _REVISION) == "9000"
    assert _images(release) != {_image(release)}
    _assert_unchanged(release, before)


def test_reinstallation_on_the_kept_claims_after_an_upgrade(
    release: Release, before: tuple[Answers, str], settings: list[str]
) -> None:
    _upgrade(release, settings)
    release.wait_for_rollout(*_ROLLING)
    _assert_unchanged(release, before)
    release.uninstall()
    release.install(*settings)
    release.wait()
    until(lambda: release.answers("/health/ready"), "the Ingress")
    _assert_unchanged(release, before)


def test_killed_helm_says_so_and_a_rollback_mends_it(
    release: Release, before: tuple[Answers, str], settings: list[str]
) -> None:
    changed = [*settings, "--set", "config.log.level=debug"]
    helm = subprocess.Popen(
        [os.environ.get("HELM", "helm"), *release.upgrade_command(*changed), "--wait"]
    )
    until(lambda: _status(release) == "pending-upgrade", "the upgrade", pause=0.1)
    helm.send_signal(signal.SIGKILL)
    helm.wait()
    with pytest.raises(AssertionError, match=r"another operation .* is in progress"):
        _upgrade(release, settings)
    run("helm", "rollback", release.name, "-n", release.namespace)
    _upgrade(release, changed)
    release.wait_for_rollout(*_ROLLING)
    assert _status(release) == "deployed"
    _assert_unchanged(release, before)


def test_killed_migration_is_done_by_the_next_pod(
    release: Release, before: tuple[Answers, str], settings: list[str]
) -> None:
    slow = migrations.lay(release.namespace, "slow-migration", m9000=0, m9001=30)
    _upgrade(release, [*settings, *slow])
    active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%rehearsal_9001%pg_sleep%'"
    until(lambda: _query(release, active) != "0", "the migration", pause=0.2)
    (killed,) = [
        pod["metadata"]["name"]
        for pod in release.pods_of("indexer")
        if not pod["status"].get("containerStatuses", [{}])[0].get("ready")
    ]
    run("kubectl", "delete", "pod", killed, "-n", release.namespace,
        "--grace-period=0", "--force")  # fmt: skip
    assert _query(release, _REVISION) == "9000"
    release.wait_for_rollout(*_ROLLING)
    assert _query(release, _REVISION) == "9001"
    (running,) = [
        pod["metadata"]["name"]
        for pod in release.pods_of("indexer")
        if "deletionTimestamp" not in pod["metadata"]
    ]
    log = run("kubectl", "logs", "-n", release.namespace, running, "-c", "migrate")
    assert "the schema is at revision 9001" in log
    _assert_unchanged(release, before)


def _assert_unchanged(release: Release, before: tuple[Answers, str]) -> None:
    until(lambda: release.answers("/health/ready"), "the Ingress")
    answers, rows = before
    assert _query(release, _ROWS) == rows
    for question, found in _answers(release).items():
        assert_same(found, answers[question])


def _answers(release: Release) -> Answers:
    return {
        (mode, question): release.search(PROJECT, question, mode)
        for mode in MODES
        for question in QUESTIONS
    }


def _upgrade(release: Release, settings: list[str]) -> None:
    run("helm", *release.upgrade_command(*settings))


def _served(seen: Seen) -> None:
    seen.wait_for_more("search", 30)
    seen.wait_for_more("upload", 10)


def _query(release: Release, statement: str) -> str:
    return run(
        "kubectl", "exec", "-n", release.namespace, f"deploy/{release.name}-postgresql", "-c",
        "postgresql", "--", "psql", "-U", "mirage", "-Atc", statement,
    ).strip()  # fmt: skip


def _status(release: Release) -> str:
    listed = run("helm", "status", release.name, "-n", release.namespace)
    return listed.partition("STATUS: ")[2].partition("\n")[0]


def _pods(release: Release) -> dict[str, list[str]]:
    """Identities of the pods, and how often they restarted, by component."""
    return {
        component: [
            f"{pod['metadata']['uid']} {pod['status']['containerStatuses'][0]['restartCount']}"
            for pod in release.pods_of(component)
        ]
        for component in COMPONENTS
    }


def _deployment(release: Release, component: str, path: str) -> str:
    return run(
        "kubectl", "get", f"deploy/{release.name}-{component}", "-n", release.namespace,
        "-o", f"jsonpath={{{path}}}",
    )  # fmt: skip


def _templates(release: Release) -> dict[str, str]:
    return {
        component: _deployment(release, component, ".spec.template") for component in COMPONENTS
    }


def _images(release: Release) -> set[str]:
    return {
        _deployment(release, component, ".spec.template.spec.containers[0].image")
        for component in _ROLLING
    }


def _image(release: Release) -> str:
    """Reference of the candidate's image, which its chart names by digest."""
    rendered = release.render("--show-only", "templates/api/deployment.yaml")
    image = next(line for line in rendered.splitlines() if "image:" in line)
    assert "@sha256:" in image
    return image.partition("image: ")[2].strip('"')
