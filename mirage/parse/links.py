"""Decides where the address behind a link says more than the link's text."""

import re
from urllib.parse import unquote, urlsplit

_OUTSIDE = re.compile(r"(https?://|ftp://|mailto:|tel:)(.+)", re.IGNORECASE)
_FIELD = re.compile(r'\s*HYPERLINK\s+"([^"\\]+)"', re.IGNORECASE)
_MAX_CHARACTERS = 300  # guess: what is longer carries the state of a program, not a place


def address_to_add(address: str, text: str) -> str:
    """Return the address to write after a link's text; empty if the text says it already.

    Only addresses outside of the document count. `mailto:` and `tel:` are left out, as is what
    follows the address of a mail.
    """
    match = _OUTSIDE.fullmatch(" ".join(address.split()))
    if match is None:
        return ""
    scheme, rest = match.group(1).lower(), match.group(2)
    if scheme in ("mailto:", "tel:"):
        shown = unquote(rest.partition("?")[0]) if scheme == "mailto:" else rest
    else:
        shown = scheme + rest
    if len(shown) > _MAX_CHARACTERS or _bare(shown) in _bare(text):
        return ""
    return shown


def linked_address(code: str) -> str | None:
    """Return the address in the code of a field of Word that is a link."""
    match = _FIELD.match(code)
    return match.group(1) if match else None


def host_of(address: str) -> str:
    """Return the host of an address, without `www.`; empty if it has none."""
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.")


def _bare(address: str) -> str:
    """Return an address without what people leave out."""
    bare = unquote(address).casefold()
    bare = re.sub(r"^(https?|ftp)://(www\.)?", "", "".join(bare.split()))
    return bare.rstrip("/")
