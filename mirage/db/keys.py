"""API keys next to the one in the settings, found by the SHA-256 of their tokens."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, RowMapping, delete, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import ApiKeyRow
from mirage.model import ApiKey, Scope

_COLUMNS = (
    ApiKeyRow.id,
    ApiKeyRow.name,
    ApiKeyRow.scope,
    ApiKeyRow.project_ids,
    ApiKeyRow.created_at,
    ApiKeyRow.expires_at,
    ApiKeyRow.last_used_at,
)
# How far `last_used_at` may be behind, so that few uses cost a write.
_USE_PRECISION = timedelta(minutes=1)


async def insert_key(
    connection: AsyncConnection,
    name: str,
    sha256: bytes,
    scope: Scope,
    project_ids: Sequence[UUID] | None,
    expires_at: datetime | None,
) -> ApiKey | None:
    """Store a key; return None when the name is taken."""
    row = (
        await connection.execute(
            insert(ApiKeyRow)
            .values(
                id=uuid4(),
                name=name,
                sha256=sha256,
                scope=scope,
                project_ids=None if project_ids is None else list(project_ids),
                expires_at=expires_at,
            )
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(*_COLUMNS)
        )
    ).one_or_none()
    return _key(row._mapping) if row else None


async def find_key(connection: AsyncConnection, sha256: bytes) -> ApiKey | None:
    """Return the key of that token, unless it has expired. Index api_key_sha256_key.

    Record that it was used, at most once per minute.
    """
    return await _find_valid(connection, ApiKeyRow.sha256 == sha256)


async def find_key_by_id(connection: AsyncConnection, identity: UUID) -> ApiKey | None:
    """Return the key with that id as `find_key` does."""
    return await _find_valid(connection, ApiKeyRow.id == identity)


async def list_valid(connection: AsyncConnection, ids: Collection[UUID]) -> set[UUID]:
    """Return those of the keys that are neither revoked nor expired."""
    rows = await connection.scalars(
        select(ApiKeyRow.id).where(
            ApiKeyRow.id == func.any(list(ids)),
            or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > func.clock_timestamp()),
        )
    )
    return set(rows)


async def list_keys(connection: AsyncConnection) -> list[ApiKey]:
    """Return all keys, ordered by name, also expired ones."""
    rows = await connection.execute(select(*_COLUMNS).order_by(ApiKeyRow.name))
    return [_key(row._mapping) for row in rows]


async def delete_key(connection: AsyncConnection, key: UUID) -> bool:
    """Revoke a key; return False when there is no key with that id."""
    deleted = await connection.scalar(
        delete(ApiKeyRow).where(ApiKeyRow.id == key).returning(ApiKeyRow.id)
    )
    return deleted is not None


async def _find_valid(connection: AsyncConnection, condition: ColumnElement[bool]) -> ApiKey | None:
    behind = ApiKeyRow.last_used_at < func.now() - _USE_PRECISION
    row = (
        await connection.execute(
            select(*_COLUMNS, func.coalesce(behind, True).label("behind")).where(
                condition,
                or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > func.now()),
            )
        )
    ).one_or_none()
    if row is None:
        return None
    fields = {**row._mapping}
    if fields.pop("behind"):
        await connection.execute(
            text(
                """
                UPDATE api_key SET last_used_at = now()
                 WHERE id = (SELECT id FROM api_key WHERE id = :id FOR UPDATE SKIP LOCKED)
                """
            ),
            {"id": row.id},
        )
    return _key(fields)


def _key(row: RowMapping | dict[str, object]) -> ApiKey:
    fields: dict[str, Any] = {**row}
    fields["scope"] = Scope(fields["scope"])
    if fields["project_ids"] is not None:
        fields["project_ids"] = tuple(fields["project_ids"])
    return ApiKey(**fields)
