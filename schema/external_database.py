"""A PostgreSQL outside the release."""

from typing import Annotated, Literal

from pydantic import Field

from schema.rules import quoted, text
from schema.section import Key, Name, Section

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


class ExternalDatabase(Section):
    """An existing PostgreSQL 16+ with pgvector 0.8+; used if postgresql.enabled is false."""

    host: Annotated[str, text("server", max_length=253)] | None = None
    """Host name."""
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    """TCP port."""
    user: Annotated[str, Field(min_length=1)] = "mirage"
    """Role to connect as."""
    name: Annotated[str, Field(min_length=1)] = "mirage"
    """Name of the database."""
    password: Annotated[str, quoted("line")] | None = None
    """Password of the role."""
    existing_secret: Name | None = None
    """Existing Secret with the password or the whole URL, instead of `password`."""
    password_key: Key = "postgresql-password"  # noqa: S105 - the name of a key
    """Key of the password in that Secret."""
    url_key: Key | None = None
    """Key of the whole URL in that Secret; replaces host, port, user and name."""
    ssl_mode: SslMode | None = None
    """Whether to use TLS and to verify the certificate, as libpq's `sslmode`; if null, `prefer`.
    The verify modes trust `caCertificates`; without them, verify-full trusts public authorities."""
    parameters: dict[Annotated[str, text("parameter")], Annotated[str, quoted()]] | None = {}
    """Further libpq parameters, such as `application_name` or `target_session_attrs`."""
