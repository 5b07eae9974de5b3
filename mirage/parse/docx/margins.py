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
    comments = list(_comments(package, reader, document))
    if comments:
        sections.append(Section("\n\n".join(comments), (_COMMENTS,)))
    return sections


def _comments(package: Package, reader: Reader, document: etree._Element) -> Iterator[str]:
    """Return each comment with its author and the text that it is about."""
    quoted = _quoted(document)
    for part in package.related("comments"):
        for comment in part.iter("{*}comment"):
            about = quoted.get(attribute(comment, "id") or "", "")
            author = one_line(attribute(comment, "author") or "")
            named = " on ".join(filter(None, (author, about and f"“{about}”")))
            if text := _text(reader, comment):
                yield f"{named}: {text}" if named else text


def _quoted(document: etree._Element) -> dict[str, str]:
    """Return the text that each comment is about, by the comment's id, shortened."""
    found: dict[str, str] = {}
    opened: dict[str, str] = {}
    for element in document.iter("{*}commentRangeStart", "{*}commentRangeEnd", "{*}t"):
        name, identity = tag_of(element), attribute(element, "id") or ""
        if name == "commentRangeStart":
            opened[identity] = ""
        elif name == "commentRangeEnd":
            if identity in opened:
                found[identity] = one_line(opened.pop(identity))
        else:
            for each in list(opened):
                opened[each] += element.text or ""
                # One that is never closed would have the rest of the document.
                if len(opened[each]) > _MAX_QUOTED_CHARACTERS:
                    shortened = opened.pop(each)[: _MAX_QUOTED_CHARACTERS - 1]
                    found[each] = f"{one_line(shortened)}…"
    return found


def _text(reader: Reader, part: etree._Element) -> str:
    return "\n".join(block.text for block in reader.read_part(part))


def _has_letters(text: str) -> bool:
    return any(letter.isalpha() for letter in text)
