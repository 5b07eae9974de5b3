"""Projects."""

from uuid import UUID, uuid4

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.queue import LOCK_ORDER
from mirage.errors import ProjectExists
from mirage.model import Project
from mirage.names import parse_id

_COLUMNS = "id, name, created_at"


async def insert_project(
    connection: AsyncConnection, name: str, identity: UUID | None = None
) -> Project | None:
    """Make a project, with an id of its own unless one is given; None when the name is taken."""
    row = (
        await connection.execute(
            text(
                "INSERT INTO project (id, name) VALUES (:id, :name)"
                f" ON CONFLICT (name) DO NOTHING RETURNING {_COLUMNS}"
            ),
            {"id": identity or uuid4(), "name": name},
        )
    ).one_or_none()
    return _project(row) if row else None


async def find_project(connection: AsyncConnection, reference: str) -> Project | None:
    """The project of that name or, when the reference is a UUID, of that id."""
    row = (
        await connection.execute(
            text(f"SELECT {_COLUMNS} FROM project WHERE name = :name OR id = :id"),
            {"name": reference, "id": parse_id(reference)},
        )
    ).one_or_none()
    return _project(row) if row else None


async def lock_project(connection: AsyncConnection, project_id: UUID) -> bool:
    """Keep the project from being deleted until the transaction ends; False when it is gone."""
    locked = await connection.scalar(
        text("SELECT id FROM project WHERE id = :id FOR KEY SHARE"), {"id": project_id}
    )
    return locked is not None


async def list_projects(connection: AsyncConnection) -> list[Project]:
    """All projects by name."""
    rows = await connection.execute(text(f"SELECT {_COLUMNS} FROM project ORDER BY name"))
    return [_project(row) for row in rows]


async def rename_project(
    connection: AsyncConnection, project_id: UUID, name: str
) -> Project | None:
    """Give the project another name; None when it is gone. Raises ProjectExists."""
    try:
        row = (
            await connection.execute(
                text(f"UPDATE project SET name = :name WHERE id = :id RETURNING {_COLUMNS}"),
                {"id": project_id, "name": name},
            )
        ).one_or_none()
    except IntegrityError as error:
        raise ProjectExists(f"there is a project {name!r} already") from error
    return _project(row) if row else None


async def delete_project(connection: AsyncConnection, project_id: UUID) -> list[str]:
    """Delete a project with all that belongs to it; gives the keys of files to remove."""
    # Locks the project first: an upload that is about to insert waits, then finds nothing. Then
    # the documents in the order of all others who lock several, so that none waits in a circle.
    await connection.execute(
        text("SELECT 1 FROM project WHERE id = :id FOR UPDATE"), {"id": project_id}
    )
    await connection.execute(
        text(f"SELECT 1 FROM document WHERE project_id = :id ORDER BY {LOCK_ORDER} FOR UPDATE"),
        {"id": project_id},
    )
    keys = await connection.scalars(
        text("DELETE FROM document WHERE project_id = :id RETURNING file_key"), {"id": project_id}
    )
    found = list(keys)
    await connection.execute(text("DELETE FROM project WHERE id = :id"), {"id": project_id})
    return found


def _project(row: Row[tuple[UUID, str, object]]) -> Project:
    return Project(**row._mapping)
