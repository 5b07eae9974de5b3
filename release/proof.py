"""Runs a candidate on the cluster of KUBECONFIG: its chart, by digest, out of the registry.

The model and its registry are those of the cluster tests (`MIRAGE_TEST_MODEL`, see
tests/cluster/conftest.py).
"""

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from release import fixture
from release.candidate import Candidate
from release.errors import Refused
from release.place import Place
from release.shell import ROOT, run, show
from release.source import CHART
from release.steps import Steps

Prove = Callable[[Candidate, Steps], None]

_PORT = re.compile(r"[^/]+:(\d+)/")
"""The port in the name of a model with a registry of its own."""
_PYTEST = ("pytest", "-p", "no:randomly", "-p", "helm-charts", "--durations=0", "-s")


def verify(found: Candidate, steps: Steps) -> None:
    """Install the candidate with all `ci/*-values.yaml`, and run the cluster tests on it."""
    _require_cluster()
    with steps.step("verify: ct install"):
        _chart_testing(found)
    with steps.step("verify: helm install, helm test, cluster tests"):
        show(*_PYTEST, "tests/cluster", environment=_candidate(found))


def rehearse(found: Candidate, steps: Steps, place: Place, previous: str) -> None:
    """Upgrade from a release, which is in `place`, to the candidate with data, back, and again."""
    _require_cluster()
    with steps.step(f"rehearse-upgrade: release {previous}"):
        old = fixture.find(place, previous)
    with steps.step("rehearse-upgrade: upgrades with data"):
        environment = _candidate(found) | {
            "MIRAGE_TEST_FROM_CHART": old.chart,
            "MIRAGE_TEST_FROM_REPOSITORY": old.repository,
            "MIRAGE_TEST_FROM_TAG": old.tag,
        }
        show(*_PYTEST, "tests/cluster/test_rehearsal.py", environment=environment)


def _require_cluster() -> None:
    # Without it the tests would be skipped, and the record would say that all passed.
    if not os.environ.get("KUBECONFIG"):
        raise Refused("KUBECONFIG names no cluster: set it to the file of a cluster for tests")


def _candidate(found: Candidate) -> dict[str, str]:
    return {
        "MIRAGE_TEST_REGISTRY": found.place.host,
        "MIRAGE_TEST_CHART": f"oci://{found.place.chart}@{found.chart}",
        "MIRAGE_TEST_REPOSITORY": found.place.within_host(found.place.image),
    }


def _chart_testing(found: Candidate) -> None:
    settings = {
        "image.registry": found.place.host,
        "image.repository": found.place.within_host(found.place.image),
    }
    if model := os.environ.get("MIRAGE_TEST_MODEL"):
        settings["config.ollama.model"] = model
        if port := _PORT.match(model):
            settings["networkPolicy.registryPorts"] = f"{{{port[1]}}}"
    if os.environ.get("MIRAGE_TEST_MODEL_INSECURE"):
        settings["ollama.pullInsecure"] = "true"
    plain = ["--plain-http"] if found.place.plain_http else []
    with tempfile.TemporaryDirectory() as folder:
        run(
            "helm", "pull", f"oci://{found.place.chart}@{found.chart}", "--untar",
            "--untardir", folder, *plain,
        )  # fmt: skip
        chart = Path(folder) / "mirage"
        # Archives are without these values, because nobody else needs them.
        shutil.copytree(ROOT / CHART / "ci", chart / "ci")
        show(
            "ct", "install", "--config", "ct.yaml", "--charts", str(chart),
            "--helm-extra-set-args", " ".join(f"--set={k}={v}" for k, v in settings.items()),
        )  # fmt: skip
