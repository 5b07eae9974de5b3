"""Builds HTML from elements, so that each text is escaped and each element is closed.

The result is well-formed XML as well.
"""

import re
from collections.abc import Iterable
from xml.etree.ElementTree import Element, tostring

# Characters that XML does not allow, even as references.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# A smaller change is zero in the three digits that are shown.
_SMALLEST_SHOWN = 0.0005

Child = Element | str


def element(name: str, *children: Child, **attributes: object) -> Element:
    """Return an element with its children; `class_` is the attribute `class`, `a_b` is `a-b`."""
    made = Element(
        name,
        {key.rstrip("_").replace("_", "-"): _text(str(value)) for key, value in attributes.items()},
    )
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif last is None:
            made.text = (made.text or "") + _text(child)
        else:
            last.tail = (last.tail or "") + _text(child)
    return made


def table(
    caption: str, header: Iterable[Child], rows: Iterable[Element], class_: str = ""
) -> Element:
    """Return a table that scrolls within the page if it is wide."""
    return element(
        "div",
        element(
            "table",
            element("caption", caption),
            element("thead", element("tr", *(element("th", name, scope="col") for name in header))),
            element("tbody", *rows),
        ),
        class_=f"scroll {class_}".strip(),
    )


def number_cell(number: str) -> Element:
    """Return a table cell with a number."""
    return element("td", number, class_="number")


def change_cell(change: float) -> Element:
    """Return a table cell with a signed change of a measure; its class is gain, loss or same."""
    if abs(change) < _SMALLEST_SHOWN:
        return element("td", "\N{PLUS-MINUS SIGN}0.000", class_="number same")
    shown = f"{change:+.3f}".replace("-", "\N{MINUS SIGN}")
    return element("td", shown, class_=f"number {'gain' if change > 0 else 'loss'}")


def write(made: Element) -> str:
    """Return the element as HTML without `<br>` and other elements that have no end tag."""
    return tostring(made, encoding="unicode", short_empty_elements=False)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
