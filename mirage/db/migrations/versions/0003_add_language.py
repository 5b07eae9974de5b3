"""Add the language of a document, and the languages of a generation's model.

Safe to run while revision 0002 serves. Present documents have no language until they are
reindexed: their words are stemmed as before.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE document ADD COLUMN language text",
    # It takes some milliseconds: a table of documents is small next to those of their text.
    "CREATE INDEX document_language_idx ON document (project_id, language)",
    "ALTER TABLE generation ADD COLUMN languages text[] NOT NULL DEFAULT '{}'",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (3, 1)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
