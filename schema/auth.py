"""The key for requests to the API, and the key for the embedding server."""

from typing import Annotated

from schema.rules import quoted
from schema.section import Name, Section


class Auth(Section):
    """Keys for the API and for the embedding server."""

    api_key: Annotated[str, quoted("api key")] | None = None
    """Key for the API; if null, one is generated and kept across upgrades."""
    existing_secret: Name | None = None
    """Existing Secret with the key `api-key`; takes precedence over `apiKey`."""
    openai_key: Annotated[str, quoted("token")] | None = None
    """Key for the server at `config.openai.url`; if null, no key is sent."""
    openai_existing_secret: Name | None = None
    """Existing Secret with the key `openai-api-key`; takes precedence over `openaiKey`."""
