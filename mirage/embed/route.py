"""Configures the route to an embedding server: trusted authorities and proxy."""

import ssl

import httpx

from mirage.config import Embedding
from mirage.errors import ConfigError, EmbedderUnavailable
from mirage.foreign import clean
from mirage.tls import certificate_fault, public_authorities, shared_authorities, unusable


class CertificateRefused(EmbedderUnavailable):
    """Set `embedding.ca_file` or SSL_CERT_FILE to the authority, or correct the certificate."""


class ProxyRefused(EmbedderUnavailable):
    """Check `embedding.proxy` and `embedding.proxy_auth`."""


def trusted(embedding: Embedding) -> ssl.SSLContext:
    """Return the authorities that may sign a server's certificate.

    They are those of SSL_CERT_FILE or SSL_CERT_DIR, else those of httpx; `embedding.ca_file` adds
    to them. Raises ConfigError.
    """
    if embedding.ca_file is None:
        return shared_authorities()
    context = public_authorities()
    try:
        context.load_verify_locations(cafile=embedding.ca_file)
    except OSError as error:
        raise ConfigError(
            f"MIRAGE_EMBEDDING_CA_FILE: {embedding.ca_file}: {unusable(error)}"
        ) from error
    return context


def proxy(embedding: Embedding, context: ssl.SSLContext) -> httpx.Proxy | None:
    """Return the proxy for requests, None without a proxy. Raises ConfigError."""
    if embedding.proxy is None:
        return None
    secret = embedding.proxy_auth.get_secret_value() if embedding.proxy_auth else ""
    user, _, password = secret.partition(":")
    try:
        return httpx.Proxy(
            embedding.proxy,
            auth=(user, password) if secret else None,
            ssl_context=context if embedding.proxy.startswith("https:") else None,
        )
    except (httpx.InvalidURL, ValueError) as error:
        raise ConfigError(f"MIRAGE_EMBEDDING_PROXY is not an address: {error}") from error


def unreachable(name: str, error: Exception, embedding: Embedding) -> EmbedderUnavailable:
    """Return the error that says why a server cannot be reached."""
    through = f" through the proxy {embedding.proxy}" if embedding.proxy else ""
    fault = certificate_fault(error)
    kind = EmbedderUnavailable
    if fault:
        kind = CertificateRefused
    elif isinstance(error, httpx.ProxyError):
        kind = ProxyRefused
    # The library may quote the server.
    why = clean(fault or str(error)) or type(error).__name__
    return kind(f"{name} cannot be reached{through} ({why})")
