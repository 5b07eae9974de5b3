"""Alembic runs this for each command; `mirage migrate` passes its connection."""

from alembic import context

from mirage.db.migrations.compare import include_object
from mirage.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=include_object,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
