"""Formulas."""

from lxml import etree


def read_formula(math: etree._Element) -> str:
    """The symbols in a row; the markup's indentation says nothing."""
    for fence in math.iter("{*}mfenced"):
        fence.text = fence.get("open", "(")
        last = fence[-1] if len(fence) else None
        if last is None:
            fence.text += fence.get("close", ")")
        else:
            last.tail = fence.get("close", ")")
    return "".join("".join(map(str, math.itertext())).split())
