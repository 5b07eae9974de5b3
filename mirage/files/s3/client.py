"""Makes the client of a bucket from the settings."""

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from obstore.store import S3Store
from pydantic import SecretStr

from mirage import config
from mirage.errors import ConfigError

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

MAX_OBJECT_BYTES = 5 * 1024**3
"""S3 copies, and so moves, no larger object in one request."""

# A server that is away is found out in seconds, and holds a thread no longer.
_CONNECT_TIMEOUT = timedelta(seconds=3)
# A part of 8 MiB in this time is 140 kB/s.
_REQUEST_TIMEOUT = timedelta(seconds=60)
_RETRIES = 2


def make_client(settings: config.S3) -> S3Store:
    """Return a client. Nothing is sent yet.

    Raises ConfigError if a setting is missing, or the file of certificates cannot be used.
    """
    options: S3Config = {
        "access_key_id": _required("ACCESS_KEY", settings.access_key),
        "secret_access_key": _required("SECRET_KEY", settings.secret_key),
        "region": settings.region,
        "virtual_hosted_style_request": not settings.path_style,
        # Not every server can delete many objects in one request.
        "disable_bulk_delete": True,
    }
    bucket = _required("BUCKET", settings.bucket)
    if settings.endpoint:
        options["endpoint"] = _endpoint(settings.endpoint, bucket, settings.path_style)
    return S3Store(
        bucket,
        prefix=settings.prefix or None,
        config=options,
        client_options=_client_options(settings),
        retry_config={
            "max_retries": _RETRIES,
            "retry_timeout": 2 * _REQUEST_TIMEOUT,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        },
    )


def _required(name: str, value: SecretStr | str | None) -> str:
    """Return the text of a setting. Raises ConfigError if it is not set."""
    if value is None:
        raise ConfigError(f"MIRAGE_S3_{name} is not set, and MIRAGE_DOCUMENTS_STORAGE is s3")
    return value if isinstance(value, str) else value.get_secret_value()


def _endpoint(address: str, bucket: str, path_style: bool) -> str:
    """Return the address to send requests to, with the bucket in the host unless in the path."""
    if path_style:
        return address.rstrip("/")
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{bucket}.{parts.netloc}")).rstrip("/")


def _client_options(settings: config.S3) -> "ClientConfig":
    options: ClientConfig = {
        "allow_http": bool(settings.endpoint and settings.endpoint.lower().startswith("http://")),
        "connect_timeout": _CONNECT_TIMEOUT,
        "timeout": _REQUEST_TIMEOUT,
    }
    if authorities := _authorities(settings.ca_file):
        options["root_certificate"] = authorities
    return options


def _authorities(ca_file: Path | None) -> bytes:
    """Return certificates to trust in addition to the system's. Raises ConfigError."""
    found = b""
    for name, path in (("MIRAGE_S3_CA_FILE", ca_file), ("SSL_CERT_FILE", _named("SSL_CERT_FILE"))):
        if path is None:
            continue
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigError(f"{name}: the file cannot be read: {error.strerror}") from error
        if b"-----BEGIN CERTIFICATE-----" not in content:
            raise ConfigError(f"{name}: the file contains no certificates (PEM)")
        found += content + b"\n"
    return found


def _named(variable: str) -> Path | None:
    name = os.environ.get(variable)
    return Path(name) if name else None
