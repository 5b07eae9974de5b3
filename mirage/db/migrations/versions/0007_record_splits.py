"""Remember which chunks were split because the embedder found them too long, to ask it again.

Code of revision 0004 works with it: it records nothing, and what it leaves is asked again.
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE split (
        document_id uuid NOT NULL,
        generation_id integer NOT NULL,
        start_offset integer NOT NULL,
        end_offset integer NOT NULL,
        text text NOT NULL,
        asked integer NOT NULL DEFAULT 0,
        not_before timestamp with time zone NOT NULL DEFAULT now() + interval '5 minutes',
        CONSTRAINT split_pkey
            PRIMARY KEY (document_id, generation_id, start_offset, end_offset),
        CONSTRAINT split_document_id_fkey
            FOREIGN KEY (document_id) REFERENCES document (id) ON DELETE CASCADE,
        CONSTRAINT split_generation_id_fkey
            FOREIGN KEY (generation_id) REFERENCES generation (id)
    )
    """,
    "CREATE INDEX split_queue_idx ON split (generation_id, not_before)",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (7, 4)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
