"""Projects: create, find, lock, rename and delete them."""

from uuid import UUID, uuid4

from sqlalchemy import RowMapping, delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.queue import LOCK_ORDER
from mirage.db.tables import DocumentRow, ProjectRow
from mirage.errors import ProjectExists
from mirage.model import Project
from mirage.names import parse_id

_COLUMNS = ProjectRow.id, ProjectRow.name, ProjectRow.created_at


async def insert_project(
    connection: AsyncConnection, name: str, identity: UUID | None = None
) -> Project | None:
    """Store a project, with a new id unless one is given; return None when the name is taken."""
    row = (
        await connection.execute(
            insert(ProjectRow)
            .values(id=identity or uuid4(), name=name)
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(*_COLUMNS)
        )
    ).one_or_none()
    return _project(row._mapping) if row else None


async def find_project(connection: AsyncConnection, reference: str) -> Project | None:
    """Return the project of that name or, when the reference is a UUID, of that id."""
    row = (
        await connection.execute(
            select(*_COLUMNS).where(
                or_(ProjectRow.name == reference, ProjectRow.id == parse_id(reference))
            )
        )
    ).one_or_none()
    return _project(row._mapping) if row else None


async def lock_project(connection: AsyncConnection, project_id: UUID) -> bool:
    """Lock the project against deletion until the transaction ends; return False if it is gone."""
    locked = await connection.scalar(
        select(ProjectRow.id)
        .where(ProjectRow.id == project_id)
        .with_for_update(read=True, key_share=True)
    )
    return locked is not None


async def list_projects(connection: AsyncConnection) -> list[Project]:
    """Return all projects, ordered by name."""
    rows = await connection.execute(select(*_COLUMNS).order_by(ProjectRow.name))
    return [_project(row._mapping) for row in rows]


async def rename_project(
    connection: AsyncConnection, project_id: UUID, name: str
) -> Project | None:
    """Rename a project; return None when it is gone. Raise ProjectExists."""
    try:
        row = (
            await connection.execute(
                update(ProjectRow)
                .where(ProjectRow.id == project_id)
                .values(name=name)
                .returning(*_COLUMNS)
            )
        ).one_or_none()
    except IntegrityError as error:
        raise ProjectExists(f"there is a project {name!r} already") from error
    return _project(row._mapping) if row else None


async def delete_project(connection: AsyncConnection, project_id: UUID) -> list[str]:
    """Delete a project with all that belongs to it; return the keys of files to remove."""
    # The project first: an upload that is about to insert waits, and then finds no project. Then
    # the documents in the order that every transaction uses, which prevents deadlocks.
    await connection.execute(
        select(ProjectRow.id).where(ProjectRow.id == project_id).with_for_update()
    )
    await connection.execute(
        text(f"SELECT 1 FROM document WHERE project_id = :id ORDER BY {LOCK_ORDER} FOR UPDATE"),
        {"id": project_id},
    )
    keys = await connection.scalars(
        delete(DocumentRow)
        .where(DocumentRow.project_id == project_id)
        .returning(DocumentRow.file_key)
    )
    found = list(keys)
    await connection.execute(delete(ProjectRow).where(ProjectRow.id == project_id))
    return found


def _project(row: RowMapping) -> Project:
    return Project(**row)
