"""Addresses of citations: a span of a document's text, with a mark of what the text was."""

import base64
import hashlib
import re
from collections.abc import Iterator
from uuid import UUID

from mirage.model import Span

_AT = re.compile(r"(\d{1,9})-(\d{1,9})(?:\.([a-z2-7]{4}))?")
_END = re.compile(r"[.!?…:;»”\"')\]。！？](?=\s|$)|[。！？]")
_BORDER = re.compile(rf"\n+|(?:{_END.pattern})\s*")
_MARK_LETTERS = 4
"""One of a million other texts has the same mark."""


def citation_address(base: str, document: UUID, span: Span, text: str) -> str:
    """Return the address that shows a span; `text` is what the document has there.

    The id is made of the document's bytes, so it survives renaming and reindexing. The mark tells
    whether the text is still the same.
    """
    return f"{base}/d/{document}?at={span[0]}-{span[1]}.{mark_of(text)}"


def mark_of(text: str) -> str:
    """Return the mark of a text, four letters of its hash."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return base64.b32encode(digest).decode()[:_MARK_LETTERS].lower()


def parse_at(at: str) -> tuple[Span, str | None] | None:
    """Return the span and the mark of an address; None if `at` is no such thing."""
    found = _AT.fullmatch(at)
    if not found or int(found[1]) >= int(found[2]):
        return None
    return (int(found[1]), int(found[2])), found[3]


def find_again(text: str, length: int, mark: str, near: int) -> int | None:
    """Return where a span that moved stands in a text now; None if that is not certain.

    The span has `length` characters and this mark. Only spans that begin and end as lines and
    sentences do are compared, because among all spans of a long text some have the mark by chance.
    Of equal texts, the one next to `near` is meant.
    """
    places: dict[str, list[int]] = {}
    for begin in _begins(text):
        span = text[begin : begin + length]
        if len(span) == length and _ends(text, begin + length) and mark_of(span) == mark:
            places.setdefault(span, []).append(begin)
    if len(places) != 1:
        return None
    (found,) = places.values()
    return min(found, key=lambda begin: abs(begin - near))


def _begins(text: str) -> Iterator[int]:
    """Yield where lines and sentences begin."""
    yield 0
    for found in _BORDER.finditer(text):
        yield found.end()


def _ends(text: str, at: int) -> bool:
    """Return whether a line or a sentence ends there."""
    return at == len(text) or text[at] == "\n" or _END.match(text, at - 1) is not None
