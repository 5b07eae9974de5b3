"""A plugin of pytest: of tests that run once per major of PostgreSQL, only those of the latest."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of older majors."""
    majors = {item: _major(item) for item in items}
    latest = max((major for major in majors.values() if major is not None), default=None)
    older = [item for item in items if majors[item] not in (None, latest)]
    config.hook.pytest_deselected(items=older)
    items[:] = [item for item in items if item not in older]


def _major(item: pytest.Item) -> int | None:
    callspec = getattr(item, "callspec", None)
    major = callspec.params.get("postgres") if callspec else None
    return major if isinstance(major, int) else None
