"""The files that the browser loads: style, scripts, icon. They are read once."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file with its media type; `version` changes with its content."""

    content: bytes
    media_type: str
    version: str


def load_assets() -> dict[str, Asset]:
    """Return the files by name."""
    found: dict[str, Asset] = {}
    for path in (Path(__file__).parent / "static").iterdir():
        content = path.read_bytes()
        version = hashlib.sha256(content).hexdigest()[:12]
        found[path.name] = Asset(content, _TYPES[path.suffix], version)
    return found
