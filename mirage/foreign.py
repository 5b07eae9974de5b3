"""Text from outside, such as a server's error message, made fit to log, to store and to show."""

import re

# Control characters and line separators; PostgreSQL takes no NUL in a text, and a terminal obeys
# escape sequences.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What turns the direction of writing makes a message read as another one (Trojan Source,
# CVE-2021-42574); the rest is invisible.
_INVISIBLE = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# A half of a pair that stands alone is no text in UTF-8, so nothing can store or send it.
_SURROGATES = re.compile("[\ud800-\udfff]")


def clean(text: str, limit: int = 300) -> str:
    """Return the text in one line of at most `limit` characters, without what harms a reader.

    Control characters become spaces, runs of space one space, lone surrogates U+FFFD; characters
    that turn the direction of writing or cannot be seen are removed. A text that was cut ends in
    an ellipsis.
    """
    # Bounded first, because the work must not depend on how much somebody else sends.
    beginning = text[: 4 * limit]
    beginning = _CONTROLS.sub(" ", _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", beginning)))
    line = " ".join(beginning.split())
    if len(line) <= limit and len(text) <= 4 * limit:
        return line
    return line[: limit - 1].rstrip() + "…"
