"""Keys, tokens and other credentials, except those of the database."""

from typing import Annotated, Literal

from schema.rules import quoted
from schema.section import Key, Name, Section


class Auth(Section):
    """Keys for the API and for servers. Each is given here, or in an existing Secret."""

    generate: Literal["helm", "job"] = "helm"
    """What generates the API key and the password of PostgreSQL if neither a value nor a Secret is
    given: `helm`, which needs a cluster to keep them, or a Job, for Argo CD and `kubectl apply`."""
    api_key: Annotated[str, quoted("api key")] | None = None
    """Key for the API; if null, one is generated and kept across upgrades."""
    existing_secret: Name | None = None
    """Existing Secret with the key for the API."""
    existing_secret_key: Key = "api-key"  # noqa: S105 - the name of a key
    """Key of the data in that Secret."""
    openai_key: Annotated[str, quoted("token")] | None = None
    """Key for the server at `config.openai.url`; if null, no key is sent."""
    openai_existing_secret: Name | None = None
    """Existing Secret with the key for that server."""
    openai_existing_secret_key: Key = "openai-api-key"  # noqa: S105 - the name of a key
    """Key of the data in that Secret."""
    ollama_token: Annotated[str, quoted("token")] | None = None
    """Token for the Ollama at `ollama.url`, or `user:password`; if null, neither is sent."""
    ollama_existing_secret: Name | None = None
    """Existing Secret with that token."""
    ollama_existing_secret_key: Key = "ollama-token"  # noqa: S105 - the name of a key
    """Key of the data in that Secret."""
    s3_access_key: Annotated[str, quoted("token")] | None = None
    """Access key id for the bucket `config.s3.bucket`."""
    s3_secret_key: Annotated[str, quoted("token")] | None = None
    """Secret access key for that bucket."""
    s3_existing_secret: Name | None = None
    """Existing Secret with both keys for that bucket."""
    s3_existing_secret_access_key: Key = "s3-access-key"  # noqa: S105 - the name of a key
    """Key of the access key id in that Secret."""
    s3_existing_secret_secret_key: Key = "s3-secret-key"  # noqa: S105 - the name of a key
    """Key of the secret access key in that Secret."""
    proxy_existing_secret: Name | None = None
    """Existing Secret with `user:password` for the proxy at `config.embedding.proxy`."""
    proxy_existing_secret_key: Key = "proxy-auth"  # noqa: S105 - the name of a key
    """Key of the data in that Secret."""
