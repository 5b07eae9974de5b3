"""${message}

Safe to run while revision ${down_revision} serves.
"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
    # The oldest revision of the code that works with the schema after this migration.
    op.execute("INSERT INTO compatibility VALUES (${int(up_revision)}, 1)")
