"""Brings text into Unicode form NFC, in which the same letters are the same characters."""

import unicodedata
from dataclasses import replace

import regex

from mirage.model import Parsed

# Ordering a sequence of marks takes quadratic time, so that a longer one than any script writes
# stays as it is. Unicode's stream-safe format (UAX #15) ends at 30.
_many_marks = regex.compile(r"(\p{M}{31,})")


def compose(text: str) -> str:
    """Return a text in NFC, in linear time."""
    if text.isascii():
        return text
    return "".join(
        part if at % 2 else unicodedata.normalize("NFC", part)
        for at, part in enumerate(_many_marks.split(text))
    )


def compose_parsed(parsed: Parsed) -> Parsed:
    """Return a parsed document with texts, headings and title in NFC."""
    return replace(
        parsed,
        sections=tuple(
            replace(
                section,
                text=compose(section.text),
                heading_path=tuple(map(compose, section.heading_path)),
            )
            for section in parsed.sections
        ),
        title=parsed.title and compose(parsed.title),
    )
