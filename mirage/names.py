"""Names that people choose: what one may be, and how it is found again however it is typed."""

import re
from unicodedata import category, normalize
from uuid import UUID

from mirage.errors import InvalidName

MAX_DOCUMENT_BYTES = 4096
"""Of a document's name, in UTF-8: PATH_MAX of Linux, so that what is in a folder can be sent."""
MAX_PART_BYTES = 255
"""Of a part of it between `/`: NAME_MAX of file systems, so that a download can be saved."""
MAX_CHARACTERS = 100
"""Of the name of a project or a key."""

# Control characters, line and paragraph ends, what turns the direction of writing, and surrogates.
_UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
# Of a part that may be taken, three for two bytes. Putting marks in order takes the square of them.
_MOST_LETTERS = 400
# What browsers, curl and httpx write for `"`, CR and LF in a file's name, and for nothing else
# (WHATWG HTML, "multipart form data"). They leave `%` as it is, so a name that holds such an escape
# itself cannot be told from it; that is the rarer one.
_ESCAPE = re.compile("%(22|0D|0A)")
# Letters and a symbol by their category, which leave a gap all the same.
_GAPS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def to_nfc(name: str) -> str:
    """The name as it is kept, in Unicode's form NFC: some keyboards and disks send é as e and ´."""
    # Nothing composes across a `/`.
    return "/".join(
        normalize("NFC", part) if len(part) <= _MOST_LETTERS else part for part in name.split("/")
    )


def decode_form_filename(sent: str) -> str:
    """The file's name that a form means by what it sends."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), sent)


def document_name_from_form(file_name: str) -> str:
    """The name that the document of a file gets when it is sent in a form."""
    return to_nfc(decode_form_filename(file_name))


def name_variants(name: str) -> list[str]:
    """What to look for: the name as it is given, for it may be kept so from of old, and NFC."""
    return list(dict.fromkeys((name, to_nfc(name))))


def parse_id(reference: str) -> UUID | None:
    """The id that a reference spells, hyphens, capitals and braces wherever; None when it is none.

    No project is named so, for then one reference would mean two projects.
    """
    try:
        return UUID(reference)
    except ValueError:
        return None


def check_document_name(name: str) -> None:
    """A relative path with `/` is allowed, so that folders keep their order. Raises InvalidName."""
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
    """Raises InvalidName."""
    _check_short_name(name, "project")
    if "/" in name or "\\" in name or name in {".", ".."}:
        raise InvalidName("a project's name must not contain `/` or `\\`, or be `.` or `..`")
    if parse_id(name) is not None:
        raise InvalidName("a project's name must not look like an id")


def check_key_name(name: str) -> None:
    """Raises InvalidName."""
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
    """Whether there is a letter, digit or sign; marks alone have nothing to stand on."""
    return any(category(letter)[0] in "LNPS" and letter not in _GAPS for letter in name)


def canonical_model(name: str) -> str:
    """`all-minilm` as `registry.ollama.ai/library/all-minilm:latest`, in small letters."""
    *path, last = name.lower().split("/")
    base, _, tag = last.partition(":")
    defaults = ["registry.ollama.ai", "library"]
    return "/".join([*defaults[: max(2 - len(path), 0)], *path, f"{base}:{tag or 'latest'}"])
