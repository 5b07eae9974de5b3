"""Store with a generation which chunk size the settings asked for.

The warning that a model takes less is computed from it, so its copies on documents are removed.
Code of revision 0004 works with it. It would store copies again, but migration 0009 stops it.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE generation ADD COLUMN asked_chunk_size integer,
                           ADD COLUMN asked_chunk_overlap integer
    """,
    # The sentence as revisions up to 0007 wrote it.
    """
    UPDATE document
       SET warnings = ARRAY(
               SELECT w FROM unnest(warnings) WITH ORDINALITY AS listed (w, n)
                WHERE w NOT LIKE '% takes % tokens at most, so chunks have % tokens with an overlap'
                                 ' of % instead of % with % (chunk.size, chunk.overlap).'
                ORDER BY n)
     WHERE array_to_string(warnings, ' ') LIKE '% tokens at most, so chunks have %'
    """,
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (8, 4)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
