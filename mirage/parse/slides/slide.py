"""What was read of a slide, and how slides become the sections of a document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from mirage.errors import NoText
from mirage.model import Parsed, Section
from mirage.parse.headings import heading_path

_NOTES, _COMMENTS, _FOOTER = "Notes", "Comments", "Page footer"
_MAX_NAMED = 20  # guess: ranges of slides in a warning


@dataclass(slots=True)
class Slide:
    """Blocks of text in reading order; `pictures` tells whether it shows any."""

    title: str = ""
    blocks: list[str] = field(default_factory=list)
    notes: str = ""
    comments: list[str] = field(default_factory=list)
    pictures: bool = False


def write_slides(slides: Sequence[Slide], title: str | None, footers: Iterable[str] = ()) -> Parsed:
    """Return the document. Raises NoText if no slide has text.

    `footers` are the lines at the foot of slides, which are written once.
    """
    sections = [
        section for number, slide in enumerate(slides, 1) for section in _sections(slide, number)
    ]
    if not sections:
        raise NoText("The presentation contains no text.")
    if foot := "\n".join(footers):
        sections.append(Section(foot, (_FOOTER,)))
    unread = [
        number
        for number, slide in enumerate(slides, 1)
        if slide.pictures and not slide.title and not slide.blocks
    ]
    first = next((slide.title for slide in slides if slide.title), None)
    return Parsed(
        tuple(sections),
        title=title or first,
        page_count=len(slides),
        warnings=(_name_pictures(unread),) if unread else (),
    )


def _sections(slide: Slide, number: int) -> Iterator[Section]:
    path = heading_path([slide.title] if slide.title else [])
    if text := "\n\n".join(filter(None, (slide.title, *slide.blocks))):
        yield Section(text, path, page_number=number)
    if slide.notes:
        yield Section(slide.notes, (*path, _NOTES), page_number=number)
    if slide.comments:
        yield Section("\n\n".join(slide.comments), (*path, _COMMENTS), page_number=number)


def _name_pictures(numbers: Sequence[int]) -> str:
    starts = [at for before, at in pairwise((-1, *numbers)) if at != before + 1]
    ends = [at for at, after in pairwise((*numbers, -1)) if after != at + 1]
    ranges = [
        str(start) if start == end else f"{start}-{end}"
        for start, end in zip(starts, ends, strict=True)
    ]
    named = ", ".join(ranges[:_MAX_NAMED]) + (", …" if len(ranges) > _MAX_NAMED else "")
    if len(numbers) == 1:
        return f"Slide {named} shows only pictures, no text."
    return f"Slides {named} show only pictures, no text."
