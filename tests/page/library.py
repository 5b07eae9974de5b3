"""The documents of the tests: those of the repository, real ones where they are, hostile ones."""

import os
from collections.abc import Iterator
from pathlib import Path

from mirage.testing import make_html, make_pdf

SHELF = "books"
HOSTILE = "hostile"

_OWN = Path(__file__).parents[1] / "data" / "documents"
_REAL = Path(os.environ.get("MIRAGE_TEST_DATA", "/nowhere")) / "library"
_OWN_NAMES = (
    "two-columns.pdf", "rotated.pdf", "outline.pdf", "headings-table-notes.docx", "nav.epub",
    "fiction.fb2.zip", "order.eml", "stores.xlsx",
)  # fmt: skip
_REAL_NAMES = (
    "pdf/tracemonkey.pdf", "pdf/multicolumn.pdf", "pdf/rotation.pdf", "pdf/pdflatex-outline.pdf",
    "pdf/habibi.pdf", "markdown/rust-book/ch04-03-slices.md",
)  # fmt: skip
HAS_REAL = _REAL.is_dir()

MARKED_PDFS = ("two-columns.pdf", "rotated.pdf", "guide.pdf") + (
    ("tracemonkey.pdf", "multicolumn.pdf", "pdflatex-outline.pdf") if HAS_REAL else ()
)
"""PDFs whose letters poppler reads too."""

TEXTS = ("headings-table-notes.docx", "nav.epub", "page.html", "насосы.md", "note.txt")
"""A document of each format that has no pictures."""

_CARE = (
    "The pump must not run dry for more than thirty seconds.",
    "Check the seal of the shaft every five hundred hours of operation.",
    "The valve opens at six bar and closes at five bar.",
    "Close the inlet before you open the housing.",
    "Store the spare parts in a dry place, and keep them away from frost.",
)
_RUSSIAN = """# Насосы

Насос не должен работать всухую дольше тридцати секунд.

## Уход

Проверяйте уплотнение вала каждые пятьсот часов работы.
"""


def documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of the documents of SHELF; `folder` is for those that are made."""
    for name in _OWN_NAMES:
        yield name, (_OWN / name).read_bytes()
    for name in _REAL_NAMES if HAS_REAL else ():
        yield Path(name).name, (_REAL / name).read_bytes()
    # Sentences of the guide go over the ends of its pages, and so do passages.
    pages = [
        [
            "inlet and wait until the pump stands still.",
            *(f"{page}.{line} {_CARE[(page + line) % len(_CARE)]}" for line in range(7)),
            "Before you open the housing of the pump, close the",
        ]
        for page in range(1, 4)
    ]
    yield "guide.pdf", make_pdf(folder / "guide.pdf", pages, title="Guide to pumps").read_bytes()
    body = "<h1>Pumps</h1>" + "".join(f"<p>{line}</p>" for line in _CARE * 3)
    yield "page.html", make_html(folder / "page.html", body).read_bytes()
    yield "насосы.md", _RUSSIAN.encode()
    yield "note.txt", "\n\n".join(_CARE).encode()


def hostile_documents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents of documents that want to harm a reader."""
    script = (
        "<script>document.title = 'owned'</script><img src=x onerror=\"document.title='owned'\">"
    )
    yield (
        "script.html",
        make_html(folder / "s.html", f"<h1>Pumps</h1>{script}<p>Text.</p>").read_bytes(),
    )
    yield "script.md", f"# {script}\n\n</mark></div>{script} and more text.\n".encode()
    yield "<img src=x onerror=alert(1)>.txt", b"The name of this document is code."
    title = "<img src=x onerror=\"document.title='owned'\">"
    yield "title.pdf", make_pdf(folder / "t.pdf", [["A page."]], title=title).read_bytes()
    yield "huge.pdf", _huge_page(folder / "huge.pdf", discs=0)
    yield "bomb.pdf", _huge_page(folder / "bomb.pdf", discs=20_000)


def _huge_page(path: Path, discs: int) -> bytes:
    """A PDF with a page of the greatest size that its format has, some text, and discs over all.

    A disc is 7 bytes in the file, and takes milliseconds to draw.
    """
    from reportlab.pdfgen.canvas import Canvas

    size = 14_400
    canvas = Canvas(str(path), pagesize=(size, size), invariant=True)
    canvas.setFont("Helvetica", 400)
    canvas.drawString(1000, 7000, "A page as large as a house.")
    canvas.beginForm("disc", 0, 0, size, size)
    canvas.setFillAlpha(0.5)
    canvas.circle(size / 2, size / 2, size / 2, fill=1)
    canvas.endForm()
    for _ in range(discs):
        canvas.doForm("disc")
    canvas.save()
    return path.read_bytes()
