"""Projects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Request, Response


class NewProject(Request):
    """A project to make."""

    name: Annotated[str, Field(examples=["handbooks"])]
    """1 to 100 characters, one of them to be seen, without `/` and control characters."""


class Project(Response):
    """A shelf of documents that is searched together."""

    id: UUID
    name: str
    created_at: datetime


class ProjectList(Response):
    """All projects by name."""

    projects: list[Project]


class RenamedProject(Request):
    """What is to change in a project."""

    name: Annotated[str, Field(examples=["manuals"])]
    """The new name, under the same rules as that of a new project."""
