"""The noise floor of a generation: the cosines of random pairs of its vectors.

What a cosine says depends on the model: unrelated texts have 0.1 with some and 0.75 with others.
"""

import logging
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation, current_generations
from mirage.db.vectors import send_vectors_in_binary
from mirage.model import NoiseFloor

# Pairs from 10 passages change the ranking by less than 1 % compared with pairs from all.
_FEWEST_VECTORS = 10
_SAMPLE = 500
# A library of twice the size may have other subjects and languages.
_GROWTH = 2

Vectors: TypeAlias = NDArray[np.float32]
"""A vector per row."""

_log = logging.getLogger(__name__)


async def measure_next(connection: AsyncConnection) -> bool:
    """Measure the floor of a generation that has none, or that has grown; False if all have."""
    for generation in await current_generations(connection):
        measured = await _measured_vectors(connection, generation)
        enough = max(_FEWEST_VECTORS, _GROWTH * measured)
        if await _estimate_vectors(connection, generation, enough) < enough:
            continue
        vectors = await _sample(connection, generation)
        if len(vectors) < _FEWEST_VECTORS:
            continue
        floor = _floor(vectors)
        await _record(connection, generation, floor, enough)
        _log.info(
            "measured the noise floor",
            extra={"generation": generation.id, "mean": floor.mean, "deviation": floor.deviation},
        )
        return True
    return False


async def _measured_vectors(connection: AsyncConnection, generation: Generation) -> int:
    measured = await connection.scalar(
        text("SELECT floor_vectors FROM generation WHERE id = :id"), {"id": generation.id}
    )
    return int(measured or 0)


async def _estimate_vectors(
    connection: AsyncConnection, generation: Generation, enough: int
) -> int:
    """Return about how many vectors there are; a small table is counted up to `enough`."""
    estimate = await connection.scalar(
        text(
            f"SELECT reltuples::bigint FROM pg_class"
            f" WHERE oid = 'embedding_{generation.id}'::regclass"
        )
    )
    if estimate is not None and estimate >= enough:
        return int(estimate)
    if enough > _SAMPLE * _GROWTH:  # PostgreSQL estimates a larger table again when it grows.
        return int(estimate or 0)
    counted = await connection.scalar(
        text(f"SELECT count(*) FROM (SELECT 1 FROM embedding_{generation.id} LIMIT {enough}) v")
    )
    return int(counted or 0)


async def _sample(connection: AsyncConnection, generation: Generation) -> Vectors:
    """Return some vectors, L2-normalised; a large table is not read as a whole."""
    await send_vectors_in_binary(connection)
    share = await connection.scalar(
        text(
            f"SELECT least(100, 100.0 * {4 * _SAMPLE} / greatest(reltuples, 1)) FROM pg_class"
            f" WHERE oid = 'embedding_{generation.id}'::regclass"
        )
    )
    rows = await connection.scalars(
        text(
            f"SELECT embedding FROM embedding_{generation.id}"
            f" TABLESAMPLE SYSTEM ({float(share)}) ORDER BY random() LIMIT {_SAMPLE}"
        )
    )
    vectors: Vectors = np.array([vector.to_list() for vector in rows], dtype=np.float32)
    if len(vectors):
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return vectors


def _floor(vectors: Vectors) -> NoiseFloor:
    """Return the floor of all pairs of different vectors."""
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    return NoiseFloor(float(cosines.mean()), float(cosines.std()))


async def _record(
    connection: AsyncConnection, generation: Generation, floor: NoiseFloor, vectors: int
) -> None:
    await connection.execute(
        text(
            """
            UPDATE generation SET floor_mean = :mean, floor_deviation = :deviation,
                                  floor_vectors = :vectors
             WHERE id = :id
            """
        ),
        {
            "mean": floor.mean,
            "deviation": floor.deviation,
            "vectors": vectors,
            "id": generation.id,
        },
    )
