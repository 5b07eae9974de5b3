"""The noise floor of a generation is measured, and again when it has grown."""

import math

import pytest

from mirage.db.generations import noise_floor
from tests.db.conftest import Maker


async def _measure(make: Maker) -> bool:
    async with make.database.transaction() as connection:
        return await noise_floor.measure_next(connection)


async def test_floor_is_that_of_pairs_of_different_vectors(make: Maker) -> None:
    angles = [number * math.pi / 9 for number in range(10)]
    vectors = [[math.cos(angle), math.sin(angle), 0] for angle in angles]
    await make.ready("a.txt", [f"{n}" for n in range(9)], vectors[:9])
    assert (await make.generation()).floor is None
    assert not await _measure(make)  # Too few for a sample.
    await make.ready("b.txt", ["ten"], vectors[9:])
    assert await _measure(make)
    floor = (await make.generation()).floor
    assert floor is not None
    cosines = [math.cos(one - other) for at, one in enumerate(angles) for other in angles[at + 1 :]]
    mean = sum(cosines) / len(cosines)
    deviation = math.sqrt(sum((c - mean) ** 2 for c in cosines) / len(cosines))
    assert floor.mean == pytest.approx(mean, abs=1e-3)
    assert floor.deviation == pytest.approx(deviation, abs=1e-3)


async def test_floor_is_measured_again_at_twice_the_size(make: Maker) -> None:
    await make.ready("a.txt", [f"{n}" for n in range(19)], [[1, 0, 0]] * 19)
    assert await _measure(make)
    assert not await _measure(make)
    await make.ready("b.txt", ["another"], [[0, 1, 0]])
    assert await _measure(make)
    floor = (await make.generation()).floor
    assert floor is not None
    assert floor.mean == pytest.approx(0.9, abs=1e-3)
