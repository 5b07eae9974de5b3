"""What every parser does to characters before they leave it."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# C0 without tab and newline, DEL, C1, byte order mark, and code points that are no characters.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Hints where a word may be broken; they would hide the word from a search.
_BREAK_HINT = re.compile("[\xad\u200b\u2060]")
_WHITESPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    r"""Without control characters and lone surrogates; every line break becomes `\n`."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _CONTROL.sub("", _LINE_BREAK.sub("\n", text))


def plain_spaces(text: str) -> str:
    """Typeset text as one would type it: plain spaces, and no hints for a line breaker."""
    return _BREAK_HINT.sub("", _ODD_SPACE.sub(" ", text))


def one_line(text: str) -> str:
    """A title or heading: clean and on one line."""
    return _WHITESPACE.sub(" ", plain_spaces(clean(text))).strip()
