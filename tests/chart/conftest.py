"""Fixtures that run a test for each values file, or for each Helm. Without Helm all are skipped."""

import shutil
from pathlib import Path

import pytest

from tests.chart.render import HELM, HELMS, SECRETS, VALUES_FILES, Release, render


@pytest.fixture(autouse=True)
def _helm() -> None:
    """Skip from here, so that pytest reports all skipped tests in one line."""
    if shutil.which(HELM) is None:
        pytest.skip(f"`{HELM}` is not on PATH: install Helm, or Go to build it with `make tools`")


@pytest.fixture(params=[None, *VALUES_FILES], ids=lambda file: file.stem if file else "defaults")
def any_release(request: pytest.FixtureRequest) -> Release:
    """The release of each values file in turn, and that of the defaults."""
    file: Path | None = request.param
    return render(*(() if file else SECRETS), files=(file,) if file else ())


@pytest.fixture(params=HELMS)
def every_helm(request: pytest.FixtureRequest) -> str:
    """Each Helm that is there."""
    helm: str = request.param
    return helm
