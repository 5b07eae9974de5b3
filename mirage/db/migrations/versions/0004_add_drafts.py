"""Let a document be indexed anew in a draft beside it.

Safe to run while revision 0003 serves: there a draft is a document without a name. An indexer of
that revision cannot finish one, which the check refuses; it is left to one of this revision.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE document ADD COLUMN draft_of uuid,"
    " ADD CONSTRAINT document_draft_of_fkey FOREIGN KEY (draft_of) REFERENCES document (id)"
    " ON DELETE CASCADE,"
    " ADD CONSTRAINT document_draft_of_key UNIQUE (draft_of),"
    " ADD CONSTRAINT document_draft_check"
    " CHECK (draft_of IS NULL OR status IN ('pending', 'parsing', 'embedding'))",
    # A draft is made from the file of its document.
    "ALTER TABLE document DROP CONSTRAINT document_file_key_key",
    "CREATE UNIQUE INDEX document_file_key_key ON document (file_key) WHERE draft_of IS NULL",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (4, 1)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
