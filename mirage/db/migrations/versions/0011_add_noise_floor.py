"""Store with a generation the cosines of random pairs of its vectors.

An indexer measures them. Code of revision 0009 works with it.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    ALTER TABLE generation ADD COLUMN floor_mean double precision,
                           ADD COLUMN floor_deviation double precision,
                           ADD COLUMN floor_vectors integer
    """,
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (11, 9)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
