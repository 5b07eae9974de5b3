"""Cleans the characters of all parsed text."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
# C0 without tab and newline, DEL, C1, the byte order mark, and noncharacters.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_ODD_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Hints where a word may be broken; search does not find a word that contains them.
_BREAK_HINT = re.compile("[\xad\u200b\u2060]")
_WHITESPACE = re.compile(r"\s+")


def clean(text: str) -> str:
    r"""Return the text without control characters and lone surrogates; line breaks become `\n`."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return _CONTROL.sub("", _LINE_BREAK.sub("\n", text))


def plain_spaces(text: str) -> str:
    """Return typeset text as people type it: with plain spaces and without break hints."""
    return _BREAK_HINT.sub("", _ODD_SPACE.sub(" ", text))


def one_line(text: str) -> str:
    """Return a title or heading clean and on one line."""
    return _WHITESPACE.sub(" ", plain_spaces(clean(text))).strip()
