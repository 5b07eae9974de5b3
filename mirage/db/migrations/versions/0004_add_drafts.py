"""Let a document be reindexed in a draft next to it, and a chunk wait without its words.

Code of revision 0003 must not work with it: it would show a draft as a document without a name,
whose deletion takes the file of another document along, and make chunks ready without words. The
checks stop a worker of that revision that is running.
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
    "ALTER TABLE chunk ALTER COLUMN lexemes DROP NOT NULL, ALTER COLUMN terms DROP NOT NULL,"
    " ADD CONSTRAINT chunk_words_check CHECK (status <> 'ready' OR lexemes IS NOT NULL)",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (4, 4)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
