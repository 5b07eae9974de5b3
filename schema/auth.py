"""The key for requests to the API, and the key for the embedding server."""

from schema.section import Name, Section, Text


class Auth(Section):
    """Keys for the API and for the embedding server."""

    api_key: Text | None = None
    """Key for the API; if null, one is generated and kept across upgrades."""
    existing_secret: Name | None = None
    """Existing Secret with the key `api-key`; takes precedence over `apiKey`."""
    openai_key: Text | None = None
    """Key for the server at `config.openai.url`; if null, no key is sent."""
    openai_existing_secret: Name | None = None
    """Existing Secret with the key `openai-api-key`; takes precedence over `openaiKey`."""
