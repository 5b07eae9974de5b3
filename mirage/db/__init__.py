"""PostgreSQL: every SQL statement of the program is in here."""

from mirage.db.engine import Connection, Database

__all__ = ["Connection", "Database"]
