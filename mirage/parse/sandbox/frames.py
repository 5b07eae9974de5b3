"""What the sandbox and its child say to each other: JSON frames behind their length.

parent -> child   {"path": ..., "media_type": ...}
child -> parent   {"begun": true}
                  {"section": [text, heading_path, page_number, page_label, line]} ...
                  {"parsed": {"title": ..., "page_count": ..., "warnings": [...],
                              "language": ...}}
               or {"refused": {"code": ..., "message": ...}}    an Unreadable
               or {"failed": {"kind": ..., "trace": ...}}       a defect of ours
"""

import json
import struct
from typing import Any

from mirage.model import Section

LENGTH = struct.Struct(">I")
MAX_TEXT_BYTES = 256 * 1024 * 1024
"""Text that a document may hold, in UTF-8; the longest novels have 10 MiB."""
MAX_FRAME_BYTES = 2 * MAX_TEXT_BYTES
"""JSON writes a line break in two bytes."""


def encode(message: dict[str, Any]) -> bytes:
    """A frame, its length in front."""
    # Escaped surrogates survive: they stand for bytes of a path that are no UTF-8.
    body = json.dumps(message, ensure_ascii="path" in message).encode("utf-8", "replace")
    return LENGTH.pack(len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    """Raises ValueError for anything that is not a frame's body."""
    message = json.loads(body)
    if not isinstance(message, dict):
        raise ValueError("a frame holds an object")
    return message


def encode_section(section: Section) -> bytes:
    fields = [
        section.text,
        section.heading_path,
        section.page_number,
        section.page_label,
        section.line,
    ]
    return encode({"section": fields})


def decode_section(fields: Any) -> Section:
    """Raises ValueError or TypeError when the fields are not those of a section."""
    text, heading_path, page_number, page_label, line = fields
    texts = (text, *heading_path, page_label or "")
    numbers = (page_number or 0, line or 0)
    if not all(isinstance(value, str) for value in texts):
        raise TypeError("a section's texts are strings")
    if not all(isinstance(value, int) for value in numbers):
        raise TypeError("a section's numbers are integers")
    return Section(text, tuple(heading_path), page_number, page_label, line)
