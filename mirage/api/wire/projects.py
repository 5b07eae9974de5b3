"""Projects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Request, Response


class NewProject(Request):
    """A project to create."""

    name: Annotated[str, Field(examples=["handbooks"])]
    """1 to 100 characters, at least one visible, without `/` and control characters."""


class Project(Response):
    """A collection of documents that are searched together."""

    id: UUID
    name: str
    created_at: datetime


class ProjectList(Response):
    """All projects by name."""

    projects: list[Project]


class RenamedProject(Request):
    """A new name for a project."""

    name: Annotated[str, Field(examples=["manuals"])]
    """New name, with the same rules as for a new project."""
