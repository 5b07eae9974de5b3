"""Creates documents for tests, with libraries of the `dev` group."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path

Placed = tuple[str, float, float]
"""A line of text, and where it begins: x and y of its baseline, in points from below left."""

_LEFT, _TOP, _LEADING = 72.0, 770.0, 14.0
_CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OEBPS/book.opf"
 media-type="application/oebps-package+xml"/></rootfiles></container>"""

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def make_pdf(
    path: Path,
    pages: Sequence[Sequence[str | Placed]],
    *,
    title: str = "",
    outline: Sequence[tuple[str, int, int, float]] = (),
    labels: Mapping[int, str] | None = None,
    password: str | None = None,
    owner_password: str | None = None,
) -> Path:
    """Create a PDF of A4 pages; plain lines are placed below each other from the top.

    `outline` contains title, level (from 0), page index and y. `labels` maps a page index to the
    style of page labels from there: ARABIC, ROMAN_LOWER and so on.
    """
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    encryption = None
    if password is not None or owner_password is not None:
        encryption = StandardEncryption(password or "", ownerPassword=owner_password)
    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True, encrypt=encryption)
    canvas.setTitle(title)
    for index, style in (labels or {}).items():
        canvas.addPageLabel(index, style=style, start=1)
    for index, lines in enumerate(pages):
        y = _TOP
        for line in lines:
            text, x, height = (line, _LEFT, y) if isinstance(line, str) else line
            canvas.setFont("Helvetica", 11)
            canvas.drawString(x, height, text)
            y -= _LEADING
        for entry, level, on_page, top in outline:
            if on_page == index:
                key = f"{entry}@{index},{top}"
                canvas.bookmarkPage(key, fit="XYZ", left=0, top=top)
                canvas.addOutlineEntry(entry, key, level)
        canvas.showPage()
    canvas.save()
    return path


def make_picture_pdf(path: Path, pages: Sequence[str | None]) -> Path:
    """Create a PDF whose pages contain a line of text or, for None, only a picture."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    for text in pages:
        if text is None:
            canvas.rect(72, 72, 400, 400, fill=1)
        else:
            canvas.drawString(_LEFT, _TOP, text)
        canvas.showPage()
    canvas.save()
    return path


def make_form_pdf(path: Path, label: str, value: str) -> Path:
    """Create a PDF with one filled form field."""
    from reportlab.pdfgen.canvas import Canvas

    canvas = Canvas(str(path), pagesize=(595, 842), invariant=True)
    canvas.drawString(_LEFT, _TOP, label)
    canvas.acroForm.textfield(name="field", value=value, x=_LEFT, y=_TOP - 60, width=300)
    canvas.save()
    return path


def make_glyph_pdf(path: Path, lines: Sequence[str], letters: Mapping[str, str]) -> Path:
    """Create a PDF whose font draws ASCII glyphs, and maps each to `letters[glyph]`."""
    drawn = " 0 -30 Td ".join(f"({line}) Tj" for line in lines)
    mapping = "\n".join(
        f"<{ord(glyph):02x}> <{letter.encode('utf-16-be').hex()}>"
        for glyph, letter in letters.items()
    )
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /M def "
        "/CMapType 2 def 1 begincodespacerange <00> <ff> endcodespacerange "
        f"{len(letters)} beginbfchar {mapping} endbfchar endcmap end end"
    )
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"{page}/Resources<</Font<</F 5 0 R>>>>>>",
        _stream(f"BT /F 12 Tf 72 700 Td {drawn} ET"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 6 0 R>>",
        _stream(to_unicode),
    ]
    path.write_bytes(_assemble(objects))
    return path


def make_epub(
    path: Path,
    chapters: Mapping[str, str],
    *,
    title: str = "A book",
    language: str = "",
    contents: Sequence[tuple[str, str]] = (),
    not_linear: Sequence[str] = (),
    extra: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Create an EPUB 3. `chapters` maps file names to the content of their body, in spine order.

    `contents` contains titles and references. `extra` entries have paths from the archive's root
    and replace generated ones.
    """
    manifest = "".join(
        f'<item id="c{at}" href="{escape(name)}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(chapters)
    )
    spine = "".join(
        f'<itemref idref="c{at}" linear="{"no" if name in not_linear else "yes"}"/>'
        for at, name in enumerate(chapters)
    )
    listed = "".join(
        f'<li><a href="{escape(reference)}">{escape(entry)}</a></li>'
        for entry, reference in contents
    )
    entries: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": _CONTAINER,
        "OEBPS/book.opf": (
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(title)}</dc:title><dc:language>{escape(language)}</dc:language>"
            '</metadata><manifest><item id="nav" href="nav.xhtml" properties="nav"'
            f' media-type="application/xhtml+xml"/>{manifest}</manifest>'
            f"<spine>{spine}</spine></package>"
        ),
        "OEBPS/nav.xhtml": _page(f'<nav epub:type="toc"><ol>{listed}</ol></nav>'),
    }
    entries |= {f"OEBPS/{name}": _page(body) for name, body in chapters.items()}
    return make_zip(path, entries | dict(extra or {}))


def make_docx(
    path: Path,
    body: str,
    *,
    title: str = "",
    styles: str = "",
    footnotes: Mapping[str, str] | None = None,
    related: Mapping[str, str] | None = None,
    links: Sequence[str] = (),
    extra: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Create a Word document from the markup of its body, its styles, and its footnotes by id.

    All markup has the prefix `w`. `related` are further parts by their kind, such as `numbering`,
    which is also the id of their relation; the links are called `link0`, `link1` and so on.
    `extra` entries replace generated ones.
    """
    notes = "".join(
        f'<w:footnote w:id="{identity}">{note}</w:footnote>'
        for identity, note in (footnotes or {}).items()
    )
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
            'officedocument.wordprocessingml.document.main+xml"/></Types>'
        ),
        "_rels/.rels": relations(
            {f"{RELATIONS}/officeDocument": "word/document.xml", core: "docProps/core.xml"}
        ),
        "docProps/core.xml": (
            '<c:coreProperties xmlns:c="urn:core" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<dc:title>{escape(title)}</dc:title></c:coreProperties>"
        ),
        "word/_rels/document.xml.rels": relations(
            {
                f"{RELATIONS}/{kind}": f"{kind}.xml"
                for kind in ("styles", "footnotes", *(related or {}))
            },
            links,
        ),
        "word/document.xml": _word("document", f"<w:body>{body}</w:body>"),
        "word/styles.xml": _word("styles", styles),
        "word/footnotes.xml": _word("footnotes", notes),
        **{f"word/{kind}.xml": _word(kind, part) for kind, part in (related or {}).items()},
    }
    return make_zip(path, entries | dict(extra or {}))


def make_fb2(
    path: Path,
    body: str,
    *,
    title: str = "A book",
    info: str = "",
    notes: str = "",
    encoding: str = "utf-8",
) -> Path:
    """Create a FictionBook from the markup of its body and of its notes.

    `info` is more markup of its `title-info`. It is packed if the path ends in `.zip`.
    """
    noted = f'<body name="notes">{notes}</body>' if notes else ""
    book = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"'
        ' xmlns:l="http://www.w3.org/1999/xlink"><description><title-info>'
        f"{info}<book-title>{escape(title)}</book-title></title-info></description>"
        f"<body>{body}</body>{noted}"
        '<binary id="cover.jpg" content-type="image/jpeg">/9j/4AAQ</binary></FictionBook>'
    ).encode(encoding)
    if path.suffix == ".zip":
        return make_zip(path, {f"{path.stem.removesuffix('.fb2')}.fb2": book})
    path.write_bytes(book)
    return path


SheetCell = str | int | float | bool | date | None
"""A value of a cell; a `datetime` has a time. Text that begins with `<` is the cell's markup."""


def make_xlsx(
    path: Path,
    sheets: Mapping[str, Sequence[Sequence[SheetCell]]],
    *,
    formats: Sequence[str] = (),
    extra: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Create an Excel workbook. Style 1 shows a date, style 2 a date with a time.

    `formats` are codes of number formats, for the styles from 3. `extra` entries replace generated
    ones.
    """
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(sheets, 1)
    )
    codes = "".join(
        f'<numFmt numFmtId="{164 + at}" formatCode="{escape(code)}"/>'
        for at, code in enumerate(formats)
    )
    styles = "".join(
        f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, *range(164, 164 + len(formats)))
    )
    sheet_relations = "".join(
        f'<Relationship Id="rId{at}" Type="{RELATIONS}/worksheet" Target="worksheets/s{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'<Types xmlns="{package}/content-types"><Override PartName="/xl/workbook.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main'
            '+xml"/></Types>'
        ),
        "_rels/.rels": relations({f"{RELATIONS}/officeDocument": "xl/workbook.xml"}),
        "xl/workbook.xml": (
            f'<workbook {namespace} xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{package}/relationships">{sheet_relations}<Relationship Id="s"'
            f' Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>'
        ),
        "xl/styles.xml": (
            f"<styleSheet {namespace}><numFmts>{codes}</numFmts><cellXfs>{styles}</cellXfs>"
            "</styleSheet>"
        ),
    }
    for at, rows in enumerate(sheets.values(), 1):
        written = "".join(
            f'<row r="{number}">{"".join(_cell(cell, number, column) for column, cell in filled)}'
            "</row>"
            for number, row in enumerate(rows, 1)
            if (filled := [(column, cell) for column, cell in enumerate(row) if cell is not None])
        )
        entries[f"xl/worksheets/s{at}.xml"] = (
            f"<worksheet {namespace}><sheetData>{written}</sheetData></worksheet>"
        )
    return make_zip(path, entries | dict(extra or {}))


def make_html(path: Path, body: str, *, head: str = "", encoding: str = "utf-8") -> Path:
    """Create a page that declares no encoding, unless `head` does."""
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    path.write_bytes(page.encode(encoding))
    return path


def make_zip(path: Path, entries: Mapping[str, str | bytes]) -> Path:
    """Create an archive; `mimetype` is stored, the rest compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, packing)
    path.write_bytes(buffer.getvalue())
    return path


def _cell(cell: SheetCell, row: int, column: int) -> str:
    place = f'r="{chr(ord("A") + column)}{row}"'
    if isinstance(cell, str):
        if cell.startswith("<"):
            return cell.replace("<c", f"<c {place}", 1)
        return f'<c {place} t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c {place} t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, date):
        is_timed = isinstance(cell, datetime)
        days: float = cell.toordinal() - date(1899, 12, 30).toordinal()
        if isinstance(cell, datetime):
            days += timedelta(hours=cell.hour, minutes=cell.minute) / timedelta(days=1)
        return f'<c {place} s="{1 + is_timed}"><v>{days}</v></c>'
    return f"<c {place}><v>{cell}</v></c>"


def _page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"'
        ' xmlns:epub="http://www.idpf.org/2007/ops"><head><title>Unseen</title></head>'
        f"<body>{body}</body></html>"
    )


def _word(name: str, inside: str) -> str:
    return f'<?xml version="1.0"?><w:{name} xmlns:w="{_WORD}">{inside}</w:{name}>'


def relations(targets: Mapping[str, str], links: Sequence[str] = ()) -> str:
    """Return the markup of what a part of an Office document refers to: parts by kind, and links
    (`link0`, `link1` …) to addresses outside.
    """
    relations = "".join(
        f'<Relationship Id="{kind.rpartition("/")[2]}" Type="{kind}" Target="{target}"/>'
        for kind, target in targets.items()
    ) + "".join(
        f'<Relationship Id="link{at}" Type="{RELATIONS}/hyperlink" Target="{escape(link)}"'
        ' TargetMode="External"/>'
        for at, link in enumerate(links)
    )
    namespace = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{namespace}">{relations}</Relationships>'


def _stream(content: str) -> str:
    return f"<</Length {len(content)}>>\nstream\n{content}\nendstream"


def _assemble(objects: Sequence[str]) -> bytes:
    """Return a PDF file made of objects, with the table of their offsets."""
    written = "%PDF-1.4\n"
    offsets: list[int] = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        f"{written}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(written)}\n%%EOF\n"
    ).encode("latin-1")
