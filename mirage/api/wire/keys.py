"""Keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Moment, Request, Response
from mirage.model import Scope


class NewKey(Request):
    """A key to make."""

    name: Annotated[str, Field(examples=["website"])]
    """Tells keys apart: 1 to 100 characters."""
    scope: Scope = Scope.READ
    """`read`: look and search; `write`: also make projects, upload, reindex and delete documents;
    `admin`: also rename and delete projects, and manage keys."""
    projects: Annotated[list[str], Field(min_length=1, max_length=1000)] | None = None
    """Names or ids of the only projects that it may see; null for all."""
    expires_at: Moment | None = None
    """From then on it is refused; null for never."""


class Key(Response):
    """A key without its token, which is nowhere."""

    id: UUID
    name: str
    scope: Scope
    project_ids: list[UUID] | None
    """Null for all projects."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    """At most a minute behind."""


class CreatedKey(Key):
    """A key with its token."""

    token: str
    """Shown this once: keep it now."""


class KeyList(Response):
    """All further keys by name; the one of the settings is not among them."""

    keys: list[Key]
