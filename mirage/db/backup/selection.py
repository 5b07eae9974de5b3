"""Which documents of a backup a database lacks.

Two temporary tables say it: `restored` has the documents to add with the keys of their files,
`restored_project` the projects with their names here. Both end with the transaction.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.backup.staging import Staging
from mirage.db.backup.statements import count, execute
from mirage.names import MAX_CHARACTERS

_PAGE = 500


@dataclass(frozen=True, slots=True)
class RestoredOriginal:
    """A document of the backup, with the file that it needs.

    `present_key` is set if the database has the document already: the key of its file there.
    """

    document_id: UUID
    key: str
    name: str
    project: str
    project_id: UUID
    sha256: bytes
    size_bytes: int
    created_at: datetime
    present_key: str | None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is not added: documents that are there, and those whose name another one has.

    `renamed` are projects whose name another one has here: old and new name.
    """

    present: int
    other_versions: int
    renamed: Sequence[tuple[str, str]]


class Selection:
    """The documents to add. All statements run in the transaction of the staging tables."""

    def __init__(self, staging: Staging) -> None:
        self._staging = staging
        self._connection: AsyncConnection = staging.connection

    async def keep_project(self, reference: str) -> UUID | None:
        """Leave out all other projects, and the keys; return None if the backup lacks it."""
        project: UUID | None = await self._connection.scalar(
            text(
                f"""
                SELECT id FROM {self._staging.table("project")}
                 WHERE name = :reference OR CAST(id AS text) = lower(:reference)
                """
            ),
            {"reference": reference},
        )
        if project is not None:
            for table, column in (("project", "id"), ("document", "project_id")):
                await self._connection.execute(
                    text(f"DELETE FROM {self._staging.table(table)} WHERE {column} <> :project"),
                    {"project": project},
                )
            await self._connection.execute(text(f"DELETE FROM {self._staging.table('api_key')}"))
        return project

    async def choose(self) -> Chosen:
        """Choose the documents to add; return what is not added."""
        renamed = await self._choose_projects()
        document = self._staging.table("document")
        await execute(
            self._connection,
            "CREATE TEMPORARY TABLE restored (id uuid PRIMARY KEY, file_key text) ON COMMIT DROP",
        )
        present = await count(
            self._connection,
            f"FROM {document} s JOIN document t ON t.id = s.id WHERE s.draft_of IS NULL",
        )
        other = f"""
            EXISTS (SELECT 1 FROM document t
                     WHERE t.project_id = s.project_id AND t.name = s.name AND t.draft_of IS NULL
                       AND NOT EXISTS (SELECT 1 FROM {document} x WHERE x.id = t.id))
            """
        missing = f"""
            FROM {document} s
            WHERE s.draft_of IS NULL AND NOT EXISTS (SELECT 1 FROM document t WHERE t.id = s.id)
            """
        other_versions = await count(self._connection, f"{missing} AND {other}")
        await execute(
            self._connection,
            f"INSERT INTO restored SELECT s.id, s.file_key {missing} AND NOT {other}",
        )
        await execute(self._connection, "ANALYZE restored")
        return Chosen(present, other_versions, renamed)

    async def originals(self) -> AsyncIterator[RestoredOriginal]:
        """Yield the documents to add, and those that are there and whose file may be missing."""
        after = UUID(int=0)
        while True:
            rows = (
                await self._connection.execute(
                    text(
                        f"""
                        SELECT s.id AS document_id, s.file_key AS key, s.name, p.name AS project,
                               p.id AS project_id, s.sha256, s.size_bytes, s.created_at,
                               t.file_key AS present_key
                          FROM {self._staging.table("document")} s
                               JOIN restored_project p ON p.id = s.project_id
                               LEFT JOIN restored r ON r.id = s.id
                               LEFT JOIN document t ON t.id = s.id
                         WHERE s.draft_of IS NULL AND s.id > :after
                           AND (r.id IS NOT NULL OR t.id IS NOT NULL)
                         ORDER BY s.id LIMIT {_PAGE}
                        """
                    ),
                    {"after": after},
                )
            ).all()
            if not rows:
                return
            for row in rows:
                values = {**row._mapping, "sha256": bytes(row.sha256)}
                yield RestoredOriginal(**values)
            after = rows[-1].document_id

    async def set_keys(self, keys: Mapping[UUID, str]) -> None:
        """Store under which keys the files of some documents are."""
        await self._connection.execute(
            text(
                """
                UPDATE restored r SET file_key = k.key
                  FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[])) AS k(id, key)
                 WHERE k.id = r.id
                """
            ),
            {"ids": list(keys), "keys": list(keys.values())},
        )

    async def _choose_projects(self) -> list[tuple[str, str]]:
        """Choose each project's name here, another one if it is in use; return those."""
        renamed = []
        await execute(
            self._connection,
            "CREATE TEMPORARY TABLE restored_project"
            " (id uuid PRIMARY KEY, name text, is_new boolean) ON COMMIT DROP",
        )
        rows = await self._connection.execute(
            text(
                f"""
                SELECT s.id, s.name, t.name AS present,
                       EXISTS (SELECT 1 FROM project o WHERE o.name = s.name AND o.id <> s.id)
                           AS is_taken
                  FROM {self._staging.table("project")} s LEFT JOIN project t ON t.id = s.id
                """
            )
        )
        chosen = []
        for row in rows.all():
            name = row.present or row.name
            if row.present is None and row.is_taken:
                name = await self._free_name(row.name, row.id)
                renamed.append((row.name, name))
            chosen.append((row.id, name, row.present is None))
        await self._connection.execute(
            text(
                """
                INSERT INTO restored_project
                SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]),
                                     CAST(:new AS boolean[]))
                """
            ),
            {
                "ids": [project for project, _, _ in chosen],
                "names": [name for _, name, _ in chosen],
                "new": [is_new for _, _, is_new in chosen],
            },
        )
        return renamed

    async def _free_name(self, name: str, project: UUID) -> str:
        for addition in (" (restored)", f" (restored {str(project)[:8]})", f" {project}"):
            free = name[: MAX_CHARACTERS - len(addition)] + addition
            taken = await self._connection.scalar(
                text("SELECT 1 FROM project WHERE name = :name"), {"name": free}
            )
            if not taken:
                return free
        return str(f"restored {project}")
