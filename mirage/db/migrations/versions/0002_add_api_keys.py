"""Add API keys next to the one in the settings.

Safe to run while revision 0001 serves.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    CREATE TABLE api_key (
        id uuid CONSTRAINT api_key_pkey PRIMARY KEY,
        name text NOT NULL CONSTRAINT api_key_name_key UNIQUE,
        sha256 bytea NOT NULL CONSTRAINT api_key_sha256_key UNIQUE,
        scope text NOT NULL,
        project_ids uuid[],
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        CONSTRAINT api_key_scope_check CHECK (scope IN ('read', 'write', 'admin'))
    )
    """,
    # The oldest revision of the code that works with the schema after this migration.
    "INSERT INTO compatibility VALUES (2, 1)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)
