"""Trusted certificate authorities, and reasons why a certificate is refused."""

import os
import ssl
from collections.abc import Iterator
from functools import cache

import httpx

from mirage.errors import ConfigError

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID = 9
_EXPIRED = 10
_UNTRUSTED = frozenset({18, 19, 20, 21, 27})
_OTHER_NAME = frozenset({62, 64})


def certificate_fault(error: BaseException) -> str | None:
    """Return what is wrong with the server's certificate, or None if it is not the cause.

    Follows the causes of `error`.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _fault(cause)
    return None


def public_authorities() -> ssl.SSLContext:
    """Return the authorities in SSL_CERT_FILE or SSL_CERT_DIR, or those of httpx.

    Raises ConfigError if the file in SSL_CERT_FILE cannot be used.
    """
    try:
        return httpx.create_ssl_context()
    except OSError as error:
        raise ConfigError(f"SSL_CERT_FILE: {unusable(error)}") from error


def shared_authorities() -> ssl.SSLContext:
    """Return `public_authorities`, read once per process. Callers must not add authorities to them.

    Reading them takes about 20 ms. Raises ConfigError.
    """
    return _authorities_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _authorities_of(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    return public_authorities()


def unusable(error: OSError) -> str:
    """Return why a file of certificates cannot be used."""
    if isinstance(error, ssl.SSLError):
        return "the file contains no certificates (PEM)"
    return f"the file cannot be read: {error.strerror or error}"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _fault(error: ssl.SSLCertVerificationError) -> str:
    code = getattr(error, "verify_code", 0)
    if code == _EXPIRED:
        return "its TLS certificate has expired"
    if code == _NOT_YET_VALID:
        return "its TLS certificate is not valid yet"
    said = " ".join(str(getattr(error, "verify_message", "") or error.reason or error).split())
    if code in _OTHER_NAME:
        return f"its TLS certificate is for another name: {said}"
    if code in _UNTRUSTED:
        return f"its TLS certificate is not trusted: {said}"
    return f"its TLS certificate is refused: {said}"
