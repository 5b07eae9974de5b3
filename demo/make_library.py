"""Generates the PDF and the EPUB of the demo library from their texts in `sources/`.

Run `python demo/make_library.py` after changing a text. The same text yields the same bytes.
"""

import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from reportlab.lib.pagesizes import A5
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)

FOLDER = Path(__file__).parent
LIGHTHOUSES = "Lighthouses: A Short History"
BEEKEEPING = "A Year with Bees"

_BODY = ParagraphStyle("body", fontName="Times-Roman", fontSize=10.5, leading=14, spaceAfter=6)
_SECTION = ParagraphStyle(
    "section", _BODY, fontName="Helvetica-Bold", fontSize=11, spaceBefore=8, keepWithNext=True
)
_CHAPTER = ParagraphStyle("chapter", _SECTION, fontSize=16, leading=20, spaceAfter=10)
_TITLE = ParagraphStyle("title", _CHAPTER, fontSize=22, leading=28)
_STYLES = {0: _BODY, 1: _CHAPTER, 2: _SECTION}

_CONTAINER = (
    '<?xml version="1.0"?>\n<container version="1.0"'
    ' xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>\n"
)


def main(folder: Path = FOLDER / "library") -> None:
    """Write both files into `folder`."""
    make_pdf(folder / "lighthouses.pdf", LIGHTHOUSES, FOLDER / "sources" / "lighthouses.md")
    make_epub(folder / "beekeeping.epub", BEEKEEPING, FOLDER / "sources" / "beekeeping.md")


def make_pdf(path: Path, title: str, source: Path) -> None:
    """Create a booklet with a title page `i`, pages from `1` on, an outline and running headers."""
    document = BaseDocTemplate(
        str(path),
        pagesize=A5,
        title=title,
        lang="en",
        invariant=1,
        pageCompression=0,  # Another zlib would pack it into other bytes.
    )
    frame = Frame(18 * mm, 18 * mm, A5[0] - 36 * mm, A5[1] - 36 * mm, id="page")
    document.addPageTemplates(
        [
            PageTemplate("front", [frame], onPage=_label_front),
            PageTemplate("body", [frame], onPage=_draw_running_lines),
        ]
    )
    front = [
        Spacer(0, 50 * mm),
        Paragraph(title, _TITLE),
        Paragraph("Written for the demo library of miRAGe.", _BODY),
        NextPageTemplate("body"),
        PageBreak(),
    ]
    document.build([*front, *_flowables(source)])


def make_epub(path: Path, title: str, source: Path) -> None:
    """Create a book with one file per chapter, and a table of contents with two levels."""
    chapters: list[list[tuple[int, str]]] = []
    for level, text in _blocks(source):
        if level == 1:
            chapters.append([])
        chapters[-1].append((level, text))
    names = [f"chapter-{number}.xhtml" for number in range(1, len(chapters) + 1)]
    entries = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "EPUB/package.opf": _package(title, names),
        "EPUB/nav.xhtml": _page("Contents", _navigation(names, chapters)),
    }
    for name, blocks in zip(names, chapters, strict=True):
        entries[f"EPUB/{name}"] = _page(blocks[0][1], "\n".join(_markup(blocks)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(zipfile.ZipInfo(name), content)


class _Heading(Paragraph):  # type: ignore[misc]  # reportlab has no types
    """A heading that adds itself to the outline when it is drawn."""

    def draw(self) -> None:
        title = self.getPlainText()
        key = f"{self.canv.getPageNumber()}-{title}"
        self.canv.bookmarkHorizontal(key, 0, self.height)
        self.canv.addOutlineEntry(title, key, level=0 if self.style is _CHAPTER else 1)
        super().draw()


def _label_front(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
    canvas.addPageLabel(1, style="ARABIC", start=1)


def _draw_running_lines(canvas: Canvas, document: BaseDocTemplate) -> None:
    canvas.setFont("Times-Italic", 9)
    canvas.drawCentredString(A5[0] / 2, A5[1] - 12 * mm, LIGHTHOUSES)
    canvas.drawCentredString(A5[0] / 2, 10 * mm, str(document.page - 1))


def _flowables(source: Path) -> Iterator[Flowable]:
    for level, text in _blocks(source):
        kind = _Heading if level else Paragraph
        yield kind(escape(text), _STYLES[level])


def _blocks(source: Path) -> Iterator[tuple[int, str]]:
    """Yield level (0: a paragraph) and text of each block."""
    for block in source.read_text(encoding="utf-8").split("\n\n"):
        text = block.strip()
        level = len(text) - len(text.lstrip("#"))
        yield level, text[level:].strip()


def _package(title: str, names: list[str]) -> str:
    items = "".join(
        f'<item id="{Path(name).stem}" href="{name}" media-type="application/xhtml+xml"/>'
        for name in names
    )
    spine = "".join(f'<itemref idref="{Path(name).stem}"/>' for name in names)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<package version="3.0" unique-identifier="id"'
        ' xmlns="http://www.idpf.org/2007/opf"><metadata'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<dc:identifier id="id">urn:x-mirage:demo:beekeeping</dc:identifier>'
        f"<dc:title>{escape(title)}</dc:title><dc:language>en</dc:language>"
        '<meta property="dcterms:modified">2025-01-01T00:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f"{items}</manifest><spine>{spine}</spine></package>\n"
    )


def _navigation(names: list[str], chapters: list[list[tuple[int, str]]]) -> str:
    entries = []
    for name, blocks in zip(names, chapters, strict=True):
        sections = [text for level, text in blocks if level == 2]
        below = "".join(
            f'<li><a href="{name}#s{number}">{escape(text)}</a></li>'
            for number, text in enumerate(sections, 1)
        )
        entries.append(f'<li><a href="{name}">{escape(blocks[0][1])}</a><ol>{below}</ol></li>')
    return f'<nav epub:type="toc"><h1>Contents</h1><ol>{"".join(entries)}</ol></nav>'


def _markup(blocks: list[tuple[int, str]]) -> Iterator[str]:
    section = 0
    for level, text in blocks:
        if level == 2:
            section += 1
            yield f'<h2 id="s{section}">{escape(text)}</h2>'
        elif level == 1:
            yield f"<h1>{escape(text)}</h1>"
        else:
            yield f"<p>{escape(text)}</p>"


def _page(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'
        f' lang="en"><head><title>{escape(title)}</title></head>\n<body>\n{body}\n</body></html>\n'
    )


if __name__ == "__main__":
    main()
