"""Cleans text from outside, such as a server's error message, to log, store and show it."""

import re

# Control characters and line separators: PostgreSQL refuses NUL in texts, and terminals execute
# escape sequences.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Characters that change the writing direction can falsify a message (Trojan Source,
# CVE-2021-42574); the others are invisible.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# An unpaired surrogate is not valid UTF-8, so it cannot be stored or sent.
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str, limit: int = 300) -> str:
    """Return the text as one harmless line of at most `limit` characters.

    Control characters become spaces, runs of spaces one space, unpaired surrogates U+FFFD;
    invisible characters, and those that change the writing direction, are removed. A shortened
    text ends with an ellipsis.
    """
    # Shorten first, so that a long text costs no time.
    beginning = text[: 4 * limit]
    beginning = _CONTROLS.sub(" ", _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", beginning)))
    line = " ".join(beginning.split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    return line[: limit - 1].rstrip() + "…"
