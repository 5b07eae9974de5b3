"""Suggests documents for a name that none has."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_SUGGESTED = 3
# Comparing takes 5 to 100 µs per name, and time in proportion to the product of both lengths.
_MAX_NAMES = 10_000
_MAX_CHARACTERS = 100


def suggestion(reference: str, names: Iterable[str]) -> str:
    """Return `; similar: handbook.pdf, …`, or an empty text if no name is similar.

    A name is similar as a whole or by the part after its last `/`.
    """
    by_spelling: dict[str, str] = {}
    for name in islice(names, _MAX_NAMES):
        whole = name.casefold()
        for spelling in (whole, whole.rpartition("/")[2]):
            by_spelling.setdefault(spelling[-_MAX_CHARACTERS:], name)
    wanted = reference.casefold()[-_MAX_CHARACTERS:]
    close = get_close_matches(wanted, by_spelling, n=2 * _SUGGESTED)
    found = list(dict.fromkeys(by_spelling[spelling] for spelling in close))[:_SUGGESTED]
    return f"; similar: {', '.join(found)}" if found else ""
