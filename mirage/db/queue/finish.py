"""How the work on a document ends: it is ready, or it failed.

A document that is indexed anew has a draft beside it: a row of its own that passes through the
queue like any other, and that nothing shows or finds. Once the draft is whole, it takes the place
of what the document had, in one transaction; when it fails, all stays as it was, with the reason.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import COMPLETE, Generation, current_generations
from mirage.db.queue import LOCK_ORDER
from mirage.db.queue.chunked import chunk_id, forget_chunks
from mirage.db.queue.splits import move_splits

_KEPT = "It could not be indexed anew, so the passages of before stay. "
_ROWS = 500  # A statement: some 1 s with an HNSW index, far from the statement timeout.


async def lock_documents(connection: AsyncConnection, documents: Sequence[UUID]) -> None:
    """Keep documents, and of drafts also what they are drafts of, until the transaction ends.

    Always in the same order, and before any of their chunks.
    """
    await connection.execute(
        text(
            "SELECT 1 FROM document WHERE id = ANY(CAST(:ids AS uuid[]) || ARRAY("
            "    SELECT draft_of FROM document"
            "     WHERE id = ANY(CAST(:ids AS uuid[])) AND draft_of IS NOT NULL))"
            f" ORDER BY {LOCK_ORDER} FOR UPDATE"
        ),
        {"ids": list(documents)},
    )


async def finish_documents(
    connection: AsyncConnection, generation_id: int, documents: Sequence[UUID] | None = None
) -> list[str]:
    """Make those `ready` that have all their vectors in the active generation; None: of all.

    Each replaces older ones of its name; gives the keys of their files. The caller holds the locks
    of `documents`.
    """
    given = "true" if documents is None else "d.id = ANY(CAST(:ids AS uuid[]))"
    values: dict[str, object] = {"generation": generation_id} | (
        {} if documents is None else {"ids": documents}
    )
    made_anew = await _finish_drafts(connection, given, values, lock=documents is None)
    if documents is not None:
        values["ids"] = [*documents, *made_anew]
    finished = await connection.execute(
        text(
            "UPDATE document d SET status = 'ready', updated_at = now()"
            f" WHERE d.status = 'embedding' AND d.draft_of IS NULL AND {COMPLETE} AND {given}"
            " RETURNING d.id, d.project_id, d.name, d.created_at"
        ),
        values,
    )
    replaced: list[str] = []
    for row in finished.all():
        replaced += await connection.scalars(
            text(
                "DELETE FROM document WHERE project_id = :project_id AND name = :name"
                " AND id <> :id AND created_at < :created_at RETURNING file_key"
            ),
            dict(row._mapping),
        )
    return replaced


async def fail(connection: AsyncConnection, document: UUID, code: str, sentence: str) -> None:
    """Keep the reason; only a person can help now. The caller holds the document's lock.

    A draft is given up, and its document stays as it was.
    """
    original = await connection.scalar(
        text("DELETE FROM document WHERE id = :id AND draft_of IS NOT NULL RETURNING draft_of"),
        {"id": document},
    )
    if original is None:
        change = "status = 'failed', lease_token = NULL, leased_until = NULL, error = :error"
    else:
        change = f"error = CASE status WHEN 'ready' THEN '{_KEPT}' ELSE '' END || :error"
    await connection.execute(
        text(
            f"UPDATE document SET {change}, error_code = :code, updated_at = now() WHERE id = :id"
        ),
        {"id": original or document, "code": code, "error": sentence},
    )


async def _finish_drafts(
    connection: AsyncConnection, given: str, values: dict[str, object], *, lock: bool
) -> list[UUID]:
    """Put drafts that are whole in the place of what their documents had; gives the documents."""
    whole = text(
        "SELECT d.id, d.draft_of FROM document d"
        f" WHERE d.status = 'embedding' AND d.draft_of IS NOT NULL AND {COMPLETE} AND {given}"
    )
    drafts = (await connection.execute(whole, values)).all()
    if drafts and lock:
        await lock_documents(connection, [draft.id for draft in drafts])
        drafts = (await connection.execute(whole, values)).all()
    for draft in drafts:
        await _replace_by_draft(connection, draft.draft_of, draft.id)
    return [draft.draft_of for draft in drafts]


async def _replace_by_draft(connection: AsyncConnection, document: UUID, draft: UUID) -> None:
    await move_splits(connection, document, draft)
    await forget_chunks(connection, document)
    await connection.execute(text("DELETE FROM section WHERE document_id = :id"), {"id": document})
    # Of other generations nothing is worked on; what was begun there goes with the draft.
    for generation in await current_generations(connection):
        await _move_chunks(connection, generation, draft, document)
        await connection.execute(
            text(
                "UPDATE cutting SET document_id = :document"
                " WHERE document_id = :draft AND generation_id = :generation"
            ),
            {"document": document, "draft": draft, "generation": generation.id},
        )
    await connection.execute(
        text("UPDATE section SET document_id = :document WHERE document_id = :draft"),
        {"document": document, "draft": draft},
    )
    # It becomes `embedding` for the rest of this transaction, and goes the way of all that are
    # finished. Whoever cuts the old text for another generation loses his claim.
    await connection.execute(
        text(
            "UPDATE document d SET status = 'embedding', title = n.title, language = n.language,"
            " page_count = n.page_count, warnings = n.warnings, error = NULL, error_code = NULL,"
            " attempts = 0, not_before = now(), lease_token = NULL, leased_until = NULL,"
            " updated_at = now() FROM document n WHERE d.id = :document AND n.id = :draft"
        ),
        {"document": document, "draft": draft},
    )
    await connection.execute(text("DELETE FROM document WHERE id = :draft"), {"draft": draft})


async def _move_chunks(
    connection: AsyncConnection, generation: Generation, draft: UUID, document: UUID
) -> None:
    """Make a draft's chunks those of its document, with the ids that a first run would give."""
    chunks = await connection.execute(
        text(
            "SELECT id, start_offset, end_offset FROM chunk"
            " WHERE document_id = :draft AND generation_id = :generation"
        ),
        {"draft": draft, "generation": generation.id},
    )
    moves = [
        (row.id, chunk_id(document, generation, row.start_offset, row.end_offset)) for row in chunks
    ]
    for at in range(0, len(moves), _ROWS):
        part = moves[at : at + _ROWS]
        # One statement, for a vector must not be without its chunk at the end of any.
        await connection.execute(
            text(
                """
                WITH move AS (
                    SELECT * FROM unnest(CAST(:old AS uuid[]), CAST(:new AS uuid[])) AS m(old, new)
                ), vectors AS (
                    UPDATE embedding e SET chunk_id = move.new, document_id = :document FROM move
                     WHERE e.chunk_id = move.old AND e.generation_id = :generation
                )
                UPDATE chunk c SET id = move.new, document_id = :document, lease_token = NULL,
                       leased_until = NULL
                  FROM move WHERE c.id = move.old
                """
            ),
            {
                "old": [old for old, _ in part],
                "new": [new for _, new in part],
                "document": document,
                "generation": generation.id,
            },
        )
