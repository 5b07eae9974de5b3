"""Record for each document which version of the analysis made the words of its chunks.

0 is what PostgreSQL's parser made; an indexer rewrites such words in the background, and searches
find them until then. The index of words has only chunks that are ready. Code of revision 0009 works
with it, but its searches by words are slow, and the words that it stores count as version 0.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "ALTER TABLE chunked_document ADD COLUMN words_version integer NOT NULL DEFAULT 0",
    "CREATE INDEX chunked_document_words_idx ON chunked_document (words_version)",
    "DROP INDEX chunk_lexemes_idx",
    "CREATE INDEX chunk_lexemes_idx ON chunk USING gin (lexemes) WHERE status = 'ready'",
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (10, 9)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
