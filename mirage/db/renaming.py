"""Renaming a document without taking the name of another one."""

from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.queue import LOCK_ORDER
from mirage.db.queue.words import mark_stale
from mirage.db.tables import ProjectRow
from mirage.errors import DocumentExists


async def rename_document(
    connection: AsyncConnection, project_id: UUID, document: UUID, name: str
) -> None:
    """Rename a document with the other versions of its name; do nothing when it is gone.

    So a newer version that is not ready yet still replaces the present one. Raise DocumentExists
    when another document has the name.
    """
    # An upload, which might bring the name, waits for this lock before it adds a row.
    await connection.execute(
        select(ProjectRow.id).where(ProjectRow.id == project_id).with_for_update()
    )
    values = {"project": project_id, "id": document, "name": name}
    versions = """
        project_id = :project AND draft_of IS NULL
        AND name = (SELECT name FROM document
                     WHERE project_id = :project AND id = :id AND draft_of IS NULL)
        """
    await connection.execute(
        text(f"SELECT 1 FROM document WHERE {versions} ORDER BY {LOCK_ORDER} FOR UPDATE"),
        {"project": project_id, "id": document},
    )
    other = await connection.scalar(
        text(
            """
            SELECT id FROM document
             WHERE project_id = :project AND name = :name AND draft_of IS NULL
               AND name <> (SELECT name FROM document WHERE id = :id)
             ORDER BY created_at DESC, id LIMIT 1
            """
        ),
        values,
    )
    if other is not None:
        raise DocumentExists(f"the document {other} has the name {name!r} already")
    renamed = await connection.scalars(
        text(f"UPDATE document SET name = :name, updated_at = now() WHERE {versions} RETURNING id"),
        values,
    )
    await mark_stale(connection, list(renamed))  # Searches find a document by its name, too.
