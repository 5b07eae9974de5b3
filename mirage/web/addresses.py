"""Addresses of the page, below the prefix of `api.root_path`."""

import re
from urllib.parse import quote, urlencode

_LOCAL = re.compile(r"/(?!/)[^\\\s\x00-\x1f\x7f]*")


def address(root: str, *parts: object, **query: object) -> str:
    """Return the address of a path of the page; parts and values are escaped.

    Values that are None or empty are left out, and a list is repeated.
    """
    path = "/".join(quote(str(part), safe="") for part in parts)
    given = {name: value for name, value in query.items() if value not in (None, "", [], ())}
    asked = f"?{urlencode(given, doseq=True)}" if given else ""
    return f"{root}/{path}{asked}"


def local(root: str, target: str) -> str:
    """Return a target that leads back into the page, or its first address.

    `//host` and `/\\host` would lead to another host.
    """
    fits = _LOCAL.fullmatch(target) and target.startswith(f"{root}/")
    return target if fits else f"{root}/"
