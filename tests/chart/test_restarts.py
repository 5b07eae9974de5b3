"""Which pods a change of a value restarts: those whose template changes."""

from typing import Any

import pytest

from schema.render import leaves
from schema.values import Values
from tests.chart.render import SECRETS, render

_API, _INDEXER, _POSTGRESQL = "mirage-api", "mirage-indexer", "mirage-postgresql"


def _restarted(*sets: str, values: dict[str, Any] | None = None) -> set[str]:
    """Names of the Deployments whose pods differ from those of the defaults."""
    before, after = render(*SECRETS), render(*SECRETS, *sets, values=values)
    return {
        one["metadata"]["name"]
        for one in after.objects
        if one["kind"] == "Deployment"
        and one["spec"]["template"]
        != before.get("Deployment", one["metadata"]["name"])["spec"]["template"]
    }


@pytest.mark.parametrize(
    ("setting", "restarted"),
    [
        ("config.search.candidates=50", {_API}),
        ("config.documents.maxUploadBytes=1000", {_API}),
        ("auth.apiKey=another", {_API}),
        ("config.indexer.pollSeconds=2", {_INDEXER}),
        ("config.documents.orphanDays=3", {_INDEXER}),
        ("config.chunk.size=300", {_API, _INDEXER}),
        ("config.documents.minFreeBytes=1000", {_API, _INDEXER}),
        ("config.embedding.batchTokens=100", {_API, _INDEXER}),
        ("config.database.poolSize=6", {_API, _INDEXER}),
        ("config.log.level=debug", {_API, _INDEXER}),
        ("postgresql.auth.password=another", {_API, _INDEXER, _POSTGRESQL}),
        ("api.service.type=NodePort", set()),
    ],
)
def test_change_restarts_the_programs_that_read_it(setting: str, restarted: set[str]) -> None:
    assert _restarted(setting) == restarted


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, _, _ in leaves(Values.model_construct())
        if path.startswith(("config.search.", "config.indexer."))
    ],
)
def test_settings_of_one_program_restart_only_that_one(path: str) -> None:
    reader = _API if path.startswith("config.search.") else _INDEXER
    # A number within the bounds of each of them, and no default.
    assert _restarted(values={path: 150 * 2**20 if path.endswith("Bytes") else 19}) == {reader}


def test_checksum_of_a_password_is_another_in_each_release() -> None:
    sums = {
        pod["metadata"]["annotations"]["checksum/secret"]
        for release in ("one", "two")
        for name, pod in render(*SECRETS, release=release).workloads()
        if name.endswith("-postgresql")
    }
    assert len(sums) == 2
