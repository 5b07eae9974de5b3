"""Add an id of the database, which the store of originals names as its owner.

Safe to run while revision 0004 serves.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE identity (
        id uuid CONSTRAINT identity_pkey PRIMARY KEY,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "INSERT INTO identity (id) VALUES (gen_random_uuid())",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (5, 4)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
