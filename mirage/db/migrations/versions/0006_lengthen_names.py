"""Let a document's name have 4,096 bytes: a B-tree takes 2,704, a hash index any number.

Safe to run while revision 0004 serves, which compares names with `=` only.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "DROP INDEX document_name_idx",
    "CREATE INDEX document_name_idx ON document USING hash (name)",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (6, 4)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
