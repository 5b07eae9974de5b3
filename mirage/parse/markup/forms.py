"""Writes what a form is filled in with as text, as its reader sees it."""

from lxml import etree

from mirage.parse.characters.cleaning import one_line

_TYPED = frozenset(
    ("", "text", "number", "date", "datetime-local", "time", "month", "week", "email", "tel", "url")
)
_BOXES = frozenset(("checkbox", "radio"))
_FORMS = frozenset(("form", "table", "fieldset"))


def write_form_fields(root: etree._Element) -> None:
    """Replace filled-in fields of forms and tables by their values.

    Menus of a page, such as the choice of its language, are outside of them. Hidden fields and
    passwords are left out.
    """
    for element in list(root.iter("input", "select")):
        text = _chosen(element) if element.tag == "select" else _value(element)
        if not text or not any(around.tag in _FORMS for around in element.iterancestors()):
            continue
        tail = element.tail
        element.clear()
        element.tag, element.tail = "span", f" {tail or ''}"
        element.text = f" {text}"


def _value(field: etree._Element) -> str:
    kind = field.get("type", "").strip().lower()
    if kind in _BOXES:
        return "☒" if field.get("checked") is not None else "☐"
    return one_line(field.get("value") or "") if kind in _TYPED else ""


def _chosen(menu: etree._Element) -> str:
    options = (option for option in menu.iter("option") if option.get("selected") is not None)
    return ", ".join(filter(None, (one_line("".join(map(str, o.itertext()))) for o in options)))
