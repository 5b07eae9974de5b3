"""Finds damaged PDF pages among those that show nothing.

pdfium skips content that it cannot decode. It offers no access to the content of a page, but it can
copy the content unchanged to another file, where this module looks at it.
"""

import base64
import binascii
import io
import re
import zlib

import pypdfium2 as pdfium

_MAX_COPIED_BYTES = 64 * 1024 * 1024  # guess: the copy of a blank page takes some kilobytes
_DECODED_BYTES = 64 * 1024  # Content that breaks later has drawn something before.

_CONTENTS = re.compile(rb"/Contents\s*(\[[^\]]*\]|\d+ \d+ R)")
_REFERENCE = re.compile(rb"(\d+) \d+ R")
_LENGTH = re.compile(rb"/Length (\d+)")
_FILTERS = re.compile(rb"/(ASCII85Decode|FlateDecode|\w+Decode)")


class DamageCheck:
    """Checks the pages of one document that show nothing."""

    def __init__(self, document: pdfium.PdfDocument) -> None:
        self._document = document
        self._copied_bytes = 0

    def is_damaged(self, index: int) -> bool:
        """Return whether the content of a page cannot be decoded.

        Also returns False once the pages checked before exceed `_MAX_COPIED_BYTES`.
        """
        if self._copied_bytes > _MAX_COPIED_BYTES:
            return False
        copy = io.BytesIO()
        try:
            with pdfium.PdfDocument.new() as single:
                single.import_pages(self._document, [index])
                single.save(copy)
        except pdfium.PdfiumError:
            return True
        content = copy.getvalue()
        self._copied_bytes += len(content)
        contents = _CONTENTS.search(content)
        numbers = _REFERENCE.findall(contents.group(1)) if contents else []
        return any(_is_broken(content, number) for number in numbers)


def _is_broken(content: bytes, number: bytes) -> bool:
    """Return whether a stream cannot be decoded. An unusual filter is not checked."""
    begin = content.find(b"\n" + number + b" 0 obj")
    start = content.find(b"stream\r\n", begin)
    if begin < 0 or start < 0:
        return True
    dictionary = content[begin:start]
    length = _LENGTH.search(dictionary)
    data = content[start + len(b"stream\r\n") :][: int(length.group(1)) if length else 0]
    try:
        for name in _FILTERS.findall(dictionary):
            if name == b"ASCII85Decode":
                data = base64.a85decode(data.strip().removesuffix(b"~>"))
            elif name == b"FlateDecode":
                data = zlib.decompressobj().decompress(data, _DECODED_BYTES)
            else:
                return False
    except (binascii.Error, ValueError, zlib.error):
        return True
    return False
