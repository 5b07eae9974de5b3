"""Keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Moment, Request, Response
from mirage.model import Scope


class NewKey(Request):
    """A key to create."""

    name: Annotated[str, Field(examples=["website"])]
    """Unique name of 1 to 100 characters."""
    scope: Scope = Scope.READ
    """`read`: list and search; `write`: also create projects, and upload, rename, reindex and
    delete documents; `admin`: also rename and delete projects, manage keys and generations."""
    projects: Annotated[list[str], Field(min_length=1, max_length=1000)] | None = None
    """Names or ids of the projects that the key is limited to; null for all projects."""
    expires_at: Moment | None = None
    """When the key expires; null for never."""


class Key(Response):
    """A key without its token, which is not stored."""

    id: UUID
    name: str
    scope: Scope
    project_ids: list[UUID] | None
    """Null for all projects."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """Last use, accurate to one minute."""


class CreatedKey(Key):
    """A key with its token."""

    token: str
    """The token; save it now, because it cannot be shown again."""


class KeyList(Response):
    """All keys by name, except the key of the settings."""

    keys: list[Key]
