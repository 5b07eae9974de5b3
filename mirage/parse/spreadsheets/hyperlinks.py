"""Finds the addresses behind the cells of an Excel sheet, which stand after its rows."""

import re
from collections.abc import Mapping

from mirage.parse.links import address_to_add
from mirage.parse.relations import Relation
from mirage.parse.spreadsheets.merged import Readable

_LINK = re.compile(rb"<(?:\w{1,20}:)?hyperlink\s([^<>]{0,4000})>")
_CELL = re.compile(rb"\bref=[\"']([A-Z]{1,3})([0-9]{1,7})[:\"']")
_IDENTITY = re.compile(rb":id=[\"']([^\"']{1,100})[\"']")
_BLOCK = 1024 * 1024
_LONGEST = 4100  # Bytes of such an element.
_MAX_LINKS = 100_000  # guess

Places = dict[int, dict[str, str]]
"""Addresses by row, and by the letters of the column."""


def find_links(file: Readable, relations: Mapping[str, Relation]) -> Places:
    """Return the addresses of cells; of a link over several cells at the first one."""
    places: Places = {}
    found, before = 0, b""
    while found < _MAX_LINKS and (block := file.read(_BLOCK)):
        text = before + block
        end = 0
        for link in _LINK.finditer(text):
            end = link.end()
            cell, identity = _CELL.search(link[1]), _IDENTITY.search(link[1])
            relation = relations.get(identity[1].decode("utf-8", "replace")) if identity else None
            if cell and relation and relation.address:
                found += 1
                places.setdefault(int(cell[2]), {})[cell[1].decode()] = relation.address
        before = text[max(end, len(text) - _LONGEST) :]
    return places


def with_address(text: str, address: str) -> str:
    """Return the text of a cell with the address behind it, unless it says the address itself."""
    added = address_to_add(address, text)
    return f"{text} ({added})".strip() if added else text
