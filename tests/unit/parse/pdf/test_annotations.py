"""What people typed upon a page, files that are attached, layers and forms that are not shown."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import CIDFont
from reportlab.pdfgen.canvas import Canvas

from mirage.errors import NoText, Unreadable
from mirage.model import MediaType, Parsed
from mirage.parse import parse


def writer(*texts: str) -> PdfWriter:
    """A PDF with one line of text per page."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=True)
    for text in texts:
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return PdfWriter(clone_from=PdfReader(buffer))


def read(path: Path, document: PdfWriter) -> Parsed:
    document.write(path)
    return parse(path, MediaType.PDF)


def text(path: Path, document: PdfWriter) -> str:
    return "\n\n".join(section.text for section in read(path, document).sections)


def annotate(
    document: PdfWriter, kind: str, contents: str, *, drawn: str = "", flags: int = 4
) -> None:
    entries = {
        "/Type": NameObject("/Annot"),
        "/Subtype": NameObject(kind),
        "/F": NumberObject(flags),
        "/Rect": ArrayObject([FloatObject(number) for number in (100, 600, 300, 620)]),
        "/Contents": TextStringObject(contents),
    }
    if drawn:
        entries["/AP"] = DictionaryObject({NameObject("/N"): form(document, drawn)})
    dictionary = DictionaryObject({NameObject(key): value for key, value in entries.items()})
    page = document.pages[0]
    annotations = page.setdefault(NameObject("/Annots"), ArrayObject())
    annotations.append(document._add_object(dictionary))


def form(document: PdfWriter, drawn: str) -> Any:
    stream = DecodedStreamObject()
    stream.set_data(f"BT /F1 10 Tf 2 5 Td ({drawn}) Tj ET".encode())
    box = ArrayObject([FloatObject(number) for number in (0, 0, 200, 20)])
    stream.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): box,
            NameObject("/Resources"): document.pages[0]["/Resources"],
        }
    )
    return document._add_object(stream)


@pytest.mark.parametrize(
    ("kind", "drawn", "expected"),
    [
        ("/FreeText", "Moved out in April", "Moved out in April"),
        ("/FreeText", "", "moved out"),
        ("/Stamp", "PAID", "PAID"),
        ("/Text", "", "[Note: moved out]"),
        ("/Highlight", "", "[Comment: moved out]"),
        ("/StrikeOut", "", "[Comment: moved out]"),
    ],
)
def test_what_is_typed_upon_a_page_is_read(
    tmp_path: Path, kind: str, drawn: str, expected: str
) -> None:
    document = writer("Printed words.")
    annotate(document, kind, "moved out", drawn=drawn)
    assert text(tmp_path / "a.pdf", document) == f"Printed words.\n\n{expected}"


def test_page_of_typed_text_alone_is_read(tmp_path: Path) -> None:
    document = writer("")
    annotate(document, "/FreeText", "moved out", drawn="Moved out in April")
    assert text(tmp_path / "a.pdf", document) == "Moved out in April"


@pytest.mark.parametrize("flags", [2, 32])
def test_hidden_note_is_left_out(tmp_path: Path, flags: int) -> None:
    document = writer("Printed words.")
    annotate(document, "/Text", "moved out", flags=flags)
    assert text(tmp_path / "a.pdf", document) == "Printed words."


def test_attached_files_are_named(tmp_path: Path) -> None:
    document = writer("See the list.")
    document.add_attachment("berths.csv", b"1,2")
    document.add_attachment("tariff.pdf", b"%PDF")
    assert read(tmp_path / "a.pdf", document).warnings == (
        "2 files (berths.csv, tariff.pdf) are attached to the PDF and not read: "
        "upload such files separately.",
    )


def make_layers(
    names: Sequence[str], off: Sequence[str], *, base: str = "/ON", within_form: bool = False
) -> PdfWriter:
    """A page that holds one line per layer, as marked content or as a form of its own."""
    document = writer("Shown to everybody.")
    page = document.pages[0]
    groups = {
        name: document._add_object(
            DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/OCG"),
                    NameObject("/Name"): TextStringObject(name),
                }
            )
        )
        for name in names
    }
    content = ""
    resources: Any = page["/Resources"]
    for at, (name, group) in enumerate(groups.items()):
        key = "/XObject" if within_form else "/Properties"
        known = resources.setdefault(NameObject(key), DictionaryObject())
        if within_form:
            drawn = form(document, f"Text of {name}")
            drawn.get_object()[NameObject("/OC")] = group
            known[NameObject(f"/L{at}")] = drawn
            content += f"q 1 0 0 1 72 {600 - 20 * at} cm /L{at} Do Q\n"
        else:
            known[NameObject(f"/L{at}")] = group
            draw = f"BT /F1 10 Tf 72 {600 - 20 * at} Td (Text of {name}) Tj ET"
            content += f"/OC /L{at} BDC {draw} EMC\n"
    stream = DecodedStreamObject()
    stream.set_data(content.encode())
    page[NameObject("/Contents")] = ArrayObject(
        [page.raw_get("/Contents"), document._add_object(stream)]
    )
    default = DictionaryObject(
        {
            NameObject("/BaseState"): NameObject(base),
            NameObject("/OFF"): ArrayObject([groups[name] for name in off]),
        }
    )
    document._root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject(groups.values()), NameObject("/D"): default}
    )
    return document


@pytest.mark.parametrize("within_form", [False, True])
def test_layer_that_is_off_is_left_out(tmp_path: Path, within_form: bool) -> None:
    document = make_layers(["draft", "final"], ["draft"], within_form=within_form)
    read_text = text(tmp_path / "a.pdf", document)
    assert "Shown to everybody." in read_text
    assert "Text of final" in read_text
    assert "draft" not in read_text


def test_layers_that_are_on_are_read(tmp_path: Path) -> None:
    read_text = text(tmp_path / "a.pdf", make_layers(["draft", "final"], []))
    assert "Text of draft" in read_text
    assert "Text of final" in read_text


def test_layers_may_be_off_unless_they_are_named(tmp_path: Path) -> None:
    document = make_layers(["draft"], [], base="/OFF")
    assert text(tmp_path / "a.pdf", document) == "Shown to everybody."


def make_xfa(*texts: str, needs_rendering: bool) -> PdfWriter:
    document = writer(*texts)
    stream = DecodedStreamObject()
    stream.set_data(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    fields = {
        NameObject("/Fields"): ArrayObject(),
        NameObject("/XFA"): document._add_object(stream),
    }
    document._root_object[NameObject("/AcroForm")] = DictionaryObject(fields)
    if needs_rendering:
        document._root_object[NameObject("/NeedsRendering")] = BooleanObject(True)
    return document


@pytest.mark.parametrize("needs_rendering", [True, False])
def test_shell_of_an_xfa_form_is_refused(
    tmp_path: Path, needs_rendering: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    document = make_xfa(
        "Please wait... If this message is not replaced, your viewer cannot show this form.",
        needs_rendering=needs_rendering,
    )
    with pytest.raises(Unreadable) as caught:
        read(tmp_path / "a.pdf", document)
    assert str(caught.value).startswith("The PDF is an XFA form.")
    assert capfd.readouterr().err == ""


def test_xfa_form_that_shows_its_pages_is_read(tmp_path: Path) -> None:
    document = make_xfa("Name of the boat", needs_rendering=False)
    assert text(tmp_path / "a.pdf", document) == "Name of the boat"


def test_page_of_height_zero_is_read(tmp_path: Path) -> None:
    document = writer("Outside.", "Inside.", "Inside too.")
    box = ArrayObject([FloatObject(number) for number in (700, 900, 1000, 1000)])
    document.pages[0][NameObject("/CropBox")] = box
    assert text(tmp_path / "a.pdf", document) == "Outside.\n\nInside.\n\nInside too."


def test_pages_whose_lines_repeat_hold_more_than_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), pagesize=(612, 792), invariant=True)
    for number in range(1, 6):
        canvas.drawString(72, 700, "Card")
        canvas.drawString(300, 40, str(number))
        canvas.showPage()
    canvas.save()
    assert parse(path, MediaType.PDF).warnings == ()


@pytest.mark.parametrize(("rules", "only_pictures"), [(4, False), (5, True)])
def test_page_of_a_few_rules_is_empty(tmp_path: Path, rules: int, only_pictures: bool) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), invariant=True)
    canvas.drawString(72, 700, "Text.")
    canvas.showPage()
    for at in range(rules):
        canvas.line(72, 100 + 10 * at, 500, 100 + 10 * at)
    canvas.showPage()
    canvas.save()
    expected = ("Page 2 contains only pictures, no text.",) if only_pictures else ()
    assert parse(path, MediaType.PDF).warnings == expected


def test_vertical_text_that_is_not_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    canvas = Canvas(str(path), invariant=True)
    pdfmetrics.registerFont(CIDFont("HeiseiMin-W3", "UniJIS-UCS2-V"))
    canvas.setFont("HeiseiMin-W3-UniJIS-UCS2-V", 12)
    canvas.drawString(300, 700, "港は毎朝".encode("utf-16-be").decode("latin-1"))
    canvas.save()
    with pytest.raises(NoText) as caught:
        parse(path, MediaType.PDF)
    assert str(caught.value).startswith("The text of page 1 cannot be read")
