"""Encodes and checks the messages between the sandbox and its child: JSON frames with a length.

parent -> child   {"path": ..., "media_type": ...}
               or {"path": ..., "page": ..., "width": ...}
               or {"path": ..., "page": ..., "text": ..., "start": ..., "end": ...}
child -> parent   {"begun": true}
                  {"section": {...}} ...                        the fields of a Section
                  {"parsed": {...}}                             the other fields of Parsed
               or {"picture": ...}                              WebP in Base64
               or {"places": {...}}                             the fields of Places
               or {"refused": {"kind": ..., "message": ...}}    a subclass of Unreadable
               or {"unread": {"reason": ...}}                   an OSError
               or {"failed": {"kind": ..., "trace": ...}}       a defect of this program

A document may take the child over, so the parent checks the type and the bounds of each field. It
derives them from the dataclasses: a new field needs no change here.
"""

import json
import re
import struct
from dataclasses import fields
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from mirage.errors import Unreadable
from mirage.model import Parsed, Section
from mirage.parse.headings import MAX_DEPTH, MAX_TITLE_CHARACTERS

LENGTH = struct.Struct(">I")
MIB = 1024 * 1024
MAX_TEXT_BYTES = 256 * MIB
"""Text that a document may hold, in UTF-8; the longest novels have 10 MiB."""
MAX_FRAME_BYTES = 2 * MAX_TEXT_BYTES
"""Length of all frames of one answer together; JSON writes a line break in two bytes."""
MAX_NUMBER = 2**31 - 1
"""The largest number that the database stores for a page or a line."""
MAX_CHARACTERS = 256 * 1024  # guess
"""Length of a text that is not a section's; a warning may list all pages of a book."""
MAX_ITEMS = 1000  # guess
"""Length of a list; an EPUB has at most 63 warnings, other formats fewer."""

# The database stores no NUL, and a lone surrogate has no UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

_HINTS: dict[type, dict[str, Any]] = {kind: get_type_hints(kind) for kind in (Section, Parsed)}

_T = TypeVar("_T")


def encode(message: dict[str, Any]) -> bytes:
    """Return a frame, its length in front."""
    # Escaped surrogates survive: they stand for bytes of a path that are not UTF-8.
    body = json.dumps(message, ensure_ascii="path" in message).encode("utf-8", "replace")
    return LENGTH.pack(len(body)) + body


def decode(body: bytes) -> dict[str, Any]:
    """Return the message in a frame's body. Raises ValueError if there is none."""
    try:
        message = json.loads(body)
    except RecursionError as error:
        raise ValueError("a frame is nested too deeply") from error
    if not isinstance(message, dict):
        raise ValueError("a frame holds an object")
    return message


def encode_section(section: Section) -> bytes:
    """Return the frame of a section."""
    return encode({"section": _facts(section)})


def decode_section(facts: Any) -> Section:
    """Return the section. Raises ValueError or TypeError for anything else."""
    section = _build(Section, facts)
    if not section.text:
        raise ValueError("a section holds text")
    # Each passage repeats its headings, so the parsers keep them short.
    if len(section.heading_path) > MAX_DEPTH:
        raise ValueError("a heading path is too deep")
    if any(len(title) > MAX_TITLE_CHARACTERS for title in section.heading_path):
        raise ValueError("a heading is too long")
    return section


def encode_parsed(parsed: Parsed) -> bytes:
    """Return the last frame of an answer, without the sections."""
    return encode({"parsed": _facts(parsed, without="sections")})


def decode_parsed(facts: Any, sections: list[Section]) -> Parsed:
    """Return the whole answer. Raises ValueError or TypeError if a fact is none of Parsed."""
    return _build(Parsed, facts, sections=tuple(sections))


def encode_refusal(error: Unreadable) -> bytes:
    """Return the frame of a verdict on the document."""
    return encode({"refused": {"kind": type(error).__name__, "message": str(error)}})


def decode_refusal(refused: Any) -> Unreadable:
    """Return the verdict as the same class. Raises ValueError or TypeError for anything else."""
    kind = read_text(refused, "kind")
    message = _checked(str, read_text(refused, "message"))
    kinds = {error.__name__: error for error in _family(Unreadable)}
    if kind not in kinds:
        raise ValueError("a verdict is a kind of Unreadable")
    return kinds[kind](message)


def read_text(message: Any, name: str) -> str:
    """Return a text of a message. Raises ValueError or TypeError if there is no such text."""
    if not isinstance(message, dict):
        raise TypeError("the facts are an object")
    text = message.get(name)
    if not isinstance(text, str):
        raise TypeError(f"{name} is a text")
    return text


def _family(error: type[Unreadable]) -> list[type[Unreadable]]:
    return [error, *(kind for child in error.__subclasses__() for kind in _family(child))]


def _facts(value: Section | Parsed, without: str = "") -> dict[str, Any]:
    names = (field.name for field in fields(value))
    return {name: getattr(value, name) for name in names if name != without}


def _build(kind: type[_T], facts: Any, **given: Any) -> _T:
    """Return the dataclass with the given fields and, of the facts, exactly the others."""
    if not isinstance(facts, dict):
        raise TypeError("the facts are an object")
    hints = _HINTS[kind]
    if facts.keys() != hints.keys() - given.keys():
        raise ValueError(f"the facts are not those of {kind.__name__}")
    # What a section holds is bounded by the length of the frames.
    bounds = {"text": MAX_FRAME_BYTES}
    checked = {
        name: _checked(hints[name], value, bounds.get(name, MAX_CHARACTERS))
        for name, value in facts.items()
    }
    return kind(**given, **checked)


def _checked(hint: Any, value: Any, max_characters: int = MAX_CHARACTERS) -> Any:
    """Return the value as the hint has it: a text, a number, one of them or None, or a tuple."""
    if value is None and NoneType in get_args(hint):
        return None
    if get_origin(hint) is tuple:
        if not isinstance(value, list) or len(value) > MAX_ITEMS:
            raise TypeError("the value is not a short list")
        return tuple(_checked(get_args(hint)[0], item, max_characters) for item in value)
    if type(value) not in (get_args(hint) or (hint,)):  # `True` is an int to isinstance.
        raise TypeError(f"the value is not {hint}")
    if isinstance(value, str) and (len(value) > max_characters or _UNSTORABLE.search(value)):
        raise ValueError("the text is too long or cannot be stored")
    if isinstance(value, int) and not 0 <= value <= MAX_NUMBER:
        raise ValueError("the number is out of range")
    return value
