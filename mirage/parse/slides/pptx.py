"""Parses PowerPoint presentations."""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from mirage.errors import Damaged
from mirage.model import Parsed
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.elements import attribute, children, tag_of
from mirage.parse.ole import refuse_ole
from mirage.parse.relations import Part, main_part
from mirage.parse.slides.shapes import Shapes
from mirage.parse.slides.slide import Slide, write_slides


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or NoText."""
    refuse_ole(path, "PowerPoint presentation", program="PowerPoint", old=".ppt", new=".pptx")
    with Archive(path) as archive:
        package = Part(archive, "")
        main = main_part(package)
        if main is None or tag_of(main.root()) != "presentation":
            raise Damaged("The file is not a PowerPoint presentation: it has no main part.")
        try:
            authors = _authors(main)
            footers: dict[str, None] = {}
            slides = [_read(part, authors, footers) for part in _slides(main)]
        except RecursionError as error:
            raise Damaged(
                "The PowerPoint presentation is damaged: it is nested too deeply."
            ) from error
        return write_slides(slides, package.title(), footers)


def _slides(main: Part) -> Iterator[Part]:
    """Return the slides in the order in which they are shown, each once."""
    seen: set[str] = set()
    for reference in main.root().iterfind("{*}sldIdLst/{*}sldId"):
        # `id` is also an attribute without a namespace, which counts the slides.
        identity = next(
            (str(value) for key, value in reference.items() if str(key).endswith("}id")), None
        )
        part = main.part(identity)
        if part is not None and part.name not in seen:
            seen.add(part.name)
            yield part


def _read(part: Part, authors: dict[str, str], footers: dict[str, None]) -> Slide:
    shapes = Shapes(part)
    shapes.read(part.root())
    footers.update(dict.fromkeys(shapes.footers))
    slide = Slide(shapes.title, shapes.blocks, pictures=shapes.pictures)
    for notes in part.related("notesSlide")[:1]:
        noted = Shapes(notes)
        noted.read(notes.root())
        slide.notes = "\n\n".join(noted.body)
    for comments in part.related("comments"):
        slide.comments += _comments(comments.root(), authors)
    return slide


def _authors(main: Part) -> dict[str, str]:
    """Return the authors of comments by their ids, from either kind of list."""
    return {
        attribute(author, "id") or "": one_line(attribute(author, "name") or "")
        for kind in ("commentAuthors", "authors")
        for part in main.related(kind)
        for author in children(part.root())
    }


def _comments(root: etree._Element, authors: dict[str, str]) -> Iterator[str]:
    for comment in root.iter("{*}cm", "{*}reply"):
        words = [
            str(text.text or "")
            for holder in comment.iterchildren("{*}text", "{*}txBody")
            for text in (holder.iter("{*}t") if len(holder) else (holder,))
        ]
        author = authors.get(attribute(comment, "authorId") or "", "")
        if text := one_line(" ".join(words)):
            yield f"{author}: {text}" if author else text
