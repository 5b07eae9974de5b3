"""The key that every request to the API carries."""

from schema.section import Name, Section, Text


class Auth(Section):
    """The API's key: in an existing Secret, given, or generated and kept."""

    api_key: Text | None = None
    """The key; null: one is generated and kept over upgrades."""
    existing_secret: Name | None = None
    """Secret with the key `api-key`; wins over `apiKey`."""
