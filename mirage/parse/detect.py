"""Detects what a file is: its name and its first bytes must agree."""

import unicodedata

from mirage.errors import EmptyFile, InvalidInput
from mirage.model import MediaType
from mirage.parse.formats import BY_TYPE, FORMATS, Format, all_endings, any_document, type_of
from mirage.parse.signatures import OLD_OFFICE, foreign_format

HEAD_BYTES = 4096
"""How many bytes from the beginning of a file `detect` takes into account."""

_SHOWN_CHARACTERS = 60


class UnsupportedMediaType(InvalidInput):
    __doc__ = f"Send {any_document()}, in a file whose name has that ending."

    code = "unsupported-media-type"
    status = 415


class WrongExtension(UnsupportedMediaType):
    """Rename the file to what it holds, and send it again."""

    code = "wrong-extension"


def detect(name: str, head: bytes) -> MediaType:
    """Return the type that the name's ending and the content agree on.

    `head` is the first `HEAD_BYTES` of the file. Raises EmptyFile, WrongExtension if name and
    content differ, and UnsupportedMediaType if neither is of a format in the table.
    """
    if not head:
        raise EmptyFile(f"{shown(name)} is empty.")
    named = _named(name)
    held = _held(head)
    if named is not None and _agree(named, held, head):
        return named.media_type
    what = held.name if isinstance(held, Format) else held
    if named is not None:
        raise WrongExtension(f"{shown(name)} is named like {named.name}, but it holds {what}.")
    if isinstance(held, Format) and held.media_type is not MediaType.TEXT:
        raise WrongExtension(f"{shown(name)} holds {what}, but its name does not say so.")
    if held == OLD_OFFICE:
        raise UnsupportedMediaType(
            f"{shown(name)} cannot be read: it holds {what}; save it as .docx or as PDF."
        )
    raise UnsupportedMediaType(
        f"{shown(name)} cannot be read: accepted are {all_endings()}; it holds {what}."
    )


def extension_of(head: bytes) -> str:
    """Return the ending that a file without a name should have; empty if its content is unknown.

    Markdown cannot be told from plain text. What an archive holds is left to its parser.
    """
    held = _held(head)
    if isinstance(held, Format):
        return held.endings[0]
    return next((row.endings[0] for row in FORMATS if held in row.looks_like), "")


def require_type(name: str, media_type: MediaType) -> None:
    """Raise WrongExtension if a document of that type cannot have the name."""
    row = BY_TYPE[media_type]
    if _named(name) is not row:
        raise WrongExtension(
            f"{shown(name)} must end in {' or '.join(row.endings)}, because the document is"
            f" {row.name}."
        )


def shown(name: str) -> str:
    """Return a name from outside for a sentence: short, without control and direction marks."""
    visible = "".join("�" if unicodedata.category(c)[0] == "C" else c for c in name)
    if len(visible) > _SHOWN_CHARACTERS:
        visible = f"{visible[: _SHOWN_CHARACTERS - 20]}…{visible[-19:]}"
    return f"“{visible}”"


def _named(name: str) -> Format | None:
    media_type = type_of(name)
    return None if media_type is None else BY_TYPE[media_type]


def _agree(named: Format, held: Format | str, head: bytes) -> bool:
    content = held.media_type if isinstance(held, Format) else held
    return named is held or content in named.looks_like or named.may_match(head)


def _held(head: bytes) -> Format | str:
    """Return the format of the content, or how a sentence calls content of no format."""
    for row in FORMATS:
        if row.matches(head):
            return row
    possible = (row for row in FORMATS if row.may_match(head))
    return foreign_format(head) or next(possible, "binary data")
