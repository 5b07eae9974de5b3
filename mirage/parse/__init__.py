"""Parses documents into sections: one module per format, and a child process to run it in.

`formats.py` lists the formats. A parser is imported when it is needed, because only the child that
parses should carry the parsers' libraries.
"""

from dataclasses import replace
from importlib import import_module
from pathlib import Path

from mirage.model import MediaType, Parsed
from mirage.parse.detect import HEAD_BYTES, detect
from mirage.parse.formats import BY_TYPE, EXTENSIONS
from mirage.parse.headings import named_title
from mirage.parse.sandbox import Sandbox

__all__ = ["EXTENSIONS", "HEAD_BYTES", "Sandbox", "detect", "parse"]

LANGUAGE = "mirage.parse.language"
"""The module that finds the language of a parsed text."""
_COMPOSITION = "mirage.parse.composition"


def parse(path: Path, media_type: MediaType) -> Parsed:
    """Parse a document in this process; a file from outside belongs in a `Sandbox`.

    Raises a subclass of `Unreadable`, whose message is a sentence for the document's owner, and
    OSError if the file cannot be read.
    """
    read: Parsed = import_module(BY_TYPE[media_type].parser).parse(path)
    parsed: Parsed = import_module(_COMPOSITION).compose_parsed(read)
    language = import_module(LANGUAGE).find_language(parsed.sections, parsed.language)
    return replace(parsed, title=named_title(parsed.title), language=language)
