"""Parses DOCX: one section per heading, then the headers, footers and comments.

Pages are unknown, because a file does not say where they end. The text is read as if all tracked
changes were accepted.
"""

from collections.abc import Iterator
from pathlib import Path

from mirage.errors import Damaged, NoText
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.docx.blocks import Block
from mirage.parse.docx.margins import read_margins
from mirage.parse.docx.package import Package
from mirage.parse.docx.text import Reader
from mirage.parse.headings import HeadingPath, descend, join_bare_headings, titles
from mirage.parse.ole import refuse_ole


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    refuse_ole(path, "Word document", program="Word", old=".doc", new=".docx")
    with Archive(path) as archive:
        package = Package(archive)
        reader = Reader(package)
        try:
            document = package.document()
            blocks = list(reader.read(document))
            margins = read_margins(package, reader, document)
        except RecursionError as error:
            raise Damaged("The Word document is damaged: it is nested too deeply.") from error
        title = package.title()
    sections = (*join_bare_headings(_sections(blocks)), *margins)
    if not sections or not reader.has_words:
        raise NoText("The Word document contains no text.")
    left_out = ["A part of the text is in another file, which is not read."]
    warnings = tuple(left_out if reader.left_out else ())
    return Parsed(sections, title=title or _first_title(blocks), warnings=warnings)


def _sections(blocks: list[Block]) -> Iterator[Section]:
    path: HeadingPath = []
    held: list[str] = []
    after_item = False
    for block in blocks:
        if block.level is not None:
            if held:
                yield Section("".join(held), titles(path))
            path = descend(path, block.level, block.title)
            held = []
        if held:
            held.append("\n" if block.is_item and after_item else "\n\n")
        held.append(block.text)
        after_item = block.is_item
    if held:
        yield Section("".join(held), titles(path))


def _first_title(blocks: list[Block]) -> str | None:
    """Return the title on the title page, else the first heading."""
    named = [block for block in blocks if block.is_title]
    headed = [block for block in blocks if block.level is not None]
    titles = (block.title.removeprefix(block.label).strip() for block in [*named, *headed])
    return next(filter(None, titles), None)
