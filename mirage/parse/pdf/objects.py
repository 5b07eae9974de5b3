"""Reads the dictionaries of a PDF that pdfium has written.

pdfium writes each object plainly, in the same way whatever the original file does.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Objects = Mapping[int, tuple[Any, tuple[int, int]]]
"""An object by its number, and where it begins and ends."""

_MAX_DEPTH = 32
_MAX_REFERENCES = 16
_OBJECT = re.compile(rb"(?:^|[\r\n])(\d+) 0 obj\s*(?=<<|\[)")
_TOKEN = re.compile(
    rb"\s*(?:(<<)|(>>)|(\[)|(\])|(/[^\s()<>\[\]{}/%]*)|<([0-9A-Fa-f\s]*)>|(\()|"
    rb"(\d+) (\d+) R\b|([-+.\w]+))"
)
_STRING_PART = re.compile(rb"[^()\\]+|\\[0-7]{1,3}|\\\r?\n|\\.|[()]", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


class Reference(NamedTuple):
    """A reference to another object."""

    number: int


class _Unexpected(Exception):
    """The bytes are no object."""


def read_objects(content: bytes) -> dict[int, tuple[Any, tuple[int, int]]]:
    """Return the dictionaries and arrays by their number.

    Names are strings with their slash, strings are bytes; what cannot be read is left out.
    """
    objects: dict[int, tuple[Any, tuple[int, int]]] = {}
    at = 0
    while found := _OBJECT.search(content, at):
        at = found.end()
        try:
            value, at = _value(content, found.end(), 0)
        except _Unexpected:
            continue
        objects[int(found.group(1))] = value, (found.end(), at)
    return objects


def resolve(objects: Objects, value: Any) -> Any:
    """Return what a reference leads to, or the value itself; None for a dangling reference."""
    for _ in range(_MAX_REFERENCES):
        if not isinstance(value, Reference):
            return value
        value = objects.get(value.number, (None, (0, 0)))[0]
    return None


def _value(content: bytes, at: int, depth: int) -> tuple[Any, int]:
    token = _TOKEN.match(content, at)
    if token is None or depth > _MAX_DEPTH or token.lastindex is None:
        raise _Unexpected
    opened, _, listed, _, name, coded, string, number, _, word = token.groups()
    end = token.end()
    if opened:
        return _dictionary(content, end, depth)
    if listed:
        return _array(content, end, depth)
    if string:
        return _string(content, end)
    if name:
        return name.decode("latin-1"), end
    if coded is not None:
        digits = re.sub(rb"\s", b"", coded)
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), end
    if number:
        return Reference(int(number)), end
    if word is None:
        raise _Unexpected
    return word.decode("latin-1"), end


def _dictionary(content: bytes, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    while True:
        token = _TOKEN.match(content, at)
        if token is None:
            raise _Unexpected
        if token.group(2):
            return found, token.end()
        if not token.group(5):
            raise _Unexpected
        key = token.group(5)[1:].decode("latin-1")
        found[key], at = _value(content, token.end(), depth + 1)


def _array(content: bytes, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    while True:
        token = _TOKEN.match(content, at)
        if token is None:
            raise _Unexpected
        if token.group(4):
            return found, token.end()
        value, at = _value(content, at, depth + 1)
        found.append(value)


def _string(content: bytes, at: int) -> tuple[bytes, int]:
    parts: list[bytes] = []
    depth = 1
    while part := _STRING_PART.match(content, at):
        at = part.end()
        text = part.group()
        depth += {b"(": 1, b")": -1}.get(text, 0)
        if depth == 0:
            return b"".join(parts), at
        if text[:1] == b"\\":
            parts.append(_unescaped(text[1:]))
        else:
            parts.append(text)
    raise _Unexpected


def _unescaped(code: bytes) -> bytes:
    if code[:1].isdigit():
        return bytes([int(code, 8) & 0xFF])
    return b"" if code in (b"\n", b"\r\n") else _ESCAPED.get(code, code)
