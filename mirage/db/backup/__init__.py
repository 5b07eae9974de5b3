"""The database's side of backups: `snapshot.py` reads, `staging.py` loads, `merge.py` adds rows.

A table that is new in a migration belongs into `SAVED` or `NOT_SAVED`; a test compares them with
the schema.
"""

from mirage.errors import MirageError

SAVED = (
    "generation",
    "project",
    "document",
    "section",
    "chunked_document",
    "split",
    "chunk",
    "embedding",
    "api_key",
)
"""Tables in a backup, in the order in which they are loaded: a table after those it refers to."""

NOT_SAVED = {
    "blocker": "is the state of running processes",
    "compatibility": "belongs to the schema, whose revision is in the manifest",
    "identity": "is in the manifest",
}
"""Tables that are not in a backup, and why."""


class BackupDamaged(MirageError):
    """Restore an older backup, or make a new one with `mirage backup create --recheck`."""

    code = "backup-damaged"
