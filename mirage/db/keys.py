"""Keys beside the one of the settings, by the SHA-256 of their tokens."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.model import ApiKey, Scope

_COLUMNS = "id, name, scope, project_ids, created_at, expires_at, last_used_at"


async def insert_key(
    connection: AsyncConnection,
    name: str,
    sha256: bytes,
    scope: Scope,
    project_ids: Sequence[UUID] | None,
    expires_at: datetime | None,
) -> ApiKey | None:
    """Make a key; None when the name is taken."""
    row = (
        await connection.execute(
            text(
                "INSERT INTO api_key (id, name, sha256, scope, project_ids, expires_at)"
                " VALUES (:id, :name, :sha256, :scope, :project_ids, :expires_at)"
                f" ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}"
            ),
            {
                "id": uuid4(),
                "name": name,
                "sha256": sha256,
                "scope": scope.value,
                "project_ids": None if project_ids is None else list(project_ids),
                "expires_at": expires_at,
            },
        )
    ).one_or_none()
    return _key(row._mapping) if row else None


async def find_key(connection: AsyncConnection, sha256: bytes) -> ApiKey | None:
    """The key of that token, unless it has expired. Index api_key_sha256_key.

    Writes down that it was used, at most once a minute.
    """
    row = (
        await connection.execute(
            text(
                f"SELECT {_COLUMNS},"
                " coalesce(last_used_at < now() - interval '1 minute', true) AS behind"
                " FROM api_key WHERE sha256 = :sha256 AND coalesce(expires_at > now(), true)"
            ),
            {"sha256": sha256},
        )
    ).one_or_none()
    if row is None:
        return None
    fields = {**row._mapping}
    if fields.pop("behind"):
        await connection.execute(
            text(
                "UPDATE api_key SET last_used_at = now() WHERE id = ("
                "SELECT id FROM api_key WHERE id = :id FOR UPDATE SKIP LOCKED)"
            ),
            {"id": row.id},
        )
    return _key(fields)


async def list_valid(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Those of the keys that were neither revoked nor have expired."""
    rows = await connection.scalars(
        text(
            "SELECT id FROM api_key"
            " WHERE id = ANY(:ids) AND coalesce(expires_at > clock_timestamp(), true)"
        ),
        {"ids": list(ids)},
    )
    return set(rows)


async def list_keys(connection: AsyncConnection) -> list[ApiKey]:
    """All keys by name, also those that have expired."""
    rows = await connection.execute(text(f"SELECT {_COLUMNS} FROM api_key ORDER BY name"))
    return [_key(row._mapping) for row in rows]


async def delete_key(connection: AsyncConnection, key: UUID) -> bool:
    """Revoke a key; False when there is none of that id."""
    deleted = await connection.scalar(
        text("DELETE FROM api_key WHERE id = :id RETURNING id"), {"id": key}
    )
    return deleted is not None


def _key(row: RowMapping | dict[str, object]) -> ApiKey:
    fields: dict[str, Any] = {**row}
    fields["scope"] = Scope(fields["scope"])
    if fields["project_ids"] is not None:
        fields["project_ids"] = tuple(fields["project_ids"])
    return ApiKey(**fields)
