"""Parses OpenDocument presentations."""

from pathlib import Path

from lxml import etree

from mirage.errors import Damaged
from mirage.model import Parsed
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import one_line
from mirage.parse.opendocument.elements import attribute, tag_of
from mirage.parse.opendocument.package import Package
from mirage.parse.opendocument.text import Reader
from mirage.parse.slides.slide import Slide, write_slides

# A number, a date and the picture of the slide say nothing in a text.
_DECORATION = frozenset(("page-number", "date-time", "header", "page"))


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    with Archive(path) as archive:
        package = Package(archive, "OpenDocument presentation")
        reader = Reader(package)
        try:
            slides = [
                _read(page, reader) for page in package.body("presentation").iterchildren("{*}page")
            ]
        except RecursionError as error:
            raise Damaged(
                "The OpenDocument presentation is damaged: it is nested too deeply."
            ) from error
        footers = [
            one_line("".join(map(str, footer.itertext())))
            for footer in package.content.iter("{*}footer-decl")
        ]
        return write_slides(slides, package.title(), dict.fromkeys(filter(None, footers)))


def _read(page: etree._Element, reader: Reader) -> Slide:
    slide = Slide()
    known = len(reader.comments)
    for shape in page.iterchildren(etree.Element):
        kind = attribute(shape, "class") or ""
        if tag_of(shape) == "notes":
            slide.notes = "\n\n".join(
                text
                for part in shape.iterchildren("{*}frame")
                if attribute(part, "class") == "notes" and (text := _text(part, reader))
            )
        elif kind not in _DECORATION and kind != "footer":
            text = _text(shape, reader)
            if kind == "title" and not slide.title:
                slide.title = one_line(text)
            elif text:
                slide.blocks.append(text)
            is_picture = next(shape.iter("{*}image"), None) is not None
            slide.pictures = slide.pictures or (is_picture and not text)
    slide.comments = reader.comments[known:]
    return slide


def _text(shape: etree._Element, reader: Reader) -> str:
    return "\n".join(block.text for block in reader.read_shape(shape))
