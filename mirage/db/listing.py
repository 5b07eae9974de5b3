"""Lists of the documents of a project, and their counts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.documents import SELECT, STATUS, to_document
from mirage.db.queue import OPEN
from mirage.model import Document, DocumentStatus, MediaType

_MOST_FOLDERS = 1000


class Order(StrEnum):
    """The order of a list."""

    ARRIVAL = "arrival"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Listing:
    """Which documents are listed, and in which order; None and empty mean any.

    `statuses` are those that a list shows. `folder` is the beginning of names (`pumps/`), `find` a
    part of names in any case. `remarks` lists only documents with warnings about their file.
    """

    statuses: tuple[DocumentStatus, ...] = ()
    folder: str = ""
    find: str = ""
    remarks: bool = False
    order: Order = Order.ARRIVAL

    @property
    def conditions(self) -> str:
        """Return SQL conditions on a document `d`, each with `AND` in front."""
        conditions = ""
        if self.statuses:
            conditions += f" AND {STATUS} = ANY(:statuses)"
        if self.folder:
            conditions += " AND starts_with(d.name, :folder)"
        if self.find:
            conditions += " AND d.name ILIKE :find"
        if self.remarks:
            conditions += " AND cardinality(d.warnings) > 0"
        return conditions

    @property
    def parameters(self) -> dict[str, object]:
        """Return the values for the names that `conditions` uses."""
        values: dict[str, object] = {}
        if self.statuses:
            values["statuses"] = [status.value for status in self.statuses]
        if self.folder:
            values["folder"] = self.folder
        if self.find:
            values["find"] = "%" + re.sub(r"([%_\\])", r"\\\1", self.find) + "%"
        return values


EVERYTHING = Listing()
"""All documents, in order of arrival."""

Place = tuple[datetime | str, UUID]
"""A document's place in a list: the time of its arrival, or its name, and its id."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of names, such as `pumps/`, and how many documents are in it and below."""

    name: str
    documents: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of the documents of a project, or of those in a folder.

    `passages_ready` of `passages_total` are searchable. `folders` are those directly below, by name
    (at most 1,000).
    """

    statuses: dict[DocumentStatus, int]
    with_remarks: int
    size_bytes: int
    passages_ready: int
    passages_total: int
    folders: tuple[Folder, ...]


def place_of(document: Document, order: Order) -> Place:
    """Return a document's place in a list."""
    return (document.name if order is Order.NAME else document.created_at), document.id


async def list_documents(
    connection: AsyncConnection,
    project_id: UUID,
    listing: Listing = EVERYTHING,
    *,
    after: Place | None = None,
    limit: int = 100,
) -> list[Document]:
    """Return documents in their order, those after the place `after`."""
    # By bytes, because the order of a language changes with the version of the server's libraries.
    key = 'd.name COLLATE "C"' if listing.order is Order.NAME else "d.created_at"
    following = f"AND ({key}, d.id) > (:after, CAST(:id AS uuid))" if after else ""
    values = {"after": after[0], "id": after[1]} if after else {}
    rows = await connection.execute(
        text(
            f"""{SELECT}
               AND d.project_id = :project {listing.conditions} {following}
             ORDER BY {key}, d.id LIMIT :limit
            """
        ),
        {"project": project_id, "limit": limit, **listing.parameters, **values},
    )
    return [to_document(row._mapping) for row in rows]


async def list_versions(connection: AsyncConnection, project_id: UUID) -> dict[UUID, datetime]:
    """Return when each document of a project changed last. Progress of its chunks is no change."""
    rows = await connection.execute(
        text(
            """
            SELECT d.id, greatest(d.updated_at, n.updated_at) AS updated_at
              FROM document d LEFT JOIN document n ON n.draft_of = d.id
             WHERE d.project_id = :project AND d.draft_of IS NULL
            """
        ),
        {"project": project_id},
    )
    return {row.id: row.updated_at for row in rows}


async def list_open(
    connection: AsyncConnection, project_id: UUID, *, and_these: Iterable[UUID]
) -> list[Document]:
    """Return documents that are neither ready nor failed, and `and_these`, in order of arrival."""
    rows = await connection.execute(
        text(
            f"""{SELECT}
               AND d.project_id = :project AND ({STATUS} IN {OPEN} OR d.id = ANY(:ids))
             ORDER BY d.created_at, d.id
            """
        ),
        {"project": project_id, "ids": list(and_these)},
    )
    return [to_document(row._mapping) for row in rows]


async def count_by_status(
    connection: AsyncConnection, project_id: UUID
) -> dict[DocumentStatus, int]:
    """Return how many documents are in each status; a status without documents is missing."""
    rows = await connection.execute(
        text(
            f"""
            SELECT {STATUS} AS status, count(*) AS documents
              FROM document d LEFT JOIN document n ON n.draft_of = d.id
             WHERE d.project_id = :project AND d.draft_of IS NULL GROUP BY 1
            """
        ),
        {"project": project_id},
    )
    return {DocumentStatus(row.status): row.documents for row in rows}


async def count_by_project(
    connection: AsyncConnection, project_ids: Iterable[UUID]
) -> dict[UUID, dict[DocumentStatus, int]]:
    """Return what `count_by_status` returns for each of the projects that has documents."""
    rows = await connection.execute(
        text(
            f"""
            SELECT d.project_id, {STATUS} AS status, count(*) AS documents
              FROM document d LEFT JOIN document n ON n.draft_of = d.id
             WHERE d.project_id = ANY(:projects) AND d.draft_of IS NULL GROUP BY 1, 2
            """
        ),
        {"projects": list(project_ids)},
    )
    counts: dict[UUID, dict[DocumentStatus, int]] = {}
    for row in rows:
        counts.setdefault(row.project_id, {})[DocumentStatus(row.status)] = row.documents
    return counts


async def list_kinds(
    connection: AsyncConnection, project_id: UUID
) -> tuple[list[str], list[MediaType]]:
    """Return the languages and the media types of the documents of a project."""
    row = (
        await connection.execute(
            text(
                """
                SELECT array_agg(DISTINCT language ORDER BY language)
                         FILTER (WHERE language IS NOT NULL) AS languages,
                       array_agg(DISTINCT media_type ORDER BY media_type) AS media_types
                  FROM document WHERE project_id = :project AND draft_of IS NULL
                """
            ),
            {"project": project_id},
        )
    ).one()
    return list(row.languages or ()), [MediaType(kind) for kind in row.media_types or ()]


async def list_names(connection: AsyncConnection, project_id: UUID) -> dict[UUID, str]:
    """Return the names of all documents of a project, older versions first."""
    rows = await connection.execute(
        text(
            """
            SELECT id, name FROM document WHERE project_id = :project AND draft_of IS NULL
             ORDER BY created_at, id
            """
        ),
        {"project": project_id},
    )
    return {row.id: row.name for row in rows}


async def summarise(connection: AsyncConnection, project_id: UUID, folder: str = "") -> Summary:
    """Return the counts of the documents whose names begin with `folder`."""
    there = f"d.project_id = :project AND d.draft_of IS NULL{Listing(folder=folder).conditions}"
    values = {"project": project_id, **Listing(folder=folder).parameters}
    counts = await connection.execute(
        text(
            f"""
            SELECT {STATUS} AS status, count(*) AS documents, sum(d.size_bytes) AS size_bytes,
                   count(*) FILTER (WHERE cardinality(d.warnings) > 0) AS with_remarks
              FROM document d LEFT JOIN document n ON n.draft_of = d.id
             WHERE {there} GROUP BY 1
            """
        ),
        values,
    )
    by_status = {DocumentStatus(row.status): row for row in counts}
    passages = (
        await connection.execute(
            text(
                f"""
                SELECT count(*) AS total, count(*) FILTER (WHERE c.status = 'ready') AS ready
                  FROM document d JOIN chunk c ON c.document_id = d.id
                       JOIN generation g ON g.id = c.generation_id AND g.state = 'active'
                 WHERE {there}
                """
            ),
            values,
        )
    ).one()
    folders = await connection.execute(
        text(
            f"""
            SELECT part AS name, count(*) AS documents
              FROM document d,
                   split_part(substr(d.name, :under + 1), '/', 1) part
             WHERE {there} AND length(d.name) > :under + length(part)
             GROUP BY part ORDER BY part COLLATE "C" LIMIT {_MOST_FOLDERS}
            """
        ),
        {**values, "under": len(folder)},
    )
    return Summary(
        {status: by_status[status].documents for status in DocumentStatus if status in by_status},
        sum(row.with_remarks for row in by_status.values()),
        sum(int(row.size_bytes) for row in by_status.values()),
        passages.ready,
        passages.total,
        tuple(Folder(f"{folder}{row.name}/", row.documents) for row in folders),
    )
