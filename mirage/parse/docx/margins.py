"""Reads what stands around the text of a Word document: headers, footers and comments."""

from collections.abc import Iterator

from lxml import etree

from mirage.model import Section
from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.elements import attribute, tag_of
from mirage.parse.docx.package import Package
from mirage.parse.docx.text import Reader

_PLACES = {"header": "Page header", "footer": "Page footer"}
_COMMENTS = "Comments"
_MAX_QUOTED_CHARACTERS = 200  # guess: a comment on a chapter needs no copy of it


def read_margins(package: Package, reader: Reader, document: etree._Element) -> list[Section]:
    """Return a section for all page headers, one for the footers and one for the comments.

    A header that is repeated in each section of the document is read once.
    """
    sections: list[Section] = []
    for kind, title in _PLACES.items():
        texts = dict.fromkeys(_text(reader, part) for part in package.related(kind))
        text = "\n\n".join(filter(_has_letters, texts))
        if text:
            sections.append(Section(text, (title,)))
    comments = [
        _comment(reader, comment, quoted)
        for comment, quoted in _commented(package, document)
        if _text(reader, comment)
    ]
    if comments:
        sections.append(Section("\n\n".join(comments), (_COMMENTS,)))
    return sections


def _commented(package: Package, document: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    quoted = _quoted(document)
    for part in package.related("comments"):
        for comment in part.iter("{*}comment"):
            yield comment, quoted.get(attribute(comment, "id") or "", "")


def _comment(reader: Reader, comment: etree._Element, quoted: str) -> str:
    author = one_line(attribute(comment, "author") or "")
    about = f" on “{quoted}”" if quoted else ""
    named = f"{author}{about}".strip()
    text = _text(reader, comment)
    return f"{named}: {text}" if named else text


def _quoted(document: etree._Element) -> dict[str, str]:
    """Return the text that each comment is about, by the comment's id, shortened."""
    found: dict[str, str] = {}
    opened: dict[str, list[str]] = {}
    for element in document.iter("{*}commentRangeStart", "{*}commentRangeEnd", "{*}t"):
        identity = attribute(element, "id") or ""
        name = tag_of(element)
        if name == "t":
            for texts in opened.values():
                texts.append(element.text or "")
        elif name == "commentRangeStart":
            opened[identity] = []
        elif identity in opened:
            text = one_line("".join(opened.pop(identity)))
            is_long = len(text) > _MAX_QUOTED_CHARACTERS
            found[identity] = text[: _MAX_QUOTED_CHARACTERS - 1] + "…" if is_long else text
    return found


def _text(reader: Reader, part: etree._Element) -> str:
    return "\n".join(block.text for block in reader.read(part))


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)
