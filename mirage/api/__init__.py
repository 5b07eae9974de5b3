"""The HTTP API."""

from mirage.api.app import create_app

__all__ = ["create_app"]
