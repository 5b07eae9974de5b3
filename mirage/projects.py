"""Use case: collections of documents that are searched together."""

import logging
import re

from mirage.db import Connection, Database
from mirage.db import projects as project_rows
from mirage.errors import (
    ProjectExists,
    ProjectNotFound,
)
from mirage.files import Store
from mirage.model import Project
from mirage.names import (
    MAX_CHARACTERS,
    check_project_name,
    name_variants,
    to_nfc,
)

_log = logging.getLogger(__name__)

# PostgreSQL refuses texts with these characters.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


async def create_project(database: Database, name: str) -> Project:
    """Create a project. Raises InvalidName, ProjectExists."""
    name = to_nfc(name)
    check_project_name(name)
    async with database.transaction() as connection:
        project = await project_rows.insert_project(connection, name)
    if project is None:
        raise ProjectExists(f"a project named {name!r} already exists")
    return project


async def find_project(database: Database, reference: str) -> Project:
    """Return a project by name or id. Raises ProjectNotFound."""
    async with database.statements() as connection:
        return await look_up_project(connection, reference)


async def look_up_project(connection: Connection, reference: str) -> Project:
    """Return a project by name or id, using an open connection. Raises ProjectNotFound."""
    project = None
    if not _UNSTORABLE.search(reference):
        for name in name_variants(reference):
            project = project or await project_rows.find_project(connection, name)
    if project is None:
        raise ProjectNotFound(f"project {reference[:MAX_CHARACTERS]!r} does not exist")
    return project


async def rename_project(database: Database, project: Project, name: str) -> Project:
    """Rename a project. Raises InvalidName, ProjectExists, ProjectNotFound."""
    name = to_nfc(name)
    check_project_name(name)
    async with database.transaction() as connection:
        renamed = await project_rows.rename_project(connection, project.id, name)
    if renamed is None:
        raise ProjectNotFound(f"project {project.name!r} was deleted in the meantime")
    return renamed


async def delete_project(database: Database, store: Store, project: Project) -> None:
    """Delete a project, its documents, their files and vectors."""
    keys = await database.run(
        lambda connection: project_rows.delete_project(connection, project.id)
    )
    await store.delete(keys)
