"""All settings: one class per group, one field with a docstring per setting.

The environment variables (`MIRAGE_<GROUP>_<FIELD>`), the chart's `config.<group>.<field>`, its
JSON schema and the documentation are generated from these classes. A field marked `secret` or
`derived` has no key under the chart's `config`: the chart sets it from a Secret or computes it.
"""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_KIB = 1024
_MIB = 1024 * _KIB


def derived(default: Any, **constraints: Any) -> Any:
    """Declare a field that the chart computes; it has no key under `config`."""
    return Field(default, json_schema_extra={"derived": True}, **constraints)


def secret(default: Any = None, **constraints: Any) -> Any:
    """Declare a field that holds a secret; the chart sets it by `secretKeyRef` only."""
    return Field(default, json_schema_extra={"secret": True}, **constraints)


def _read_by(program: str) -> dict[str, Any]:
    """Mark a field that only `api` or `indexer` reads; its change does not restart the other."""
    return {"read_by": program}


def without_line_end(secret: SecretStr) -> str:
    """Return the secret's text without the line break at the end of a file."""
    return secret.get_secret_value().rstrip("\r\n")


def fits_a_header(key: str) -> bool:
    """Return whether an HTTP header can carry the key; headers lose spaces at their ends."""
    return bool(key) and key == key.strip() and key.isprintable()


def _networks(ranges: str | None) -> list[IPv4Network | IPv6Network]:
    return [ip_network(part.strip()) for part in (ranges or "").split(",") if part.strip()]


class Group(BaseModel):
    """A group of settings. Unknown fields are an error, so that no typo goes unnoticed."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )
    read_by: ClassVar[str | None] = None
    """The only program that reads the group, `api` or `indexer`; None if both do."""


class Database(Group):
    """Connection to PostgreSQL (16 or newer, with pgvector 0.8 or newer)."""

    url: SecretStr | None = secret()
    """`postgresql://user:password@host:port/name`, with libpq parameters such as `?sslmode=…`.
    If unset, host, port, user, password and name are used."""
    host: str = derived("localhost", min_length=1)
    """Host name, or the folder of a Unix socket if it begins with `/`."""
    port: int = derived(5432, ge=1, le=65535)
    """TCP port."""
    user: str = derived("mirage", min_length=1)
    """Role to connect as."""
    password: SecretStr | None = secret()
    """Password of that role."""
    name: str = derived("mirage", min_length=1)
    """Name of the database."""
    parameters: str = derived("")
    """Further libpq parameters as in a URL, such as `sslmode=require&application_name=mirage`."""
    pool_size: int = Field(5, ge=2, le=100)
    """Maximum number of connections per process; a migration needs two."""
    connect_timeout_seconds: float = Field(10.0, gt=0, le=300)
    """Maximum time to wait for a new connection."""
    statement_timeout_seconds: float = Field(60.0, gt=0, le=3600)
    """Maximum time per statement; index builds and migrations are exempt."""
    prepared_statements: bool = True
    """Set to false behind a pooler in transaction mode, such as PgBouncer."""


class Ollama(Group):
    """The Ollama server that computes the embeddings."""

    url: str = derived("http://localhost:11434", pattern=r"^https?://\S+$")
    """Address of the server."""
    model: str = Field("mxbai-embed-large", min_length=1, max_length=300, pattern=r"^\S+$")
    """Name of the embedding model, as for `ollama pull`."""
    timeout_seconds: float = Field(300.0, gt=0, le=3600)
    """Maximum time per request; the first request after a pause also loads the model."""
    token: SecretStr | None = secret(min_length=1)
    """Token to send as `Authorization: Bearer`, or `user:password`; if unset, neither is sent."""

    @field_validator("token")
    @classmethod
    def _token_fits_a_header(cls, token: SecretStr | None) -> SecretStr | None:
        if token and not re.fullmatch(r"[!-~]+", value := without_line_end(token)):
            raise ValueError(
                "the token contains a space, a line break or a character that is not ASCII"
            )
        return SecretStr(value) if token else None


class OpenAI(Group):
    """A server with an OpenAI-compatible embeddings API, for `embedding.backend` openai."""

    url: str | None = Field(None, pattern=r"^https?://[^/\s]+\S*$")
    """Address of the server, with or without `/v1` at the end."""
    model: str | None = Field(None, min_length=1, max_length=300, pattern=r"^\S+$")
    """Name of the embedding model on that server."""
    key: SecretStr | None = secret(min_length=1)
    """Key to send as `Authorization: Bearer`; if unset, no key is sent."""
    timeout_seconds: float = Field(300.0, gt=0, le=3600)
    """Maximum time per request."""
    max_tokens: int | None = Field(None, ge=16, le=1_000_000)
    """Maximum tokens per text. Set it if miRAGe does not know the model and the server does not
    report the limit (vLLM and TEI do); if unset, 512. The smallest known limit applies."""
    dimensions: int | None = Field(None, ge=1, le=4000)
    """Vector length to request from a model that can shorten vectors; if unset, full length."""

    @field_validator("key")
    @classmethod
    def _key_fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"[!-~]+", value := without_line_end(key)):
            raise ValueError(
                "the key contains a space, a line break or a character that is not ASCII"
            )
        return SecretStr(value) if key else None


class Embedding(Group):
    """How texts are turned into vectors."""

    backend: Literal["ollama", "openai", "local"] = "ollama"
    """`ollama`; `openai` for any server with an OpenAI-compatible `/v1/embeddings` (TEI, vLLM,
    llama-server, LiteLLM); or `local` for the small model that runs inside miRAGe."""
    weights: Path | None = derived(None)
    """Folder of the local model's files; if unset, the user's cache, filled on first use."""
    batch_tokens: int = Field(4096, ge=64, le=1_000_000)
    """Maximum tokens per request to the embedding server."""
    ca_file: Path | None = derived(None)
    """PEM file of certificate authorities to trust for the embedding server, in addition to the
    public ones or those in SSL_CERT_FILE."""
    proxy: str | None = Field(None, pattern=r"^https?://[^/@\s]+/?$")
    """HTTP proxy for requests to the embedding server, `http://host:port`; if unset, no proxy."""
    proxy_auth: SecretStr | None = secret()
    """`user:password` for that proxy."""

    @field_validator("proxy", mode="before")
    @classmethod
    def _is_http_proxy(cls, proxy: object) -> object:
        if isinstance(proxy, str) and re.match(r"(?i)socks", proxy):
            raise ValueError(
                "SOCKS proxies are not supported; name an HTTP proxy, http://host:port"
            )
        if isinstance(proxy, str) and "@" in proxy:
            raise ValueError("credentials belong in MIRAGE_EMBEDDING_PROXY_AUTH, as user:password")
        return proxy

    @field_validator("proxy_auth")
    @classmethod
    def _has_user_and_password(cls, auth: SecretStr | None) -> SecretStr | None:
        if auth and not re.fullmatch(r"[^:]+:.*", value := without_line_end(auth)):
            raise ValueError("must be of the form user:password, without line breaks")
        return SecretStr(value) if auth else None


class Chunk(Group):
    """How a document is split into chunks."""

    size: int = Field(400, ge=16, le=8192)
    """Maximum tokens per chunk, counted with the embedding model's tokenizer."""
    overlap: int = Field(100, ge=0, le=4096)
    """Tokens that a chunk repeats from the previous one within a paragraph; less than `size`."""

    @model_validator(mode="after")
    def _overlap_below_size(self) -> Self:
        if self.overlap >= self.size:
            raise ValueError(
                f"chunk.overlap ({self.overlap}) must be smaller than chunk.size ({self.size})"
            )
        return self


class Documents(Group):
    """Storage of the originals, and limits for uploads."""

    storage: Literal["volume", "s3"] = "volume"
    """Where the originals are: `volume`, a folder that API and indexer share, or `s3`, a bucket."""
    path: Path = Field(Path("/data/documents"))
    """Folder of the originals, with `storage` volume."""
    max_upload_bytes: int = Field(
        1024 * _MIB, ge=1, le=1024 * 1024 * _MIB, json_schema_extra=_read_by("api")
    )
    """Maximum size of an uploaded file."""
    min_free_bytes: int = Field(64 * _MIB, ge=0, le=1024 * 1024 * _MIB)
    """Minimum free space on the volume; below it, uploads are refused so that it never fills up."""
    orphan_days: int = Field(14, ge=1, le=3650, json_schema_extra=_read_by("indexer"))
    """Days to keep an original under `orphans/` if no document refers to it."""


class S3(Group):
    """The bucket of the originals, for `documents.storage` s3."""

    bucket: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$")
    """Name of the bucket, which must exist."""
    prefix: str | None = Field(
        None,
        max_length=500,
        pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
    )
    """Path in the bucket under which the objects are, such as `team/mirage`; if unset, its top."""
    endpoint: str | None = Field(None, pattern=r"^https?://[^/@?#\s]+/?$")
    """Address of the S3 server, `https://host:port`; if unset, that of AWS for the region."""
    region: str = Field("us-east-1", pattern=r"^[A-Za-z0-9-]{1,64}$")
    """Region of the bucket. Many servers other than AWS accept any."""
    path_style: bool = True
    """Name the bucket in the path of a URL; false for servers that expect it in the host name."""
    access_key: SecretStr | None = secret(min_length=1)
    """Access key id, with rights to list, read, write and delete in the bucket."""
    secret_key: SecretStr | None = secret(min_length=1)
    """Secret access key."""
    ca_file: Path | None = derived(None)
    """PEM file of certificate authorities to trust for S3, in addition to the public ones and those
    in SSL_CERT_FILE."""

    @field_validator("access_key", "secret_key")
    @classmethod
    def _is_one_word(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"[!-~]+", value := without_line_end(key)):
            raise ValueError(
                "the key contains a space, a line break or a character that is not ASCII"
            )
        return SecretStr(value) if key else None


class Search(Group):
    """How searches find passages."""

    read_by = "api"

    exact_below: int = Field(20_000, ge=0, le=10_000_000)
    """Projects with fewer chunks are searched exactly, without the vector index."""
    candidates: int = Field(100, ge=10, le=1000)
    """Number of passages that vector search and word search each contribute to the ranking."""
    embed_timeout_seconds: float = Field(20.0, gt=0, le=300)
    """Maximum time that a search waits for the vector of the query."""


class Api(Group):
    """The HTTP server."""

    host: str = derived("::", min_length=1)
    """Address to listen on; `::` means all IPv6 and IPv4 addresses."""
    port: int = derived(8000, ge=1, le=65535)
    """TCP port to listen on."""
    key: SecretStr | None = secret(min_length=1)
    """Key that every request must carry; without it the API does not start."""
    root_path: str = derived("", pattern=r"^(/[A-Za-z0-9._-]+)*$")
    """Prefix of all paths behind a proxy, such as `/mirage`; the proxy may remove it or not."""
    url: str = derived("http://localhost:8000", pattern=r"^https?://\S+$")
    """Address at which the command line reaches the API."""
    public_url: str | None = Field(None, pattern=r"^https?://[^/\s]+\S*$")
    """Address at which people reach the API, with the prefix if there is one, for links in answers
    to agents; if unset, the one at which the agent reached it."""
    drain_seconds: float = derived(0.0, ge=0, le=300)
    """Time to go on serving after SIGTERM, until load balancers send requests elsewhere; each
    answer closes its connection meanwhile."""

    @field_validator("key")
    @classmethod
    def _key_fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not fits_a_header(value := without_line_end(key)):
            raise ValueError(
                "the key does not fit into a header: it is empty, begins or ends with a space, or"
                " contains a line break or another control character"
            )
        return SecretStr(value) if key else None


class Web(Group):
    """The page for people. Without these settings they log in with an API key."""

    read_by = "api"

    user_header: str | None = Field(None, pattern=r"^[A-Za-z][A-Za-z0-9-]{0,99}$")
    """Header in which a proxy in front names the user who logged in there, such as
    `X-Forwarded-User`; if unset, no header logs in."""
    trusted_proxies: str | None = None
    """Addresses of the proxies whose header counts: ranges such as `10.42.0.0/16`, separated by
    commas. Nobody else may reach the API from there; `userHeader` needs it."""
    user_scope: Literal["read", "write", "admin"] = "read"
    """What a user whom such a proxy names may do."""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_ranges(cls, ranges: str | None) -> str | None:
        for network in _networks(ranges):
            if not network.prefixlen:
                raise ValueError(f"{network} is every address, so anybody could name a user")
        return ranges

    @model_validator(mode="after")
    def _header_needs_addresses(self) -> Self:
        if self.user_header and not self.networks:
            raise ValueError(
                "web.user_header is set without web.trusted_proxies: name the addresses of the"
                " proxies, because anybody else could send the header, too"
            )
        return self

    @property
    def networks(self) -> list[IPv4Network | IPv6Network]:
        """Return the ranges of `trusted_proxies`."""
        return _networks(self.trusted_proxies)


class Metrics(Group):
    """The port for Prometheus and probes."""

    port: int = derived(9090, ge=0, le=65535)
    """TCP port of `/metrics`, `/health/live` and `/health/ready`; 0 turns it off."""


class Indexer(Group):
    """The indexer, which parses, chunks and embeds documents."""

    read_by = "indexer"

    poll_seconds: float = Field(1.0, gt=0, le=60)
    """Time to wait before looking for work again when there was none."""
    lease_seconds: float = Field(60.0, ge=2, le=3600)
    """Time after which another worker takes over work whose worker has stopped responding."""
    max_attempts: int = Field(5, ge=1, le=100)
    """Number of attempts before a document is marked `failed`."""
    backoff_base_seconds: float = Field(2.0, gt=0, le=600)
    """First pause between attempts (exponential backoff with full jitter)."""
    backoff_cap_seconds: float = Field(300.0, gt=0, le=86_400)
    """Longest pause between attempts."""
    parse_timeout_seconds: float = Field(300.0, gt=0, le=7200)
    """Maximum wall-clock time to parse one document."""
    parse_cpu_seconds: int = Field(240, ge=1, le=7200)
    """Maximum CPU time to parse one document."""
    parse_memory_bytes: int = Field(512 * _MIB, ge=128 * _MIB, le=64 * 1024 * _MIB)
    """Maximum memory of the parser process. A second process, which parses small documents while
    a slow one is in progress, gets half of it, but at least 128 MiB."""


class Log(Group):
    """Logging to standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level that is logged."""
    format: Literal["json", "text"] = "json"
    """`json` for one object per line, `text` for people."""
    requests: bool = Field(True, json_schema_extra=_read_by("api"))
    """Log each request to the API, except probes, without its query, names and key."""
