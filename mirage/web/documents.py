"""How a document looks on a page: its state, what failed, and what can be done about it."""

import re
from dataclasses import dataclass

from mirage.errors import Blank, Damaged, Encrypted, NoText, Unreadable, UnsafeArchive
from mirage.model import Document, DocumentStatus

# Another attempt reads the same bytes again, so only another file can help.
_NEEDS_ANOTHER_FILE = {
    error.code for error in (Unreadable, Encrypted, Damaged, NoText, Blank, UnsafeArchive)
}
_PAGES = re.compile(r"\bpages? (\d+(?:(?:[–-]|, | and | to )\d+)*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Shown:
    """A document as a row or a page shows it.

    `state` is `ready`, `working`, `waiting` or `failed`; `button` is `replace`, `again` or empty.
    """

    document: Document
    state: str
    button: str

    @classmethod
    def of(cls, document: Document) -> "Shown":
        """Return how a document is shown."""
        failed = document.status is DocumentStatus.FAILED
        button = ""
        if failed or document.error:
            button = "replace" if document.error_code in _NEEDS_ANOTHER_FILE else "again"
        return cls(document, _state(document), button)


def _state(document: Document) -> str:
    if document.status is DocumentStatus.FAILED:
        return "failed"
    if document.status is DocumentStatus.READY:
        return "ready"
    return "waiting" if document.waiting_for else "working"


def link_pages(sentence: str) -> list[tuple[str, int | None]]:
    """Return a warning in parts: text, and the numbers of pages that it names."""
    parts: list[tuple[str, int | None]] = []
    position = 0
    for found in _PAGES.finditer(sentence):
        for number in re.finditer(r"\d+", found[1]):
            start, end = (found.start(1) + at for at in number.span())
            parts += [(sentence[position:start], None), (number[0], int(number[0]))]
            position = end
    parts.append((sentence[position:], None))
    return [part for part in parts if part[0]]
