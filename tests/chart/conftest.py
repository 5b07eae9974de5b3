"""Fixtures that run a test for each values file, or for each Helm. Without Helm all are skipped."""

import shutil
from pathlib import Path

import pytest

from tests.chart.render import HELM, HELMS, SECRETS, VALUES_FILES, Release, render


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip one test for all of this folder, so that the reason is said in one line."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    if shutil.which(HELM) or not here:
        return
    first, *others = here
    reason = f"{len(here)} tests need `{HELM}`: install Helm, or Go to build it with `make tools`"
    first.add_marker(pytest.mark.skip(reason=reason))
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


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
