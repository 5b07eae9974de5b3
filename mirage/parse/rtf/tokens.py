"""Splits RTF into groups, control words and text, as in version 1.9.1 of the specification."""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})? ?"
    rb"|\\'([0-9A-Fa-f]{2})"
    rb"|\\([^A-Za-z])"
    rb"|([{}])"
    rb"|([^\\{}\r\n\0]+)"
    rb"|[\r\n\0]+|\\",
    re.DOTALL,
)


class Kind(Enum):
    """What a token is."""

    OPEN = 1
    CLOSE = 2
    WORD = 3
    """`text` is its name, `number` what stands behind it."""
    SIGN = 4
    """A backslash before something that is not a letter, which `text` is."""
    BYTES = 5
    """Characters in the encoding of the current font."""


class Token(NamedTuple):
    """The smallest part of a document."""

    kind: Kind
    text: str = ""
    number: int | None = None
    content: bytes = b""


_OPEN, _CLOSE = Token(Kind.OPEN), Token(Kind.CLOSE)


def tokens(content: bytes) -> Iterator[Token]:
    """Return the tokens; binary data is passed over."""
    place = 0
    while match := _TOKEN.match(content, place):
        place = match.end()
        word, number, code, sign, brace, text = match.groups()
        if word is not None:
            value = None if number is None else int(number)
            if word == b"bin":
                place += max(value or 0, 0)
                continue
            yield Token(Kind.WORD, word.decode("ascii"), value)
        elif text is not None:
            yield Token(Kind.BYTES, content=text)
        elif code is not None:
            yield Token(Kind.BYTES, content=bytes.fromhex(code.decode("ascii")))
        elif brace is not None:
            yield _OPEN if brace == b"{" else _CLOSE
        elif sign is not None:
            yield Token(Kind.SIGN, sign.decode("latin-1"))
