"""The key that every request to the API carries, and the one for the embedding server."""

from schema.section import Name, Section, Text


class Auth(Section):
    """The API's key (in an existing Secret, given, or generated and kept) and the embedder's."""

    api_key: Text | None = None
    """The key; null: one is generated and kept over upgrades."""
    existing_secret: Name | None = None
    """Secret with the key `api-key`; wins over `apiKey`."""
    openai_key: Text | None = None
    """Key of the server at `config.openai.url`; null: none is sent."""
    openai_existing_secret: Name | None = None
    """Secret with the key `openai-api-key`; wins over `openaiKey`."""
