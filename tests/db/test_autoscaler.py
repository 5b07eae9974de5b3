"""What KEDA asks: the statements of the chart, at a real database."""

import shutil

import pytest
from sqlalchemy import text

from mirage.db import Database
from tests.chart.render import HELM, SECRETS, render
from tests.db.conftest import Maker

pytestmark = pytest.mark.skipif(shutil.which(HELM) is None, reason=f"`{HELM}` is not on PATH")


def _queries() -> dict[str, str]:
    release = render(*SECRETS, "indexer.autoscaling.enabled=true")
    triggers = release.get("ScaledObject", "mirage-indexer")["spec"]["triggers"]
    return {one["name"]: one["metadata"]["query"] for one in triggers}


async def _answers(database: Database) -> dict[str, int]:
    async with database.transaction() as connection:
        return {
            name: await connection.scalar(text(query)) or 0 for name, query in _queries().items()
        }


async def test_work_that_is_left_is_counted(make: Maker) -> None:
    assert await _answers(make.database) == {"documents": 0, "passages": 0}
    await make.ready("done.txt", ["one"], [[1, 0, 0]])
    assert await _answers(make.database) == {"documents": 0, "passages": 0}
    await make.chunked("cut.txt", ["one", "two"])
    assert await _answers(make.database) == {"documents": 1, "passages": 2}
    await make.pending("waits.txt")
    assert await _answers(make.database) == {"documents": 2, "passages": 2}
