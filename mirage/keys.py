"""Use case: API keys, in addition to the key in the settings.

A token is 256 random bits and is shown once. Only its SHA-256 is stored, which cannot be reversed;
a slow hash would only help if tokens could be guessed.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from mirage.db import Database
from mirage.db import keys as rows
from mirage.errors import InvalidRequest, KeyExists, KeyNotFound
from mirage.model import ApiKey, Scope
from mirage.names import check_key_name, to_nfc

PREFIX = "mirage_"
"""Lets people and secret scanners recognise a token."""

_TOKEN = re.compile(PREFIX + r"[\w-]{43}", re.ASCII)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do; `project_ids` is None for all projects.

    `key_id` is None for the key in the settings, and for a user whom a proxy named (`by_proxy`).
    """

    scope: Scope
    project_ids: frozenset[UUID] | None = None
    key_id: UUID | None = None
    by_proxy: bool = False

    def sees(self, project_id: UUID) -> bool:
        """Return whether the key may see the project."""
        return self.project_ids is None or project_id in self.project_ids


EVERYTHING = Access(Scope.ADMIN)
"""Access of the key in the settings."""


async def create_key(
    database: Database,
    name: str,
    scope: Scope,
    project_ids: Sequence[UUID] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create a key; return it and its token. Raises InvalidName, InvalidRequest, KeyExists."""
    name = to_nfc(name)
    check_key_name(name)
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise InvalidRequest("expires_at: must be in the future")
    token = PREFIX + secrets.token_urlsafe(_TOKEN_BYTES)
    async with database.transaction() as connection:
        key = await rows.insert_key(
            connection, name, _digest(token), scope, project_ids, expires_at
        )
    if key is None:
        raise KeyExists(f"a key named {name!r} already exists")
    return key, token


async def find_access(database: Database, token: str) -> Access | None:
    """Return what the token may do, or None if the token is malformed, revoked or expired.

    A malformed token does not reach the database.
    """
    if not _TOKEN.fullmatch(token):
        return None
    async with database.transaction() as connection:
        key = await rows.find_key(connection, _digest(token))
    return _access(key)


async def find_access_by_id(database: Database, key: UUID) -> Access | None:
    """Return what the key with that id may do, or None if it was revoked or has expired."""
    async with database.transaction() as connection:
        return _access(await rows.find_key_by_id(connection, key))


async def list_keys(database: Database) -> list[ApiKey]:
    """Return all keys, by name."""
    async with database.transaction() as connection:
        return await rows.list_keys(connection)


async def revoke_key(database: Database, key: UUID) -> None:
    """Revoke a key at once. Raises KeyNotFound."""
    async with database.transaction() as connection:
        if not await rows.delete_key(connection, key):
            raise KeyNotFound(f"key {key} does not exist")


def _access(key: ApiKey | None) -> Access | None:
    if key is None:
        return None
    project_ids = None if key.project_ids is None else frozenset(key.project_ids)
    return Access(key.scope, project_ids, key.id)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
