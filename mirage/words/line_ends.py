"""Words that a hyphen divides at the end of a line, as in text files of printed books."""

from collections.abc import Iterator

import regex

from mirage.words.forms import fold, word_terms

# Before a capital letter the hyphen belongs to the name.
_DIVIDED = regex.compile(
    r"(?<![-\u2010\p{L}])\p{L}{2,40}+(?P<gap>[-\u2010\u00AC]\n[ \t]{0,20})\p{Ll}{2,40}+"
)


def divided_words(text: str, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield start, end and terms of each word that goes on in the next line."""
    for found in _DIVIDED.finditer(text) if "\n" in text else ():
        joined = fold(found[0].replace(found["gap"], "", 1), language)
        yield found.start(), found.end(), word_terms(joined, language)
