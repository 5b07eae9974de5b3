"""Looks at the files that a database URL names, which would otherwise fail at every connection."""

import os
import ssl
from collections.abc import Callable, Mapping


def has_root_certificate() -> bool:
    """Whether asyncpg finds a certificate of an authority without being told."""
    place = os.environ.get("PGSSLROOTCERT") or os.path.expanduser("~/.postgresql/root.crt")  # noqa: PTH111
    return os.path.isfile(place)  # noqa: PTH113 (Path.is_file raises where it may not look)


def find_unusable_file(given: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the first parameter whose file cannot be used and why, or None."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust = context.load_verify_locations
    password = given.get("sslpassword", "")
    uses: dict[str, Callable[[str], object]] = {
        "sslrootcert": lambda file: trust(cafile=file),
        "sslcrl": lambda file: trust(cafile=file),
        "sslkey": _read,
        "sslcert": lambda file: context.load_cert_chain(
            file, given.get("sslkey"), password=lambda: password
        ),
        "passfile": _read,
    }
    for name in (name for name in uses if name in given):
        try:
            _read(given[name])
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "not a file name"
            return name, f"names a file that cannot be read: {why}"
        try:
            uses[name](given[name])
        except (OSError, ValueError):
            return name, "names a file that is not of its kind (PEM)"
    return None


def _read(file: str) -> None:
    with open(file, "rb") as stream:  # noqa: PTH123
        stream.read(1)
