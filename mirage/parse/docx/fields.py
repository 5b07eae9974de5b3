"""Reads the fields of a Word document: links, and what was chosen in a form."""

import re
from dataclasses import dataclass

from lxml import etree

from mirage.parse.docx.elements import attribute, is_on, number, setting

_LINK = re.compile(r'\s*HYPERLINK\s+"([^"\\]+)"', re.IGNORECASE)


@dataclass(slots=True)
class Field:
    """A field that began in a line: its code, and where its result begins."""

    place: int
    code: str = ""


def linked_address(code: str) -> str | None:
    """Return the address in the code of a field that is a link."""
    match = _LINK.match(code)
    return match.group(1) if match else None


def read_form_field(data: etree._Element) -> str:
    """Return the sign of a check box, or the choice of a list."""
    if (box := data.find("{*}checkBox")) is not None:
        chosen = "checked" if box.find("{*}checked") is not None else "default"
        return "☒" if is_on(box, chosen) else "☐"
    choices = [attribute(entry, "val") or "" for entry in data.iterfind("{*}ddList/{*}listEntry")]
    chosen_at = number(setting(data, "ddList/result") or setting(data, "ddList/default"), 0)
    return choices[chosen_at] if chosen_at < len(choices) else ""
