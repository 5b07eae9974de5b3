"""Parses DOCX: one section per heading, then the headers, footers and comments.

Pages are unknown, because a file does not say where they end. The text is read as if all tracked
changes were accepted.
"""

from pathlib import Path

from mirage.errors import Damaged, NoText
from mirage.model import Parsed
from mirage.parse.archive import Archive
from mirage.parse.blocks import first_title, sections_of
from mirage.parse.docx.margins import read_margins
from mirage.parse.docx.package import Package
from mirage.parse.docx.text import Reader
from mirage.parse.headings import join_bare_headings
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
    sections = (*join_bare_headings(sections_of(blocks)), *margins)
    if not sections or not reader.has_words:
        raise NoText("The Word document contains no text.")
    left_out = ["A part of the text is in another file, which is not read."]
    warnings = tuple(left_out if reader.left_out else ())
    return Parsed(sections, title=title or first_title(blocks), warnings=warnings)
