"""Builds HTML from elements, so that each text is escaped and each element is closed.

The result is well-formed XML as well.
"""

import re
from xml.etree.ElementTree import Element, tostring

# Characters that XML does not allow, even as references.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

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


def write(made: Element) -> str:
    """Return the element as HTML without `<br>` and other elements that have no end tag."""
    return tostring(made, encoding="unicode", short_empty_elements=False)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
