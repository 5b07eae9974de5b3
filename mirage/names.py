"""Rules for names of projects, documents and keys, and their spellings."""

import re
from collections.abc import Collection, Iterator
from fnmatch import fnmatchcase
from unicodedata import category, normalize
from uuid import UUID

from mirage.errors import InvalidName

MAX_DOCUMENT_BYTES = 4096
"""Limit for a document's name, in UTF-8: PATH_MAX of Linux, so that any file can be uploaded."""
MAX_PART_BYTES = 255
"""Limit for a part between `/`: NAME_MAX of file systems, so that a download can be saved."""
MAX_CHARACTERS = 100
"""Limit for the name of a project or a key."""

# Control characters, line and paragraph ends, characters that change the writing direction, and
# surrogates.
_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# More than an allowed part can have, even if NFC shortens it by a third. Longer parts are not
# normalised, because ordering combining marks takes quadratic time.
_MOST_LETTERS = 400
# Browsers, curl and httpx escape only `"`, CR and LF in a file's name (WHATWG HTML, "multipart form
# data"). They do not escape `%`, so a name that contains such an escape literally is decoded too;
# that is rarer.
_ESCAPE = re.compile("%(22|0D|0A)")
_WILDCARDS = frozenset("*?")
# Invisible characters whose category is letter or symbol.
_GAPS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def to_nfc(name: str) -> str:
    """Return the name in Unicode form NFC: some keyboards and disks send é as e and ´."""
    # No character composes with a `/`.
    return "/".join(
        normalize("NFC", part) if len(part) <= _MOST_LETTERS else part for part in name.split("/")
    )


def decode_form_filename(sent: str) -> str:
    """Return the file name without the escapes of forms."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), sent)


def document_name_from_form(file_name: str) -> str:
    """Return the name of the document for a file name in a form."""
    return to_nfc(decode_form_filename(file_name))


def name_variants(name: str) -> list[str]:
    """Return the spellings to search for: as given (older rows were not normalised), and NFC."""
    return list(dict.fromkeys((name, to_nfc(name))))


def parse_id(reference: str) -> UUID | None:
    """Return the id in a reference, however it is written, or None if it is not an id.

    A project's name must not look like an id, because a reference could then mean two projects.
    """
    try:
        return UUID(reference)
    except ValueError:
        return None


def matching_names(keys: Collection[str], reference: str) -> Iterator[str]:
    """Yield the names and ids among `keys` that a reference of a search means.

    It is a name, an id, a folder (`pumps/`) or a pattern with `*` and `?`.
    """
    if (identity := parse_id(reference)) is not None and str(identity) in keys:
        yield str(identity)
    for spelling in name_variants(reference):
        if spelling in keys:
            yield spelling
        if spelling.endswith("/") or not _WILDCARDS.isdisjoint(spelling):
            pattern = spelling.replace("[", "[[]") + "*" * spelling.endswith("/")
            yield from (key for key in keys if fnmatchcase(key, pattern) and parse_id(key) is None)


def check_document_name(name: str) -> None:
    """Raise InvalidName unless the name is a relative path; `/` separates folders."""
    size = len(name.encode("utf-8", "replace"))
    if not 1 <= size <= MAX_DOCUMENT_BYTES:
        raise InvalidName(
            f"a document's name must have 1 to {MAX_DOCUMENT_BYTES:,} bytes; this has {size:,}"
        )
    longest = max(len(part.encode("utf-8", "replace")) for part in name.split("/"))
    if longest > MAX_PART_BYTES:
        raise InvalidName(
            f"each part of a document's name may have {MAX_PART_BYTES} bytes; one has {longest}"
        )
    if _UNFIT.search(name):
        raise InvalidName("a document's name must not contain control or direction characters")
    if "\\" in name or any(part.strip() in {"", ".", ".."} for part in name.split("/")):
        raise InvalidName("a document's name must not lead out of its folder: no `..`, `//`, `\\`")
    if not all(map(_can_be_seen, name.split("/"))):
        raise InvalidName("each part of a document's name must contain a visible character")


def check_project_name(name: str) -> None:
    """Raise InvalidName unless a project may have this name."""
    _check_short_name(name, "project")
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise InvalidName("a project's name must not contain `/` or `\\`, or be `.` or `..`")
    if parse_id(name) is not None:
        raise InvalidName("a project's name must not look like an id")


def check_key_name(name: str) -> None:
    """Raise InvalidName unless a key may have this name."""
    _check_short_name(name, "key")
    if not name.isprintable():
        raise InvalidName("a key's name must contain only printable characters")


def _check_short_name(name: str, what: str) -> None:
    if not 1 <= len(name) <= MAX_CHARACTERS or name != name.strip():
        raise InvalidName(
            f"a {what}'s name must have 1 to {MAX_CHARACTERS} characters, with no space at the ends"
        )
    if _UNFIT.search(name):
        raise InvalidName(f"a {what}'s name must not contain control or direction characters")
    if not _can_be_seen(name):
        raise InvalidName(f"a {what}'s name must contain a visible character")


def _can_be_seen(name: str) -> bool:
    """Return whether there is a visible letter, digit or symbol; combining marks do not count."""
    return any(category(letter)[0] in "LNPS" and letter not in _GAPS for letter in name)


def canonical_model(name: str) -> str:
    """Return `all-minilm` as `registry.ollama.ai/library/all-minilm:latest`, in lower case."""
    *path, last = name.lower().split("/")
    base, _, tag = last.partition(":")
    defaults = ["registry.ollama.ai", "library"]
    return "/".join([*defaults[: max(2 - len(path), 0)], *path, f"{base}:{tag or 'latest'}"])
