"""Fixtures that run a test for each values file, or for each Helm."""

from pathlib import Path

import pytest

from tests.chart.render import HELMS, SECRETS, VALUES_FILES, Release, render


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
