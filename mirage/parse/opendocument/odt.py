"""Parses OpenDocument texts: one section per heading, then headers, footers and comments.

Pages are unknown, because a file does not say where they end. Deleted text is left out.
"""

from collections.abc import Iterator
from pathlib import Path

from mirage.errors import Damaged, NoText
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.blocks import first_title, sections_of
from mirage.parse.headings import join_bare_headings
from mirage.parse.opendocument.package import Package
from mirage.parse.opendocument.text import Reader

_COMMENTS = "Comments"
_PLACES = {"header": "Page header", "footer": "Page footer"}
_SIDES = ("", "-left", "-first")


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    with Archive(path) as archive:
        package = Package(archive, "OpenDocument text")
        reader = Reader(package)
        try:
            blocks = list(reader.read(package.body("text")))
            comments = list(reader.comments)
            margins = list(_margins(package, reader))
        except RecursionError as error:
            raise Damaged("The OpenDocument text is damaged: it is nested too deeply.") from error
        title = package.title()
    sections = [*join_bare_headings(sections_of(blocks)), *margins]
    if comments:
        sections.append(Section("\n\n".join(comments), (_COMMENTS,)))
    if not sections or not reader.has_words:
        raise NoText("The OpenDocument text contains no text.")
    return Parsed(tuple(sections), title=title or first_title(blocks))


def _margins(package: Package, reader: Reader) -> Iterator[Section]:
    """Return a section for all page headers and one for the footers, each text once."""
    for place, title in _PLACES.items():
        tags = [f"{{*}}{place}{side}" for side in _SIDES]
        found = [] if package.styles is None else package.styles.iter(*tags)
        texts = dict.fromkeys(
            "\n".join(block.text for block in reader.read(part)) for part in found
        )
        text = "\n\n".join(text for text in texts if any(map(str.isalpha, text)))
        if text:
            yield Section(text, (title,))
