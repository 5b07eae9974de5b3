"""PostgreSQL: every SQL statement of the program is in here."""

from mirage.db.engine import Database

__all__ = ["Database"]
