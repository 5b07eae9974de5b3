"""Projects."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Request, Response
from mirage.model import DocumentStatus


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


class Folder(Response):
    """A folder in the names of documents."""

    name: str
    """Such as `pumps/`."""
    documents: int
    """Documents in it, and in the folders below."""


class ProjectSummary(Response):
    """Counts of the documents of a project, or of those in a folder."""

    statuses: dict[DocumentStatus, int]
    """Documents per status; a status without documents is missing."""
    with_remarks: int
    """Documents with warnings about their file."""
    size_bytes: int
    passages_ready: int
    """Searchable passages, of `passages_total`."""
    passages_total: int
    folders: list[Folder]
    """Folders directly below, by name; at most 1,000."""


class RenamedProject(Request):
    """A new name for a project."""

    name: Annotated[str, Field(examples=["manuals"])]
    """New name, with the same rules as for a new project."""
