"""Reads the fields of a Word document: what was chosen in a form."""

from dataclasses import dataclass

from lxml import etree

from mirage.parse.docx.elements import attribute, is_on, number, setting


@dataclass(slots=True)
class Field:
    """A field that began in a line: its code, and where its result begins."""

    place: int
    code: str = ""


def read_form_field(data: etree._Element) -> str:
    """Return the sign of a check box, or the choice of a list."""
    if (box := data.find("{*}checkBox")) is not None:
        chosen = "checked" if box.find("{*}checked") is not None else "default"
        return "☒" if is_on(box, chosen) else "☐"
    choices = [attribute(entry, "val") or "" for entry in data.iterfind("{*}ddList/{*}listEntry")]
    chosen_at = number(setting(data, "ddList/result") or setting(data, "ddList/default"), 0)
    return choices[chosen_at] if chosen_at < len(choices) else ""
