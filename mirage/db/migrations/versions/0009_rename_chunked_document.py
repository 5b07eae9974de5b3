"""Rename `cutting` to `chunked_document` and `obstacle` to `blocker`, as the code calls them.

Code of revision 0008 must not work with it, because it asks for the old names.
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE cutting RENAME TO chunked_document",
    "ALTER TABLE chunked_document RENAME CONSTRAINT cutting_pkey TO chunked_document_pkey",
    """
    ALTER TABLE chunked_document RENAME CONSTRAINT cutting_document_id_fkey
                                                TO chunked_document_document_id_fkey
    """,
    """
    ALTER TABLE chunked_document RENAME CONSTRAINT cutting_generation_id_fkey
                                                TO chunked_document_generation_id_fkey
    """,
    "ALTER TABLE obstacle RENAME TO blocker",
    "ALTER TABLE blocker RENAME CONSTRAINT obstacle_pkey TO blocker_pkey",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (9, 9)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
