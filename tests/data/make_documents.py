"""Makes the small documents in `documents/` that guard the parsers.

Run `python -m tests.data.make_documents`. The texts were written for this file. The expected text
of each document, `<name>.expected`, was written from what its pages show, not by the parser.
"""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from pypdf import PdfReader, PdfWriter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from mirage.testing import (
    make_docx,
    make_epub,
    make_fb2,
    make_glyph_pdf,
    make_ods,
    make_xlsx,
    make_zip,
)

FOLDER = Path(__file__).parent / "documents"
_PAGE = (420, 595)  # A5 in points.
_LEFT, _TOP, _LEADING = 50.0, 520.0, 14.0
Lines = Sequence[str]

_KEEPER = (
    "The keeper lit the lamp at dusk and put it out when the sun had",
    "risen over the water. In between he climbed the stairs every sec-",
    "ond hour to trim the wick and to polish the glass.",
)
_OIL = (
    "Whale oil burned best of all. Every winter the tenders brought for-",
    "ty barrels of it in the last ship before the ice, and the well-",
    "known smell of it stayed in the tower until the end of spring.",
)
_FOG = (
    "In fog a bell was rung by hand, four strokes in every minute, un-",
    "til the air was clear again. Nobody slept in those nights.",
)
_LEFT_COLUMN = (
    "The first light on the rock was a", "fire of coal in an iron basket. It",
    "burned a ton in a winter’s night,", "and in rain it gave more smoke",
    "than light. Ships that had trusted", "it ran on the rock all the same,",
    "and their crews climbed up to", "the fire to dry their clothes.",
    "After thirty years the basket was", "rusted through, and the town",
    "voted to build a tower of stone", "with a room of glass on top.",
)  # fmt: skip
_RIGHT_COLUMN = (
    "The tower took four summers.", "Each stone was cut on land, num-",
    "bered, and brought out by boat", "when the sea allowed it, which",
    "was on two days of five. In the", "fifth year the lamp was lit. It had",
    "twelve wicks in a ring and a mir-", "ror of silvered copper behind them.",
    "The light was seen from twenty", "miles away, and no ship was lost",
    "on the rock in the eighty years", "that it burned.",
)  # fmt: skip


def main(folder: Path = FOLDER) -> None:
    """Write all documents."""
    folder.mkdir(exist_ok=True)
    _two_columns(folder / "two-columns.pdf")
    _running_lines(folder / "running-lines.pdf")
    _outline(folder / "outline.pdf")
    _rotated(folder / "rotated.pdf")
    _locked(folder / "owner-password.pdf", user="", owner="secret")
    _locked(folder / "user-password.pdf", user="secret", owner="other")
    _scanned(folder / "scanned.pdf")
    _rewritten(folder / "rewritten-by-pypdf.pdf", folder / "outline.pdf")
    make_glyph_pdf(folder / "own-letters.pdf", ["abc abd"], dict(zip("abcd", "Öl№ß", strict=True)))
    _nav_book(folder / "nav.epub")
    _ncx_book(folder / "ncx.epub")
    _report(folder / "headings-table-notes.docx")
    _letter(folder / "letter-lists.docx")
    _fiction(folder / "fiction.fb2.zip")
    _statement(folder / "statement.csv")
    _workbook(folder / "stores.xlsx")
    _open_sheet(folder / "stores.ods")
    _mail(folder / "order.eml")


def _two_columns(path: Path) -> None:
    """A title over both columns; the text runs down the left one first."""
    canvas = _canvas(path, "Lamps and Oil")
    _write(canvas, ["Lamps and Oil"], top=550, size=18)
    _write(canvas, _LEFT_COLUMN)
    _write(canvas, _RIGHT_COLUMN, left=225)
    canvas.showPage()
    canvas.save()


def _running_lines(path: Path) -> None:
    """A title page `i`, then pages from `1` with a running title above and a number below."""
    canvas = _canvas(path, "The Tower")
    canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
    canvas.addPageLabel(1, style="ARABIC", start=1)
    _write(canvas, ["The Tower"], size=20, top=400)
    canvas.showPage()
    for number, text in enumerate((_KEEPER, _OIL, _FOG, _KEEPER, _OIL, _FOG), 1):
        _write(canvas, ["The Tower · a short history"], top=570, size=8)
        _write(canvas, text)
        _write(canvas, [f"– {number} –"], top=25, size=8, left=200)
        canvas.showPage()
    canvas.save()


def _outline(path: Path) -> None:
    """Two chapters of which one has two parts; words are broken at the end of a line."""
    canvas = _canvas(path, "Keeping a Light")
    for level, title, text in (
        (0, "1 The keeper", _KEEPER),
        (0, "2 The light", ()),
        (1, "2.1 Oil", _OIL),
        (1, "2.2 Fog", _FOG),
    ):
        if level == 0 and title != "1 The keeper":
            canvas.showPage()
        top = {"2.1 Oil": 480.0, "2.2 Fog": 380.0}.get(title, 550.0)
        canvas.bookmarkPage(title, fit="XYZ", left=0, top=top + 16)
        canvas.addOutlineEntry(title, title, level)
        _write(canvas, [title], top=top, size=14, font="Helvetica-Bold")
        _write(canvas, text, top=top - 24)
    canvas.showPage()
    canvas.save()


def _rotated(path: Path) -> None:
    """A page that is shown turned, and one whose text is drawn turned."""
    canvas = _canvas(path, "Turned")
    canvas.setPageRotation(90)
    canvas.rotate(90)
    canvas.translate(0, -_PAGE[0])
    _write(canvas, _KEEPER, top=300)
    canvas.showPage()
    canvas.setPageRotation(0)
    canvas.rotate(90)
    canvas.translate(0, -_PAGE[0])
    _write(canvas, _FOG, top=300)
    canvas.showPage()
    canvas.save()


def _locked(path: Path, *, user: str, owner: str) -> None:
    """Encrypted; without a user's password every program opens it."""
    encryption = StandardEncryption(user, ownerPassword=owner, canPrint=0, strength=128)
    canvas = Canvas(str(path), pagesize=_PAGE, invariant=1, encrypt=encryption)
    canvas.setTitle("Fog")
    _write(canvas, _FOG)
    canvas.showPage()
    canvas.save()


def _scanned(path: Path) -> None:
    """A picture of a page, without text."""
    canvas = _canvas(path, "Scanned")
    for number in range(12):
        canvas.rect(_LEFT, _TOP - number * _LEADING, 300 - 7 * number, 5, fill=1)
    canvas.showPage()
    canvas.save()


def _rewritten(path: Path, source: Path) -> None:
    """The same pages by another program, with packed streams."""
    writer = PdfWriter(clone_from=PdfReader(source))
    for page in writer.pages:
        page.compress_content_streams()
    buffer = io.BytesIO()
    writer.write(buffer)
    path.write_bytes(buffer.getvalue())


def _nav_book(path: Path) -> None:
    """EPUB 3: two levels of contents, a note, a table, a page that belongs to no chapter."""
    make_epub(
        path,
        {
            "cover.xhtml": "<p>Keeping a Light</p>",
            "one.xhtml": "<h1>The keeper</h1><p>He lit the <em>lamp</em> at dusk.<a epub:type="
            '"noteref" href="notes.xhtml#n1">1</a></p><p>He slept<br/>by day.</p>',
            "two.xhtml": '<h1>The light</h1><h2 id="oil">Oil</h2><p>H<sub>2</sub>O puts it out.</p>'
            "<table><tr><th>Year</th><th>Barrels</th></tr><tr><td>1871</td><td>40</td></tr></table>"
            '<h2 id="fog">Fog</h2><p>A bell was rung&#160;by hand.</p>',
            "notes.xhtml": '<aside epub:type="footnote" id="n1"><p>1 At six in winter.</p></aside>',
        },
        title="Keeping a Light",
        language="en",
        extra={
            "OEBPS/nav.xhtml": '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://'
            'www.idpf.org/2007/ops"><body><nav epub:type="toc"><ol>'
            '<li><a href="one.xhtml">The keeper</a></li><li><a href="two.xhtml">The light</a><ol>'
            '<li><a href="two.xhtml#oil">Oil</a></li><li><a href="two.xhtml#fog">Fog</a></li>'
            '</ol></li><li><a href="notes.xhtml">Notes</a></li></ol></nav></body></html>'
        },
    )


def _ncx_book(path: Path) -> None:
    """EPUB 2: contents in an NCX only, HTML entities, a page in an old encoding."""
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{}</body></html>'
    points = "".join(
        f'<navPoint id="p{at}" playOrder="{at}"><navLabel><text>{title}</text></navLabel>'
        f'<content src="{target}"/>{inside}</navPoint>'
        for at, (title, target, inside) in enumerate(
            [
                ("Der Wärter", "a.html", ""),
                (
                    "Das Licht",
                    "b.html",
                    '<navPoint id="q" playOrder="9"><navLabel><text>Nebel</text></navLabel>'
                    '<content src="b.html#nebel"/></navPoint>',
                ),
            ],
            1,
        )
    )
    make_zip(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container version="1.0" xmlns="urn:oasis:names:tc:'
            'opendocument:xmlns:container"><rootfiles><rootfile full-path="content.opf"'
            ' media-type="application/oebps-package+xml"/></rootfiles></container>',
            "content.opf": '<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Das Feuer</dc:title>'
            "<dc:language>de</dc:language></metadata><manifest>"
            '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
            '<item id="a" href="a.html" media-type="application/xhtml+xml"/>'
            '<item id="b" href="b.html" media-type="application/xhtml+xml"/></manifest>'
            '<spine toc="ncx"><itemref idref="a"/><itemref idref="b"/></spine></package>',
            "toc.ncx": '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">'
            f"<navMap>{points}</navMap></ncx>",
            "a.html": page.format(
                "<h2>Der W&auml;rter</h2><p>Er z&uuml;ndete die Lampe an &ndash; jeden Abend.</p>"
            ),
            "b.html": b'<?xml version="1.0" encoding="iso-8859-1"?>'
            + page.format(
                "<h2>Das Licht</h2><p>Das Öl roch.</p><h3 id='nebel'>Nebel</h3>"
                "<p>Eine Glocke wurde geläutet.</p>"
            ).encode("iso-8859-1"),
        },
    )


def _report(path: Path) -> None:
    """DOCX: a title, headings of two levels, a table, a footnote, a tracked change."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{identity}"><w:name w:val="{name}"/></w:style>'
        for identity, name in (("Title", "Title"), ("H1", "heading 1"), ("H2", "heading 2"))
    )
    row = "<w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr>"
    body = "".join(
        (
            _p("The Year of the Tower", "Title"),
            _p("Winter", "H1"),
            _p("Forty barrels came by ship.", note="2"),
            "<w:tbl>",
            row.format(_p("Month"), _p("Barrels")),
            row.format(_p("January"), _p("25")),
            row.format(_p("February"), _p("15")),
            "</w:tbl>",
            _p("Ice", "H2"),
            '<w:p><w:r><w:t xml:space="preserve">The bay was </w:t></w:r>'
            "<w:del><w:r><w:delText>closed</w:delText></w:r></w:del>"
            "<w:ins><w:r><w:t>frozen</w:t></w:r></w:ins><w:r><w:t>.</w:t></w:r></w:p>",
            _p("Summer", "H1"),
            _p("The walls were painted white."),
        )
    )
    make_docx(path, body, styles=styles, footnotes={"2": _p("And one was empty.")})


def _letter(path: Path) -> None:
    """DOCX: no heading at all; lists, a line break, a tab, a non-breaking hyphen."""
    styles = (
        '<w:style w:type="paragraph" w:styleId="Bullet"><w:name w:val="List Bullet"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    body = "".join(
        (
            "<w:p><w:r><w:t>Dear Mr. Gray,</w:t><w:br/><w:t>thank you for the oil.</w:t></w:r>"
            "</w:p>",
            _p("We still need:"),
            _p("two wicks", "Bullet"),
            _p("a bell rope", "Bullet"),
            "<w:p><w:r><w:t>Sum</w:t><w:tab/><w:t>12 pounds for a half</w:t><w:noBreakHyphen/>"
            "<w:t>year.</w:t></w:r></w:p>",
        )
    )
    make_docx(path, body, title="To Mr. Gray", styles=styles)


def _fiction(path: Path) -> None:
    """FB2 in a ZIP archive and in an old encoding: two parts, a poem, a table, a note."""
    make_fb2(
        path,
        "<title><p>Иван Петров</p><p>Маяк</p></title>"
        "<section><title><p>Часть первая</p></title><epigraph><p>Свет — это дорога.</p></epigraph>"
        "<section><title><p>1</p></title><p>Смотритель зажёг лампу<a l:href='#n1' type='note'>1</a>"
        " в сумерках.</p></section><section><title><p>2</p></title><poem><stanza><v>Волна идёт,</v>"
        "<v>огонь горит.</v></stanza></poem></section></section>"
        "<section><title><p>Часть вторая</p></title><p>Масло привезли осенью.</p>"
        "<table><tr><th>Год</th><th>Бочек</th></tr><tr><td>1871</td><td>40</td></tr></table>"
        "</section>",
        title="Маяк",
        info="<author><first-name>Иван</first-name><last-name>Петров</last-name></author>"
        "<annotation><p>Повесть о зиме на скале.</p></annotation><lang>ru</lang>",
        notes="<title><p>Примечания</p></title><section id='n1'><title><p>1</p></title>"
        "<p>В шесть часов.</p></section>",
        encoding="windows-1251",
    )


def _statement(path: Path) -> None:
    """CSV of a Russian bank: semicolons, an old encoding, lines before the table, an empty cell."""
    text = (
        "Выписка по счёту;40817\r\nВладелец;Иван Петров\r\n\r\n"
        "Дата;Назначение;Приход;Расход\r\n"
        '01.02.2024;"Масло; фитили";;1 250,50\r\n'
        '02.02.2024;"Жалованье\r\nза январь";30 000,00;\r\n'
        '03.02.2024;"Лавка ""У скалы""";;99,00\r\n'
    )
    path.write_bytes(text.encode("cp1251"))


def _workbook(path: Path) -> None:
    """Two sheets: dates, shares, prices, an empty column, a formula, a title over the table."""
    make_xlsx(
        path,
        {
            "Stores": [
                ["Stores of the tower"],
                [],
                ["Day", "Goods", None, "Share", "Price"],
                [date(1871, 2, 1) + timedelta(40_000), "Oil", None, '<c s="3"><v>0.155</v></c>',
                 '<c s="4"><v>1250.5</v></c>'],
                [None, "Wicks", None, None, '<c s="4"><f>E4*2</f><v>2501</v></c>'],
            ],
            "Keepers": [["Name", "Since"], ["J. Gray", 1871], ["A. Hill", 1874]],
        },
        formats=["0.0%", '#,##0.00\\ "£"'],
    )  # fmt: skip


def _open_sheet(path: Path) -> None:
    """OpenDocument: what cells show in German, an empty column, repeated cells."""
    cells = (
        ("Monat", "Fässer", "", "Anteil"), ("Januar", "1.250", "", "62,5 %"),
        ("Februar", "750", "", "37,5 %"),
    )  # fmt: skip
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>"
            if cell
            else "<table:table-cell/>"
            for cell in row
        )
        + '<table:table-cell table:number-columns-repeated="1020"/></table:table-row>'
        for row in cells
    )
    make_ods(path, {"Vorräte": rows})


def _mail(path: Path) -> None:
    """A mail in an old encoding: plain text and a page of it, an attachment, a forwarded mail."""
    inner = (
        "From: Keeper <keeper@example.org>\r\nTo: Store <store@example.org>\r\n"
        "Date: Wed, 31 Jan 2024 08:00:00 +0000\r\nSubject: Oil\r\n\r\nSend forty barrels.\r\n"
    )
    text = "Масло отправлено сегодня."
    koi8 = text.encode("koi8-r").decode("latin-1")
    path.write_bytes(
        (
            "Received: from a by b; Thu, 1 Feb 2024 12:30:06 +0300\r\n"
            "From: =?koi8-r?B?7MHXy8E=?= <store@example.org>\r\n"
            "To: Keeper <keeper@example.org>\r\nDate: Thu, 1 Feb 2024 12:30:05 +0300\r\n"
            "Subject: =?utf-8?Q?=D0=9C=D0=B0=D1=81=D0=BB=D0=BE?=\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed; boundary=m\r\n\r\n"
            "--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n"
            f"--a\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n{koi8}\r\n"
            "--a\r\nContent-Type: text/html\r\n\r\n<p>Not read.</p>\r\n--a--\r\n"
            "--m\r\nContent-Type: application/pdf; name=bill.pdf\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n"
            f"--m\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--m--\r\n"
        ).encode("latin-1")
    )


def _p(text: str, style: str = "", note: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    mark = f'<w:r><w:footnoteReference w:id="{note}"/></w:r>' if note else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r>{mark}</w:p>"


def _canvas(path: Path, title: str) -> Canvas:
    canvas = Canvas(str(path), pagesize=_PAGE, invariant=1)
    canvas.setTitle(title)
    return canvas


def _write(
    canvas: Canvas,
    lines: Lines,
    *,
    top: float = _TOP,
    left: float = _LEFT,
    size: float = 11,
    font: str = "Times-Roman",
) -> None:
    canvas.setFont(font, size)
    for number, line in enumerate(lines):
        canvas.drawString(left, top - number * _LEADING, line)


if __name__ == "__main__":
    main()
