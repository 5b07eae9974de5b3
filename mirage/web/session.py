"""Sessions: a sealed cookie that names the key with which somebody logged in.

Nothing is stored, so each replica knows each session. The key itself is looked up at each request:
a session ends with it. The seal depends on the key of the settings: changing that ends all.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final
from uuid import UUID

LIFE_SECONDS: Final = 30 * 24 * 3600

_MAIN = "settings"
_SEALED = re.compile(r"([0-9a-f-]{36}|settings)\.(\d{1,12})\.([\w-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """Who logged in; `key_id` is None for the key in the settings."""

    key_id: UUID | None


class Sessions:
    """Seals and opens the cookies of one installation."""

    def __init__(self, api_key: str) -> None:
        # HKDF (RFC 5869) with SHA-256, for one block.
        extracted = hmac.digest(b"mirage", api_key.encode(), "sha256")
        self._secret = hmac.digest(extracted, b"session of the page\x01", "sha256")
        mark = hmac.digest(self._secret, b"name", "sha256").hex()[:8]
        self.cookie = f"mirage_{mark}"
        """Name of the cookie: browsers share cookies between the ports of a host, so two
        installations on one machine would otherwise end each other's sessions."""

    def seal(self, session: Session, now: float) -> str:
        """Return the cookie of a session that begins at `now`, in seconds since 1970."""
        content = f"{session.key_id or _MAIN}.{int(now) + LIFE_SECONDS}"
        return f"{content}.{self._seal(content)}"

    def open(self, cookie: str, now: float) -> Session | None:
        """Return the session in a cookie; None if it is forged, malformed or over."""
        found = _SEALED.fullmatch(cookie)
        if not found:
            return None
        name, until, seal = found.groups()
        if not hmac.compare_digest(seal, self._seal(f"{name}.{until}")) or int(until) <= now:
            return None
        return Session(None if name == _MAIN else UUID(name))

    def _seal(self, content: str) -> str:
        digest = hmac.digest(self._secret, content.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).decode().rstrip("=")
