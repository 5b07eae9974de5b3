"""What the active model cannot do for documents: warnings that a switch to another one ends."""

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.languages import describe_language, unknown_language_note
from mirage.model import ChunkSize, limit_note

_NAMED_LANGUAGES = 5


def model_notes(row: RowMapping) -> list[str]:
    """Return the warnings of a document, as a row with facts about the active generation."""
    return [*_language_notes(row), *_limit_notes(row)]


async def foreign_languages(connection: AsyncConnection) -> str | None:
    """Return a warning about `ready` documents in languages that the active model does not know."""
    rows = (
        await connection.execute(
            text(
                """
                SELECT g.model, g.languages, d.language, count(*) AS documents
                  FROM document d JOIN generation g ON g.state = 'active'
                 WHERE d.status = 'ready' AND d.language IS NOT NULL AND g.languages <> '{}'
                   AND NOT g.languages && ARRAY['*', d.language]
                 GROUP BY g.model, g.languages, d.language ORDER BY documents DESC, d.language
                """
            )
        )
    ).all()
    if not rows:
        return None
    counts = [f"{row.documents:,} in {describe_language(row.language)}" for row in rows]
    named = ", ".join(counts[:_NAMED_LANGUAGES])
    if others := sum(row.documents for row in rows[_NAMED_LANGUAGES:]):
        named += f", {others:,} in others"
    what = f"some documents are in other languages ({named})"
    return unknown_language_note(rows[0].model, rows[0].languages, what)


def _language_notes(row: RowMapping) -> list[str]:
    """Return the warning about a language that the model that answers does not know."""
    if not row["is_foreign"]:
        return []
    what = f"this document is in {describe_language(row['language'])}"
    return [unknown_language_note(row["model"], row["known_languages"], what)]


def _limit_notes(row: RowMapping) -> list[str]:
    """Return the warning about the limit of the model that answers, if it lowers `chunk.size`."""
    if not row["is_limited"]:
        return []
    used = ChunkSize(row["chunk_size"], row["chunk_overlap"])
    asked = ChunkSize(row["asked_chunk_size"], row["asked_chunk_overlap"])
    return [limit_note(row["model"], used, asked)]
