"""Backups, against a real PostgreSQL and real folders."""
