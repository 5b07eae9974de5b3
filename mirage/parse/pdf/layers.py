"""Finds the layers of a PDF that are off, and removes what they hold from a page.

pdfium extracts the text of all layers. It says neither which layers are off nor which objects other
than marked content belong to a layer, but it can write the document in a uniform way, which this
module reads.
"""

import ctypes
import io
import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.pdf.objects import Reference, read_objects, resolve

_MAX_COPIED_BYTES = 64 * 1024 * 1024  # guess: the copy is kept in memory
_MAX_DECODED_BYTES = 32 * 1024 * 1024  # guess: objects of a catalog take some kilobytes
_MAX_NAME_BYTES = 4096
_MAX_DEPTH = 8
_SUBTYPE = re.compile(rb"/Subtype\s*/Form\b")

_LAYERS = b"/OCProperties"
_OBJECT_STREAM = re.compile(rb"/ObjStm")
_STREAM = re.compile(rb"stream\r?\n")


@dataclass(frozen=True, slots=True)
class Layers:
    """The names of layers that are off, and whether groups of layers (OCMD) are.

    `document`: a copy without the objects that belong to such a layer as a whole, if there are any.
    """

    names: frozenset[str]
    groups: bool
    document: pdfium.PdfDocument | None = None


def find_hidden(path: Path, document: pdfium.PdfDocument) -> Layers | None:
    """Return the layers that are off; None if there are none."""
    if not _may_have_layers(path) or path.stat().st_size > _MAX_COPIED_BYTES:
        return None
    buffer = io.BytesIO()
    try:
        document.save(buffer, flags=pdfium_c.FPDF_REMOVE_SECURITY)
    except pdfium.PdfiumError:
        return None
    copy = buffer.getvalue()
    objects = read_objects(copy)
    catalog = next((o for o, _ in objects.values() if _is(o, "Catalog")), None)
    properties = resolve(objects, (catalog or {}).get("OCProperties"))
    if not isinstance(properties, dict):
        return None
    off = _off(objects, properties)
    if not off:
        return None
    groups = {number: o for number, (o, _) in objects.items() if _is(o, "OCG")}
    names = {number: _text(group.get("Name")) for number, group in groups.items()}
    shown = {name for number, name in names.items() if number not in off}
    verdicts = {
        number: _is_group_off(objects, o, off)
        for number, (o, _) in objects.items()
        if _is(o, "OCMD")
    }
    hidden = frozenset(name for number, name in names.items() if number in off) - shown
    off_groups = {number for number, is_off in verdicts.items() if is_off}
    return Layers(
        hidden,
        bool(verdicts) and all(verdicts.values()),
        _without_forms(copy, objects, off | off_groups),
    )


def remove_hidden(page: pdfium.PdfPage, layers: Layers) -> None:
    """Remove the marked content of layers that are off from a page."""
    objects = [
        pdfium_c.FPDFPage_GetObject(page, at) for at in range(pdfium_c.FPDFPage_CountObjects(page))
    ]
    for drawn in objects:
        if _is_hidden(drawn, layers):
            pdfium_c.FPDFPage_RemoveObject(page, drawn)
            pdfium_c.FPDFPageObj_Destroy(drawn)
        else:
            _remove_within(drawn, layers, 0)


def _remove_within(form: Any, layers: Layers, depth: int) -> None:
    is_form = pdfium_c.FPDFPageObj_GetType(form) == pdfium_c.FPDF_PAGEOBJ_FORM
    if not is_form or depth > _MAX_DEPTH:
        return
    count = pdfium_c.FPDFFormObj_CountObjects(form)
    for drawn in [pdfium_c.FPDFFormObj_GetObject(form, at) for at in range(count)]:
        if _is_hidden(drawn, layers):
            pdfium_c.FPDFFormObj_RemoveObject(form, drawn)
            pdfium_c.FPDFPageObj_Destroy(drawn)
        else:
            _remove_within(drawn, layers, depth + 1)


def _is_hidden(drawn: Any, layers: Layers) -> bool:
    for at in range(pdfium_c.FPDFPageObj_CountMarks(drawn)):
        mark = pdfium_c.FPDFPageObj_GetMark(drawn, at)
        if _mark_text(pdfium_c.FPDFPageObjMark_GetName, mark) != "OC":
            continue
        name = _mark_text(pdfium_c.FPDFPageObjMark_GetParamStringValue, mark, b"Name")
        if name in layers.names or (not name and layers.groups):
            return True
    return False


def _mark_text(function: Any, *arguments: Any) -> str:
    buffer = (ctypes.c_ushort * (_MAX_NAME_BYTES // 2))()
    length = ctypes.c_ulong()
    if not function(*arguments, buffer, _MAX_NAME_BYTES, length):
        return ""
    return (
        bytes(buffer)[: min(length.value, _MAX_NAME_BYTES)]
        .decode("utf-16-le", "replace")
        .rstrip("\0")
    )


def _may_have_layers(path: Path) -> bool:
    """Return whether the file names layers, in plain bytes or in a compressed group of objects."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(_LAYERS) >= 0:
            return True
        if content.find(b"/Encrypt") >= 0:
            return content.find(b"/ObjStm") >= 0
        left = _MAX_DECODED_BYTES
        for match in _OBJECT_STREAM.finditer(content):
            stream = _STREAM.search(content, match.end(), match.end() + 512)
            if stream is None or left <= 0:
                continue
            decoder = zlib.decompressobj()
            try:
                decoded = decoder.decompress(content[stream.end() : stream.end() + left], left)
            except zlib.error:
                continue
            left -= len(decoded)
            if _LAYERS in decoded:
                return True
    return False


def _off(objects: Any, properties: dict[str, Any]) -> set[int]:
    """Return the numbers of the layers that the default configuration switches off."""
    default = resolve(objects, properties.get("D")) or {}
    every = set(_references(objects, properties.get("OCGs")))
    off = set(every) if default.get("BaseState") == "/OFF" else set()
    off -= set(_references(objects, default.get("ON")))
    off |= set(_references(objects, default.get("OFF")))
    for reference in resolve(objects, default.get("AS")) or ():
        usage = resolve(objects, reference)
        if isinstance(usage, dict) and usage.get("Event") == "/View":
            for number in _references(objects, usage.get("OCGs")):
                state = _view_state(objects, number)
                off = off | {number} if state == "/OFF" else off - {number} if state else off
    return off


def _view_state(objects: Any, number: int) -> str | None:
    group = resolve(objects, Reference(number))
    usage = resolve(objects, group.get("Usage")) if isinstance(group, dict) else None
    view = resolve(objects, usage.get("View")) if isinstance(usage, dict) else None
    return view.get("ViewState") if isinstance(view, dict) else None


def _references(objects: Any, value: Any) -> Iterator[int]:
    if isinstance(value, Reference):
        inner = resolve(objects, value)
        if not isinstance(inner, list):
            yield value.number
            return
        value = inner
    if isinstance(value, list):
        yield from (item.number for item in value if isinstance(item, Reference))


def _is_group_off(objects: Any, group: dict[str, Any], off: set[int]) -> bool:
    """Return whether a membership dictionary (ISO 32000-1, 8.11.2.2) hides its content."""
    states = [number not in off for number in _references(objects, group.get("OCGs"))]
    if not states or "VE" in group:
        return False
    visible = {
        "/AllOn": all(states),
        "/AnyOff": not all(states),
        "/AllOff": not any(states),
    }.get(str(group.get("P")), any(states))
    return not visible


def _without_forms(copy: bytes, objects: Any, off: set[int]) -> pdfium.PdfDocument | None:
    """Return the document without the forms that belong to layers that are off, if it has any."""
    edited = bytearray(copy)
    for content, (begin, end) in objects.values():
        layer = content.get("OC") if isinstance(content, dict) else None
        if isinstance(layer, Reference) and layer.number in off:
            subtype = _SUBTYPE.search(copy, begin, end)
            if subtype:
                edited[subtype.end() - 4 : subtype.end()] = b"None"
    if edited == copy:
        return None
    try:
        return pdfium.PdfDocument(bytes(edited))
    except pdfium.PdfiumError:
        return None


def _is(content: Any, kind: str) -> bool:
    return isinstance(content, dict) and content.get("Type") == f"/{kind}"


def _text(value: Any) -> str:
    if not isinstance(value, bytes):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("utf-8" if value.startswith(b"\xef\xbb\xbf") else "latin-1", "replace")
