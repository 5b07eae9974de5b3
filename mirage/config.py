"""Every knob of the program: one group a class, one knob a field with its docstring.

The environment (`MIRAGE_<GROUP>_<FIELD>`), the chart's `config.<group>.<field>`, its JSON schema
and the documentation are made from these classes. A field marked `secret` or `derived` is not a
key under the chart's `config`: the chart hands it over from a Secret or works it out itself.
"""

import re
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

_KIB = 1024
_MIB = 1024 * _KIB


def derived(default: Any, **constraints: Any) -> Any:
    """A field that the chart works out; it has no key under `config`."""
    return Field(default, json_schema_extra={"derived": True}, **constraints)


def secret(default: Any = None, **constraints: Any) -> Any:
    """A field that holds a secret; the chart hands it over by `secretKeyRef` only."""
    return Field(default, json_schema_extra={"secret": True}, **constraints)


def without_line_end(secret: SecretStr) -> str:
    """Return the secret's text without the line end that a file brings."""
    return secret.get_secret_value().rstrip("\r\n")


def fits_a_header(key: str) -> bool:
    """Whether an HTTP header can carry the key; a header's value loses spaces at its ends."""
    return bool(key) and key == key.strip() and key.isprintable()


class Group(BaseModel):
    """A group of knobs. Unknown fields are refused, for a typo must not pass in silence."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )


class Database(Group):
    """Where PostgreSQL (16 or newer, with pgvector 0.8 or newer) is, and how it is used."""

    url: SecretStr | None = secret()
    """`postgresql://user:password@host:port/name`, with libpq's parameters such as `?sslmode=…`.
    When it is absent the parts below are used."""
    host: str = derived("localhost", min_length=1)
    """Host name, or the folder of a Unix socket when it begins with `/`."""
    port: int = derived(5432, ge=1, le=65535)
    """TCP port."""
    user: str = derived("mirage", min_length=1)
    """Role to connect as."""
    password: SecretStr | None = secret()
    """Password of that role."""
    name: str = derived("mirage", min_length=1)
    """Name of the database."""
    pool_size: int = Field(5, ge=2, le=100)
    """Connections that one process keeps open at most; a migration alone takes two."""
    connect_timeout_seconds: float = Field(10.0, gt=0, le=300)
    """How long to wait for a new connection."""
    statement_timeout_seconds: float = Field(60.0, gt=0, le=3600)
    """How long one statement may run; index builds and migrations are exempt."""
    prepared_statements: bool = True
    """Set to false behind a pooler in transaction mode, such as PgBouncer."""


class Ollama(Group):
    """The Ollama server that makes the embeddings."""

    url: str = derived("http://localhost:11434", pattern=r"^https?://\S+$")
    """Address of the server."""
    model: str = Field("mxbai-embed-large", min_length=1, max_length=300, pattern=r"^\S+$")
    """Embedding model, as `ollama pull` takes it."""
    timeout_seconds: float = Field(300.0, gt=0, le=3600)
    """How long one request may take; the first one after a pause loads the model."""


class OpenAI(Group):
    """Any server that makes embeddings as OpenAI's API does, with `embedding.backend` openai."""

    url: str | None = Field(None, pattern=r"^https?://[^/\s]+\S*$")
    """Address of the server, with or without the `/v1` at its end."""
    model: str | None = Field(None, min_length=1, max_length=300, pattern=r"^\S+$")
    """Embedding model, as the server calls it."""
    key: SecretStr | None = secret(min_length=1)
    """Key that is sent as `Authorization: Bearer`; unset: none."""
    timeout_seconds: float = Field(300.0, gt=0, le=3600)
    """How long one request may take."""
    max_tokens: int | None = Field(None, ge=16, le=1_000_000)
    """Tokens that one text may have, for a model that miRAGe does not know on a server that does
    not tell it (vLLM and TEI do); unset: 512. The smallest of all limits holds."""
    dimensions: int | None = Field(None, ge=1, le=4000)
    """Length of the vectors to ask for, of a model that can shorten them; unset: its own."""

    @field_validator("key")
    @classmethod
    def _key_fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"[!-~]+", value := without_line_end(key)):
            raise ValueError("the key holds a space, a line break or a letter that is not ASCII")
        return SecretStr(value) if key else None


class Embedding(Group):
    """How texts become vectors."""

    backend: Literal["ollama", "openai", "local"] = "ollama"
    """`ollama`, `openai` for any server that speaks as OpenAI's `/v1/embeddings` does (TEI, vLLM,
    llama-server, LiteLLM), or `local` for the small model that runs inside the program."""
    weights: Path | None = derived(None)
    """Folder that holds the local model's files; None: the user's cache, filled when needed."""
    batch_tokens: int = Field(4096, ge=64, le=1_000_000)
    """Tokens that one request to the embedder carries at most."""
    ca_file: Path | None = derived(None)
    """File with certificates (PEM) of authorities that an embedding server's TLS certificate may be
    signed by, in addition to the public ones or those of SSL_CERT_FILE."""
    proxy: str | None = Field(None, pattern=r"^https?://[^/@\s]+/?$")
    """HTTP proxy for requests to the embedding server, `http://host:port`; unset: no proxy."""
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
    """How a document is cut into passages."""

    size: int = Field(400, ge=16, le=8192)
    """Tokens in a chunk at most, counted by the embedding model's own tokenizer."""
    overlap: int = Field(100, ge=0, le=4096)
    """Tokens that a chunk repeats from the one before it; less than `size`."""

    @model_validator(mode="after")
    def _overlap_below_size(self) -> Self:
        if self.overlap >= self.size:
            raise ValueError(
                f"chunk.overlap ({self.overlap}) must be smaller than chunk.size ({self.size})"
            )
        return self


class Documents(Group):
    """Where the originals are kept and what is accepted."""

    storage: Literal["volume"] = "volume"
    """Kind of store for the originals."""
    path: Path = Field(Path("/data/documents"))
    """Folder of the originals; API and indexer share it."""
    max_upload_bytes: int = Field(1024 * _MIB, ge=1, le=1024 * 1024 * _MIB)
    """Largest file that is accepted."""
    min_free_bytes: int = Field(64 * _MIB, ge=0, le=1024 * 1024 * _MIB)
    """Uploads are refused while the volume has less space left, so that it never fills up whole."""
    orphan_days: int = Field(14, ge=1, le=3650)
    """Days for which an original that no document names is kept under `orphans/`."""


class Search(Group):
    """How passages are found."""

    exact_below: int = Field(20_000, ge=0, le=10_000_000)
    """Projects with fewer chunks are compared one by one (exact) instead of through the index."""
    candidates: int = Field(100, ge=10, le=1000)
    """Passages that each leg of a search hands to the fusion."""
    embed_timeout_seconds: float = Field(20.0, gt=0, le=300)
    """How long a search waits for the query's vector."""


class Api(Group):
    """The HTTP server."""

    host: str = derived("::", min_length=1)
    """Address to listen on; `::` is every address, of IPv6 and of IPv4."""
    port: int = derived(8000, ge=1, le=65535)
    """TCP port to listen on."""
    key: SecretStr | None = secret(min_length=1)
    """The key that every request must carry; None: the API refuses to start."""
    url: str = derived("http://localhost:8000", pattern=r"^https?://\S+$")
    """Address under which the command line finds the API."""

    @field_validator("key")
    @classmethod
    def _key_fits_a_header(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not fits_a_header(value := without_line_end(key)):
            raise ValueError(
                "no header can carry this key: it is empty, begins or ends with a space, or holds a"
                " line break or another control character"
            )
        return SecretStr(value) if key else None


class Metrics(Group):
    """The port for Prometheus and probes."""

    port: int = derived(9090, ge=0, le=65535)
    """TCP port of `/metrics`, `/health/live` and `/health/ready`; 0: none."""


class Indexer(Group):
    """The worker that parses, chunks and embeds."""

    poll_seconds: float = Field(1.0, gt=0, le=60)
    """Pause before it looks again when there was nothing to do."""
    lease_seconds: float = Field(60.0, ge=2, le=3600)
    """How long claimed work stays claimed without a sign of life."""
    max_attempts: int = Field(5, ge=1, le=100)
    """How often work that failed is tried before the document is `failed`."""
    backoff_base_seconds: float = Field(2.0, gt=0, le=600)
    """First pause of the exponential backoff with full jitter."""
    backoff_cap_seconds: float = Field(300.0, gt=0, le=86_400)
    """Longest pause of that backoff."""
    parse_timeout_seconds: float = Field(300.0, gt=0, le=7200)
    """Wall-clock time that the parsing of one document may take."""
    parse_cpu_seconds: int = Field(240, ge=1, le=7200)
    """CPU time that the parsing of one document may take."""
    parse_memory_bytes: int = Field(512 * _MIB, ge=128 * _MIB, le=64 * 1024 * _MIB)
    """Memory that the parser's process may take; a second one that reads small documents beside a
    slow one takes half, at least 128 MiB."""


class Log(Group):
    """What is written to standard output."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe level that is written."""
    format: Literal["json", "text"] = "json"
    """`json`: one object a line; `text`: for people."""
