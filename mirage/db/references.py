"""Finds documents by what a person or an agent calls them: the beginning of an id, or a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.names import name_variants

SHORTEST = 8
"""Digits of a short id. Models mangle long ones; of 10,000 documents, one pair in a hundred has
the same eight."""
_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Named:
    """A document and its name."""

    id: UUID
    name: str


async def find_by_short_id(
    connection: AsyncConnection, project_id: UUID, digits: str
) -> list[Named]:
    """Return the documents of a project whose ids begin with these hexadecimal digits."""
    rows = await connection.execute(
        text(
            """
            SELECT id, name FROM document
             WHERE project_id = :project AND draft_of IS NULL AND id BETWEEN :low AND :high
             ORDER BY id LIMIT 10
            """
        ),
        {
            "project": project_id,
            "low": UUID(digits.ljust(_DIGITS, "0")),
            "high": UUID(digits.ljust(_DIGITS, "f")),
        },
    )
    return [Named(row.id, row.name) for row in rows]


async def find_by_names(
    connection: AsyncConnection, project_id: UUID, reference: str
) -> list[Named]:
    """Return documents with that name, or, if there is none, with that last part of their name.

    Of several versions of a name only the newest is returned.
    """
    for variant in name_variants(reference):
        for condition in ("name = :name", "right(name, length(:name) + 1) = '/' || :name"):
            rows = await connection.execute(
                text(
                    f"""
                    SELECT DISTINCT ON (name) id, name FROM document
                     WHERE project_id = :project AND draft_of IS NULL
                       AND {condition.replace(":name", "CAST(:name AS text)")}
                     ORDER BY name, created_at DESC LIMIT 10
                    """
                ),
                {"project": project_id, "name": variant},
            )
            if found := [Named(row.id, row.name) for row in rows]:
                return found
    return []


async def shorten(
    connection: AsyncConnection, project_id: UUID, ids: Iterable[UUID]
) -> dict[UUID, str]:
    """Return the shortest beginning of each id that no other document of the project has."""
    wanted = list(dict.fromkeys(ids))
    rows = await connection.scalars(
        text(
            """
            SELECT DISTINCT d.id
              FROM unnest(CAST(:low AS uuid[]), CAST(:high AS uuid[])) AS r(low, high)
                   JOIN document d ON d.id BETWEEN r.low AND r.high
             WHERE d.project_id = :project AND d.draft_of IS NULL
            """
        ),
        {
            "project": project_id,
            "low": [UUID(item.hex[:SHORTEST].ljust(_DIGITS, "0")) for item in wanted],
            "high": [UUID(item.hex[:SHORTEST].ljust(_DIGITS, "f")) for item in wanted],
        },
    )
    near = {item.hex for item in rows}
    return {item: _shortest(item.hex, near) for item in wanted}


def _shortest(digits: str, near: set[str]) -> str:
    others = near - {digits}
    length = SHORTEST
    while length < _DIGITS and any(other.startswith(digits[:length]) for other in others):
        length += 1
    return digits[:length]
