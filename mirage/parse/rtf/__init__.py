"""Parses RTF documents: one section per heading, then page headers, footers and comments.

Pages are unknown, because a file does not say where they end. Deleted and hidden text is left out.
"""

from pathlib import Path

from mirage.errors import Blank, Damaged, NoText
from mirage.model import Parsed, Section
from mirage.parse.blocks import first_title, sections_of
from mirage.parse.headings import join_bare_headings
from mirage.parse.rtf.reader import read

_MARK = b"{\\rt"
_COMMENTS = "Comments"
_MARGINS = {"header": "Page header", "footer": "Page footer"}
_TRUNCATED = "The file ends in the middle of the document, so that the rest of its text is missing."


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged, NoText or Blank."""
    content = path.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip()
    if not content.startswith(_MARK):
        raise Damaged("The file is not an RTF document: it does not begin like one.")
    reader = read(content)
    state = reader.state
    blocks = reader.body.finish()
    sections = [*join_bare_headings(sections_of(blocks))]
    for place, title in _MARGINS.items():
        text = "\n\n".join(text for text in state.margins[place] if any(map(str.isalpha, text)))
        if text:
            sections.append(Section(text, (title,)))
    if state.comments:
        sections.append(Section("\n\n".join(state.comments), (_COMMENTS,)))
    if not sections:
        if state.has_pictures:
            raise NoText("The RTF document contains only pictures, without text.")
        raise Blank("The RTF document contains no text.")
    return Parsed(
        tuple(sections),
        title=state.title or first_title(blocks),
        warnings=() if reader.is_whole else (_TRUNCATED,),
    )
